package cowfs.fs;

import cowfs.dir.DirectoryReader;
import cowfs.dir.Dirents;
import cowfs.dir.Entry;
import cowfs.dir.InodeRefs;
import cowfs.dir.Names;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.NameHash;
import cowfs.inode.AccessLists;
import cowfs.inode.FileContent;
import cowfs.inode.Inode;
import cowfs.inode.InodeLocks;
import cowfs.inode.InodeRemoval;
import cowfs.inode.Inodes;
import cowfs.inode.Privileges;
import cowfs.inode.Xattrs;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import cowfs.txn.PoolStatus;
import cowfs.txn.TreeLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;

/// The files of one file tree: composes names, inodes and content into the operations of a {@link
/// Volume}.
///
/// There is one of these for each tree that is in use, however many mounts show it, because it
/// counts the holds. Access times change only when someone sets them: reading must not write.
///
/// Thread safe.
public final class TreeVolume implements Volume {
    private final FileTree tree;
    private final Inodes inodes;
    private final FileContent content;
    private final Xattrs xattrs;
    private final AccessLists accessLists;
    private final Privileges privileges;
    private final Dirents dirents;
    private final InodeRefs refs;
    private final Children children;
    private final DirectoryReader reader;
    private final AttributeReader attributeReader;
    private final Orphans orphans;
    private final Links links;
    private final Renames renames;

    public TreeVolume(FileTree tree, Clock clock) {
        this.tree = tree;
        NameHash hash = new NameHash(tree.nameSeed());
        InodeLocks locks = new InodeLocks();
        inodes = new Inodes(tree, clock);
        xattrs = new Xattrs(tree, inodes, hash);
        accessLists = new AccessLists(tree, inodes, xattrs);
        privileges = new Privileges(xattrs, accessLists);
        content = new FileContent(tree, inodes, locks, privileges);
        dirents = new Dirents(tree, hash);
        refs = new InodeRefs(tree, hash);
        children = new Children(tree, inodes, refs);
        reader = new DirectoryReader(tree, dirents);
        attributeReader = new AttributeReader(tree, inodes, dirents, refs, children);
        orphans = new Orphans(tree, inodes, new InodeRemoval(tree, inodes, locks));
        links = new Links(tree, inodes, accessLists, content, dirents, refs, orphans);
        renames = new Renames(tree, inodes, dirents, refs, links, orphans);
    }

    /// Whether this is about the tree as it is open now, and not about one that was replaced.
    public boolean isOf(FileTree open) {
        return tree == open;
    }

    /// Puts the root directory into an empty tree: one item change.
    ///
    /// @param start type and permissions, owner and group of the root directory
    public static Attributes initialise(Change change, NewInode start, Timestamp now)
            throws IOException {
        Inode root = Inode.start(ROOT_INODE, start, change.txg(), now);
        root.setLinkCount(2);
        root.putNew(change);
        return root.attributes();
    }

    /// Tries again to remove inodes without a name whose removal has failed, on a full image for
    /// instance.
    public void removeWaitingOrphans() {
        orphans.removeWaiting();
    }

    /// Removes the inodes without a name that a crash left, or that the tree had when it was
    /// cloned. To be called when a live tree is first opened for writing.
    public void recoverOrphans() throws IOException {
        requireWritable();
        orphans.recover();
    }

    @Override
    public String name() {
        return tree.name();
    }

    @Override
    public long treeId() {
        return tree.id();
    }

    @Override
    public boolean readOnly() {
        return tree.readOnly();
    }

    @Override
    public Attributes lookup(long directory, byte[] name) throws IOException {
        Names.require(name);
        return tree.read(
                items -> {
                    Entry entry = dirents.find(items, directory, name);
                    if (entry.exists()) {
                        return children.get(
                                items,
                                items.cursor(),
                                directory,
                                name,
                                entry.child(),
                                entry.type());
                    }
                    if (!inodes.getAttributes(items, directory).isDirectory()) {
                        throw notADirectory(directory);
                    }
                    throw dirents.absent(directory, name);
                });
    }

    @Override
    public Attributes getAttributes(long inode) throws IOException {
        return tree.read(items -> inodes.getAttributes(items, inode));
    }

    @Override
    public Attributes setAttributes(long inode, AttributeChange edit) throws IOException {
        requireWritable();
        Long sizeBytes = edit.sizeBytes();
        if (sizeBytes != null) {
            return content.resize(inode, sizeBytes, edit);
        }
        Timestamp now = inodes.now();
        return tree.change(
                3,
                change -> {
                    Inode target = inodes.get(change.tree(), inode);
                    target.requireAllowed(edit);
                    privileges.apply(change, target, edit, now);
                    target.put(change);
                    return target.attributes();
                });
    }

    @Override
    public Attributes create(long directory, byte[] name, NewInode start) throws IOException {
        requireWritable();
        return links.create(directory, name, start);
    }

    @Override
    public Attributes createUnlinked(long directory, NewInode start) throws IOException {
        requireWritable();
        return links.createUnlinked(directory, start);
    }

    @Override
    public Attributes symlink(long directory, byte[] name, byte[] target, NewInode start)
            throws IOException {
        requireWritable();
        return links.symlink(directory, name, target, start);
    }

    @Override
    public byte[] readLink(long inode) throws IOException {
        Attributes attributes = getAttributes(inode);
        if (!attributes.isSymlink()) {
            throw new RequestException(
                    ErrorKind.INVALID, "inode " + inode + " of " + name() + " is not a symlink");
        }
        return content.readTarget(inode, attributes.sizeBytes());
    }

    @Override
    public Attributes link(long inode, long directory, byte[] name) throws IOException {
        requireWritable();
        return links.link(inode, directory, name);
    }

    @Override
    public void unlink(long directory, byte[] name) throws IOException {
        requireWritable();
        links.unlink(directory, name);
    }

    @Override
    public void removeDirectory(long directory, byte[] name) throws IOException {
        requireWritable();
        links.removeDirectory(directory, name);
    }

    @Override
    public void rename(
            long directory, byte[] name, long newDirectory, byte[] newName, RenameMode mode)
            throws IOException {
        requireWritable();
        renames.rename(directory, name, newDirectory, newName, mode, null);
    }

    @Override
    public void renameLeavingWhiteout(
            long directory,
            byte[] name,
            long newDirectory,
            byte[] newName,
            RenameMode mode,
            int uid,
            int gid)
            throws IOException {
        requireWritable();
        NewInode whiteout = new NewInode(Attributes.CHARACTER_DEVICE, uid, gid, 0);
        renames.rename(directory, name, newDirectory, newName, mode, whiteout);
    }

    @Override
    public void readDirectory(long directory, long cookie, DirectoryVisitor visitor)
            throws IOException {
        Attributes attributes = getAttributes(directory);
        if (!attributes.isDirectory()) {
            throw notADirectory(directory);
        }
        // A removed directory has no entries, not even . and ..
        if (attributes.linkCount() > 0) {
            long parent = cookie < DirectoryReader.PARENT_COOKIE ? getParent(directory) : 0;
            reader.read(directory, parent, cookie, visitor);
        }
    }

    @Override
    public void readDirectoryWithAttributes(
            long directory, long cookie, int expected, AttributeVisitor visitor)
            throws IOException {
        attributeReader.read(directory, cookie, expected, visitor);
    }

    @Override
    public long getParent(long directory) throws IOException {
        return tree.read(
                items -> {
                    if (!inodes.getAttributes(items, directory).isDirectory()) {
                        throw notADirectory(directory);
                    }
                    return refs.getParent(items, directory);
                });
    }

    @Override
    public int read(long inode, long offset, ByteBuffer target) throws IOException {
        return content.read(inode, offset, target);
    }

    @Override
    public void write(long inode, long offset, ByteBuffer source, SetIdBits bits)
            throws IOException {
        requireWritable();
        content.write(inode, offset, source, bits);
    }

    @Override
    public void allocate(
            long inode, AllocateMode mode, long offset, long lengthBytes, SetIdBits bits)
            throws IOException {
        requireWritable();
        content.allocate(inode, mode, offset, lengthBytes, bits);
    }

    @Override
    public long copyRange(
            Volume source,
            long sourceInode,
            long sourceOffset,
            long inode,
            long offset,
            long lengthBytes,
            SetIdBits bits)
            throws IOException {
        requireWritable();
        TreeVolume from = sharing(source);
        return content.copyRange(
                from.content, sourceInode, sourceOffset, inode, offset, lengthBytes, bits);
    }

    @Override
    public void cloneFile(Volume source, long sourceInode, long inode, SetIdBits bits)
            throws IOException {
        requireWritable();
        TreeVolume from = sharing(source);
        if (from == this && sourceInode == inode) {
            throw new RequestException(ErrorKind.INVALID, "a file can't be cloned onto itself");
        }
        content.cloneFile(from.content, sourceInode, inode, bits);
    }

    /// What a copy may share blocks with.
    private TreeVolume sharing(Volume source) throws RequestException {
        if (source instanceof TreeVolume from && tree.canShareWith(from.tree)) {
            if (from.tree == tree || from.tree.readOnly()) {
                return from;
            }
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "'"
                            + source.name()
                            + "' can change meanwhile: take a snapshot of it and copy from that");
        }
        throw new RequestException(
                ErrorKind.UNSUPPORTED, "'" + source.name() + "' is not of this pool");
    }

    @Override
    public long seek(long inode, long offset, SeekTarget what) throws IOException {
        return content.seek(inode, offset, what);
    }

    @Override
    public byte[] getXattr(long inode, byte[] name) throws IOException {
        return xattrs.get(inode, name);
    }

    @Override
    public void setXattr(long inode, byte[] name, byte[] value, XattrMode mode, SetIdBits bits)
            throws IOException {
        requireWritable();
        if (AccessLists.isAccessList(name)) {
            accessLists.set(inode, name, value, mode, bits);
            return;
        }
        xattrs.set(inode, name, value, mode);
    }

    @Override
    public List<byte[]> listXattrs(long inode) throws IOException {
        return xattrs.list(inode);
    }

    @Override
    public void removeXattr(long inode, byte[] name) throws IOException {
        requireWritable();
        xattrs.remove(inode, name);
    }

    @Override
    public void hold(long inode) throws IOException {
        orphans.hold(inode);
    }

    @Override
    public void release(long inode, long count) throws IOException {
        orphans.release(inode, count);
    }

    @Override
    public void fsync(long inode, boolean dataOnly) throws IOException {
        if (!tree.readOnly()) {
            tree.sync();
        }
    }

    /// Counts inodes, and estimates how many more fit: `docs/decisions/0008-inodes-in-statfs.md`.
    @Override
    public VolumeStatus status() throws IOException {
        PoolStatus pool = tree.poolStatus();
        TreeLimits limits = tree.limits();
        long total = pool.blockCount();
        long unused = pool.blockCount() - pool.usedBlockCount();
        long free = pool.freeBlockCount();
        if (limits.limitsBytes()) {
            total = Math.min(total, limits.maxBytes() >>> Blocks.SHIFT);
            long left = Math.max(0, limits.maxBytes() - tree.referencedBytes()) >>> Blocks.SHIFT;
            unused = Math.min(unused, left);
            free = Math.min(free, left);
        }
        long inodes = tree.inodeCount();
        long freeInodes = pool.freeInodeEstimate();
        if (limits.limitsInodes()) {
            freeInodes = Math.clamp(limits.maxInodes() - inodes, 0, freeInodes);
        }
        return new VolumeStatus(total, unused, free, inodes, freeInodes);
    }

    private RequestException notADirectory(long inode) {
        return new RequestException(
                ErrorKind.NOT_A_DIRECTORY,
                "inode " + inode + " of " + name() + " is not a directory");
    }

    private void requireWritable() throws RequestException {
        if (tree.readOnly()) {
            throw new RequestException(ErrorKind.READ_ONLY, name() + " is read-only");
        }
    }
}
