package cowfs.fuse.operation;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.function.LongConsumer;

/// The operations of one mount by node id, by what they are about: the files of the mounted ref,
/// and below the virtual directory `.snapshots` in its root those of its snapshots.
///
/// `.snapshots` can be entered by name and is not listed, as `.zfs` in ZFS, so that `cp -a`, `rm
/// -r`, `diff -r` and `rsync` of the mount leave the snapshots alone. The name is taken: nothing
/// else in the root can have it.
///
/// Thread safe. Failures become errors by {@link Errno#of(Throwable)}.
public final class Operations implements AutoCloseable {
    private final ServedTrees trees;
    private final KnownNodes known;
    private final NameOperations names;
    private final ListingOperations listings;
    private final AttributeOperations attributes;
    private final XattrOperations xattrs;
    private final OpenOperations opens;
    private final ContentOperations content;

    /// For a transport whose kernel side does not check access control lists.
    public Operations(Pool pool, PoolOperations operations, Volume volume) {
        this(pool, operations, volume, false);
    }

    /// @param volume the mounted ref's files
    /// @param operations how snapshots are taken and deleted: behind the barrier of this mount
    /// @param accessLists whether the kernel checks access control lists (`FUSE_POSIX_ACL`): else
    ///   they are neither shown nor taken
    public Operations(Pool pool, PoolOperations operations, Volume volume, boolean accessLists) {
        trees = new ServedTrees(pool, operations, volume);
        known = new KnownNodes(trees::mounted);
        names = new NameOperations(trees, known);
        attributes = new AttributeOperations(trees);
        listings = new ListingOperations(trees, known, attributes);
        xattrs = new XattrOperations(trees, accessLists);
        opens = new OpenOperations(trees, names, attributes);
        content = new ContentOperations(trees);
    }

    public NameOperations names() {
        return names;
    }

    public ListingOperations listings() {
        return listings;
    }

    public AttributeOperations attributes() {
        return attributes;
    }

    public XattrOperations xattrs() {
        return xattrs;
    }

    public OpenOperations opens() {
        return opens;
    }

    public ContentOperations content() {
        return content;
    }

    /// How full the pool is.
    public Volume.VolumeStatus status() throws IOException {
        return trees.mounted().volume().status();
    }

    /// The whole content of the mounted subvolume has been replaced by another.
    public void contentReplaced() {
        known.contentReplaced();
    }

    /// The mounted subvolume has been given another content, with another volume. No request is
    /// under way that was taken before.
    public void replaceContent(Volume volume) {
        trees.replaceMounted(volume);
        known.contentReplaced();
    }

    /// Shows each node of the mounted subvolume that the kernel knows; what it learns or forgets
    /// meanwhile may be among them or not.
    public void forEachKnown(LongConsumer visitor) {
        known.forEach(visitor);
    }

    /// A snapshot has another content; what the kernel knows of it is stale until it is looked up
    /// anew.
    public void snapshotReplaced(long treeId) {
        trees.snapshots().forget(treeId);
    }

    /// Ends the mount: the kernel asks for nothing any more, so what has no name goes.
    @Override
    public void close() throws IOException {
        known.releaseAll();
    }
}
