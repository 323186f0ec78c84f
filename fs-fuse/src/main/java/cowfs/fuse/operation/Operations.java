package cowfs.fuse.operation;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.InodeFlags;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The operations of one mount by node id: the files of the mounted ref, and below the virtual
/// directory `.snapshots` in its root those of its snapshots.
///
/// `.snapshots` can be entered by name and is not listed, as `.zfs` in ZFS, so that `cp -a`, `rm
/// -r`, `diff -r` and `rsync` of the mount leave the snapshots alone. The name is taken: nothing
/// else in the root can have it.
///
/// **Lookup counts.** Every call that returns a {@link Node}, except {@link #getAttributes} and
/// {@link #setAttributes}, counts as one lookup, until {@link #forget} takes it back. An inode that
/// loses its last name while its count is above zero is held in the engine until the kernel forgets
/// it; the kernel does not forget what is open, mapped or somebody's working directory, so opens
/// need no count of their own.
///
/// **Snapshots** wait for the kernel to hand over what was written before: see {@link #mayWait}.
///
/// Thread safe. Failures become errors by {@link Errno#of(Throwable)}.
public final class Operations implements AutoCloseable {
    /// Nothing but this mount changes its tree, so what the kernel knows of it stays true.
    /// Attributes are asked again now and then for the sake of the allocated size, which a commit
    /// may still change.
    private static final double ENTRY_SECONDS = 3600;

    private static final double ATTRIBUTE_SECONDS = 60;

    /// Snapshots come and go by command too.
    private static final double VIRTUAL_SECONDS = 0;

    /// Two ticks of the clock that the kernel takes times from, and the way of an answer.
    private static final Duration SAME_CHANGE = Duration.ofMillis(10);

    private static final int SET_ID_BITS = 06000;

    private static final byte[] SYSTEM_XATTR = "system.".getBytes(StandardCharsets.UTF_8);

    /// The namespaces of extended attributes that Linux knows, without `system.`: see {@link
    /// #requireStorable}.
    private static final List<byte[]> XATTR_NAMESPACES =
            Stream.of("user.", "trusted.", "security.")
                    .map(namespace -> namespace.getBytes(StandardCharsets.UTF_8))
                    .toList();

    private final boolean accessLists;
    private final Tree mounted;
    private final SnapshotDirectory snapshots;
    private final KnownNodes known;
    private final OpenWriters writers = new OpenWriters();

    /// For a transport whose kernel side does not check access control lists.
    public Operations(Pool pool, PoolOperations operations, Volume volume) {
        this(pool, operations, volume, false);
    }

    /// @param volume the mounted ref's files
    /// @param operations how snapshots are taken and deleted: behind the barrier of this mount
    /// @param accessLists whether the kernel checks access control lists (`FUSE_POSIX_ACL`): else
    ///   they are neither shown nor taken
    public Operations(Pool pool, PoolOperations operations, Volume volume, boolean accessLists) {
        this.accessLists = accessLists;
        this.mounted = new Tree(0, volume);
        this.known = new KnownNodes(mounted);
        this.snapshots = new SnapshotDirectory(pool, operations, volume);
    }

    /// Whether making or removing a directory here may take long and need other requests to be
    /// served meanwhile. A transport hands such a request to a thread that serves no others.
    public boolean mayWait(long parent) {
        return parent == NodeId.SNAPSHOTS;
    }

    /// Who has files open for writing.
    public OpenWriters writers() {
        return writers;
    }

    /// What a name stands for, or null. The kernel itself asks for `.` and `..` only to make sense
    /// of a file handle, as NFS has them.
    public @Nullable Node lookup(long parent, byte[] name) throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            Tree tree = snapshots.lookup(name);
            return tree == null ? null : known.counted(root(tree));
        }
        if (isSnapshotDirectory(parent, name)) {
            return known.counted(snapshotDirectory());
        }
        Tree tree = tree(parent);
        long directory = NodeId.inode(parent);
        Attributes found =
                isDot(name)
                        ? tree.volume().getAttributes(directory)
                        : isDotDot(name)
                                ? tree.volume().getAttributes(tree.volume().getParent(directory))
                                : lookup(tree, directory, name);
        return found == null ? null : known.counted(node(tree, found));
    }

    /// How long the kernel may believe that a name does not exist.
    public double missingSeconds(long parent) {
        return parent == NodeId.SNAPSHOTS ? VIRTUAL_SECONDS : ENTRY_SECONDS;
    }

    /// Takes back lookups; what has no name and no lookup left is gone.
    public void forget(long node, long count) throws IOException {
        if (count > 0) {
            known.forget(node, count);
        }
    }

    public Node getAttributes(long node) throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            return snapshotDirectory();
        }
        Tree tree = tree(node);
        return node(tree, tree.volume().getAttributes(NodeId.inode(node)));
    }

    public Node setAttributes(long node, AttributeChange change) throws IOException {
        Tree tree = writableTree(node);
        return node(tree, tree.volume().setAttributes(NodeId.inode(node), change));
    }

    /// Takes over the times of a file that the kernel keeps itself (writeback cache).
    ///
    /// The kernel sends them after each rename and removal too, where only the change time is new
    /// and the operation itself has just set it; nothing is changed then. A modification time is
    /// always taken over as it is: programs compare it.
    public Node keepTimes(long node, Timestamp modified, Timestamp changed) throws IOException {
        Node now = getAttributes(node);
        Timestamp known = now.attributes().changed();
        boolean isKnown =
                now.attributes().modified().equals(modified)
                        && Duration.between(known.toInstant(), changed.toInstant())
                                        .compareTo(SAME_CHANGE)
                                < 0;
        return isKnown ? now : setAttributes(node, AttributeChange.ofTimes(null, modified));
    }

    public byte[] readLink(long node) throws IOException {
        return tree(node).volume().readLink(NodeId.inode(node));
    }

    /// Makes a file of any type but a symlink; in `.snapshots` a directory is a snapshot.
    public Node create(long parent, byte[] name, int mode, long device, Caller caller)
            throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            if ((mode & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
                throw notInSnapshots();
            }
            return known.counted(root(snapshots.take(name)));
        }
        requireFree(parent, name);
        Tree tree = writableTree(parent);
        NewInode start = owned(tree, parent, mode, device, caller);
        return known.counted(node(tree, tree.volume().create(NodeId.inode(parent), name, start)));
    }

    /// Makes a regular file without a name, as `O_TMPFILE` does; {@link #link} may give it one.
    public Node createUnlinked(long parent, int mode, Caller caller) throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            throw notInSnapshots();
        }
        Tree tree = writableTree(parent);
        NewInode start = owned(tree, parent, mode, 0, caller);
        Attributes made = tree.volume().createUnlinked(NodeId.inode(parent), start);
        return known.countedNameless(node(tree, made));
    }

    /// Makes and opens a regular file. What has the name already is opened, unless it must be new:
    /// the kernel asks for creation when it believes that the name is free.
    public Node createAndOpen(
            long parent, byte[] name, int mode, Caller caller, Opening opening, boolean mustBeNew)
            throws IOException {
        Node made;
        Opening how = opening.ofNew();
        try {
            made = create(parent, name, mode, 0, caller);
        } catch (CowException e) {
            if (e.kind() != ErrorKind.EXISTS || mustBeNew) {
                throw e;
            }
            Node found = lookup(parent, name);
            if (found == null) {
                throw e;
            }
            made = found;
            how = opening;
        }
        openCounted(made, how);
        return made;
    }

    /// Makes and opens a regular file without a name.
    public Node createUnlinkedAndOpen(long parent, int mode, Caller caller, Opening opening)
            throws IOException {
        Node made = createUnlinked(parent, mode, caller);
        openCounted(made, opening.ofNew());
        return made;
    }

    /// Opens what has just been counted as looked up, or takes that back.
    private void openCounted(Node node, Opening how) throws IOException {
        try {
            open(node.id(), how);
        } catch (IOException e) {
            forget(node.id(), 1);
            throw e;
        }
    }

    public Node symlink(long parent, byte[] name, byte[] target, Caller caller) throws IOException {
        requireFree(parent, name);
        Tree tree = writableTree(parent);
        NewInode start = owned(tree, parent, Attributes.SYMLINK | 0777, 0, caller);
        return known.counted(
                node(tree, tree.volume().symlink(NodeId.inode(parent), name, target, start)));
    }

    public Node link(long node, long parent, byte[] name) throws IOException {
        requireFree(parent, name);
        Tree tree = writableTree(parent);
        requireSameTree(node, parent);
        Attributes linked = tree.volume().link(NodeId.inode(node), NodeId.inode(parent), name);
        return known.counted(node(tree, linked));
    }

    public void unlink(long parent, byte[] name) throws IOException {
        requireMovable(parent, name);
        Tree tree = writableTree(parent);
        long directory = NodeId.inode(parent);
        Attributes victim = tree.volume().lookup(directory, name);
        known.removingName(victim.inode(), () -> tree.volume().unlink(directory, name));
    }

    /// Removes an empty directory; in `.snapshots` it deletes a snapshot.
    public void removeDirectory(long parent, byte[] name) throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            snapshots.delete(name);
            return;
        }
        requireMovable(parent, name);
        Tree tree = writableTree(parent);
        long directory = NodeId.inode(parent);
        Attributes victim = tree.volume().lookup(directory, name);
        known.removingName(victim.inode(), () -> tree.volume().removeDirectory(directory, name));
    }

    /// Moves a name and leaves a whiteout, which belongs to the caller, in its place.
    ///
    /// @param mode `REPLACE` or `NO_REPLACE`
    public void renameLeavingWhiteout(
            long parent,
            byte[] name,
            long newParent,
            byte[] newName,
            Volume.RenameMode mode,
            Caller caller)
            throws IOException {
        rename(
                parent,
                name,
                newParent,
                newName,
                mode,
                (tree, from, to) ->
                        tree.volume()
                                .renameLeavingWhiteout(
                                        from, name, to, newName, mode, caller.uid(), caller.gid()));
    }

    public void rename(
            long parent, byte[] name, long newParent, byte[] newName, Volume.RenameMode mode)
            throws IOException {
        rename(
                parent,
                name,
                newParent,
                newName,
                mode,
                (tree, from, to) -> tree.volume().rename(from, name, to, newName, mode));
    }

    private void rename(
            long parent,
            byte[] name,
            long newParent,
            byte[] newName,
            Volume.RenameMode mode,
            Move how)
            throws IOException {
        requireMovable(parent, name);
        requireMovable(newParent, newName);
        Tree tree = writableTree(parent);
        requireSameTree(parent, newParent);
        long from = NodeId.inode(parent);
        long to = NodeId.inode(newParent);
        KnownNodes.Removal move = () -> how.run(tree, from, to);
        Attributes victim = mode == Volume.RenameMode.REPLACE ? lookup(tree, to, newName) : null;
        if (victim == null) {
            move.run();
        } else {
            known.removingName(victim.inode(), move);
        }
    }

    /// One of the ways to move a name.
    @FunctionalInterface
    private interface Move {
        void run(Tree tree, long from, long to) throws IOException;
    }

    /// Refuses to open a file for writing that its flags protect, as other filesystems do at this
    /// place: later writes are not looked at, since the kernel may hand them over after a change of
    /// the flags.
    ///
    /// @param append whether it is opened with `O_APPEND`
    public void requireOpenable(long node, boolean append, boolean truncate) throws IOException {
        int flags = tree(node).volume().getAttributes(NodeId.inode(node)).flags();
        boolean adding = append && !truncate;
        if ((flags & InodeFlags.IMMUTABLE) != 0 || ((flags & InodeFlags.APPEND) != 0 && !adding)) {
            throw new ErrnoException(
                    Errno.EPERM, "the file's flags forbid to write to it: see chattr(1)");
        }
    }

    /// Opens a file.
    public void open(long node, Opening how) throws IOException {
        Tree tree = tree(node);
        if (how.forWriting() || how.truncates()) {
            tree.requireWritable();
        }
        if (how.forWriting()) {
            requireOpenable(node, how.append(), how.truncates());
        }
        if (how.truncates()) {
            setAttributes(node, AttributeChange.ofSize(0).with(how.bits()));
        }
        if (how.forWriting()) {
            writers.opened(node);
        }
    }

    /// Ends what {@link #open} began.
    public void close(long node, boolean forWriting) {
        if (forWriting) {
            writers.closed(node);
        }
    }

    /// See {@link Volume#read}.
    public int read(long node, long offset, ByteBuffer target) throws IOException {
        return tree(node).volume().read(NodeId.inode(node), offset, target);
    }

    /// See {@link Volume#write}.
    public void write(long node, long offset, ByteBuffer source) throws IOException {
        tree(node).volume().write(NodeId.inode(node), offset, source);
    }

    /// See {@link Volume#write}.
    public void write(long node, long offset, ByteBuffer source, SetIdBits bits)
            throws IOException {
        writableTree(node).volume().write(NodeId.inode(node), offset, source, bits);
    }

    /// See {@link Volume#copyRange}. The source may also lie in a snapshot of the mounted
    /// subvolume.
    public long copyRange(
            long source,
            long sourceOffset,
            long target,
            long offset,
            long lengthBytes,
            SetIdBits bits)
            throws IOException {
        Volume from = tree(source).volume();
        return writableTree(target)
                .volume()
                .copyRange(
                        from,
                        NodeId.inode(source),
                        sourceOffset,
                        NodeId.inode(target),
                        offset,
                        lengthBytes,
                        bits);
    }

    /// See {@link Volume#allocate}.
    public void allocate(
            long node, Volume.AllocateMode mode, long offset, long lengthBytes, SetIdBits bits)
            throws IOException {
        writableTree(node).volume().allocate(NodeId.inode(node), mode, offset, lengthBytes, bits);
    }

    /// Whether a file has set-id bits, which a change of its content may take away.
    public boolean hasSetIdBits(long node) throws IOException {
        return (getAttributes(node).attributes().mode() & SET_ID_BITS) != 0;
    }

    /// See {@link Volume#allocate}.
    public void allocate(long node, Volume.AllocateMode mode, long offset, long lengthBytes)
            throws IOException {
        writableTree(node).volume().allocate(NodeId.inode(node), mode, offset, lengthBytes);
    }

    /// See {@link Volume#seek}.
    public long seek(long node, long offset, Volume.SeekTarget what) throws IOException {
        return tree(node).volume().seek(NodeId.inode(node), offset, what);
    }

    /// Makes a file or a directory durable. A snapshot always is.
    public void fsync(long node, boolean dataOnly) throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            return;
        }
        Tree tree = tree(node);
        if (!tree.volume().readOnly()) {
            tree.volume().fsync(NodeId.inode(node), dataOnly);
        }
    }

    /// Reports the entries of a directory after `cookie`, each with its node id; see {@link
    /// Volume#readDirectory}.
    public void readDirectory(long node, long cookie, Volume.DirectoryVisitor visitor)
            throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            snapshots.read(cookie, visitor);
            return;
        }
        Tree tree = tree(node);
        long directory = NodeId.inode(node);
        boolean root = directory == Volume.ROOT_INODE;
        tree.volume()
                .readDirectory(
                        directory,
                        cookie,
                        (name, inode, type, next) -> {
                            if (root && tree.isMounted() && SnapshotDirectory.isNamed(name)) {
                                return true;
                            }
                            boolean above = root && !tree.isMounted() && isDotDot(name);
                            return visitor.entry(
                                    name, above ? NodeId.SNAPSHOTS : tree.node(inode), type, next);
                        });
    }

    /// Reports the entries of a directory after `cookie` with their attributes. Each one that the
    /// visitor takes counts as looked up, but for `.` and `..`, as the kernel has it.
    ///
    /// @param expected about how many entries the visitor will take
    public void readDirectoryWithAttributes(
            long node, long cookie, int expected, NodeVisitor visitor) throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            snapshots.read(
                    cookie,
                    (name, child, type, next) -> visit(visitor, name, getAttributes(child), next));
            return;
        }
        Tree tree = tree(node);
        boolean root = NodeId.inode(node) == Volume.ROOT_INODE;
        tree.volume()
                .readDirectoryWithAttributes(
                        NodeId.inode(node),
                        cookie,
                        expected,
                        (name, attributes, next) -> {
                            if (root && tree.isMounted() && SnapshotDirectory.isNamed(name)) {
                                return true;
                            }
                            boolean above = root && !tree.isMounted() && isDotDot(name);
                            Node child = above ? snapshotDirectory() : node(tree, attributes);
                            return visit(visitor, name, child, next);
                        });
    }

    private boolean visit(NodeVisitor visitor, byte[] name, Node child, long cookie)
            throws IOException {
        if (isDotDot(name) || (name.length == 1 && name[0] == '.')) {
            return visitor.entry(name, child, cookie);
        }
        // counted first: once the kernel knows the entry it may forget it
        Node counted = known.counted(child);
        boolean taken = false;
        try {
            taken = visitor.entry(name, counted, cookie);
        } finally {
            if (!taken) {
                known.uncount(counted);
            }
        }
        return taken;
    }

    /// Whether the kernel may keep the listing of a directory until the directory changes through
    /// it.
    public boolean mayKeepListing(long node) {
        return node != NodeId.SNAPSHOTS;
    }

    /// The value of an extended attribute, of the namespaces that are kept. Of `system.` there are
    /// access control lists, where the kernel checks them.
    public byte[] getXattr(long node, byte[] name) throws IOException {
        requireStorable(name);
        if (node == NodeId.SNAPSHOTS) {
            throw new ErrnoException(Errno.ENODATA, "no such attribute");
        }
        return tree(node).volume().getXattr(NodeId.inode(node), name);
    }

    public void setXattr(long node, byte[] name, byte[] value, Volume.XattrMode mode)
            throws IOException {
        requireStorable(name);
        writableTree(node).volume().setXattr(NodeId.inode(node), name, value, mode);
    }

    public List<byte[]> listXattrs(long node) throws IOException {
        return node == NodeId.SNAPSHOTS
                ? List.of()
                : tree(node).volume().listXattrs(NodeId.inode(node)).stream()
                        .filter(name -> accessLists || !isSystem(name))
                        .toList();
    }

    /// See {@link Volume#setXattr}.
    public void setXattr(
            long node, byte[] name, byte[] value, Volume.XattrMode mode, SetIdBits bits)
            throws IOException {
        requireStorable(name);
        writableTree(node).volume().setXattr(NodeId.inode(node), name, value, mode, bits);
    }

    public void removeXattr(long node, byte[] name) throws IOException {
        requireStorable(name);
        writableTree(node).volume().removeXattr(NodeId.inode(node), name);
    }

    public Volume.VolumeStatus status() throws IOException {
        return mounted.volume().status();
    }

    /// The number of nodes that the kernel knows.
    public int knownNodeCount() {
        return known.size();
    }

    /// Ends the mount: the kernel asks for nothing any more, so what has no name goes.
    @Override
    public void close() throws IOException {
        known.releaseAll();
    }

    private Tree tree(long node) throws ErrnoException {
        long number = NodeId.tree(node);
        if (number == 0) {
            return mounted;
        }
        Tree tree = snapshots.lookupTree(number);
        if (tree == null) {
            throw node == NodeId.SNAPSHOTS
                    ? notInSnapshots()
                    : new ErrnoException(Errno.ESTALE, "the snapshot has been deleted");
        }
        return tree;
    }

    private Tree writableTree(long node) throws IOException {
        Tree tree = tree(node);
        tree.requireWritable();
        return tree;
    }

    private Node snapshotDirectory() throws IOException {
        return new Node(NodeId.SNAPSHOTS, snapshots.attributes(), VIRTUAL_SECONDS, VIRTUAL_SECONDS);
    }

    private static Node root(Tree tree) throws IOException {
        Attributes attributes = tree.volume().getAttributes(Volume.ROOT_INODE);
        return new Node(
                tree.node(Volume.ROOT_INODE), attributes, VIRTUAL_SECONDS, ATTRIBUTE_SECONDS);
    }

    private static Node node(Tree tree, Attributes attributes) throws IOException {
        return new Node(
                tree.node(attributes.inode()), attributes, ENTRY_SECONDS, ATTRIBUTE_SECONDS);
    }

    private static NewInode owned(Tree tree, long parent, int mode, long device, Caller caller)
            throws IOException {
        return caller.start(tree.volume().getAttributes(NodeId.inode(parent)), mode, device);
    }

    private static @Nullable Attributes lookup(Tree tree, long directory, byte[] name)
            throws IOException {
        try {
            return tree.volume().lookup(directory, name);
        } catch (CowException e) {
            if (e.kind() == ErrorKind.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isSnapshotDirectory(long parent, byte[] name) {
        return parent == NodeId.ROOT && SnapshotDirectory.isNamed(name);
    }

    private static void requireFree(long parent, byte[] name) throws ErrnoException {
        if (isSnapshotDirectory(parent, name)) {
            throw new ErrnoException(Errno.EEXIST, "'.snapshots' shows the snapshots");
        }
        if (parent == NodeId.SNAPSHOTS) {
            throw notInSnapshots();
        }
    }

    private static void requireMovable(long parent, byte[] name) throws ErrnoException {
        if (isSnapshotDirectory(parent, name) || parent == NodeId.SNAPSHOTS) {
            throw notInSnapshots();
        }
    }

    private static void requireSameTree(long node, long other) throws ErrnoException {
        if (NodeId.tree(node) != NodeId.tree(other)) {
            throw new ErrnoException(Errno.EXDEV, "a name can't lead to another snapshot's file");
        }
    }

    private void requireStorable(byte[] xattrName) throws ErrnoException {
        if (accessLists && isSystem(xattrName)) {
            return;
        }
        for (byte[] namespace : XATTR_NAMESPACES) {
            if (Arrays.mismatch(xattrName, namespace) == namespace.length) {
                return;
            }
        }
        throw new ErrnoException(
                Errno.EOPNOTSUPP, "only user., trusted. and security. attributes are kept");
    }

    private static boolean isSystem(byte[] xattrName) {
        return Arrays.mismatch(xattrName, SYSTEM_XATTR) == SYSTEM_XATTR.length;
    }

    private static boolean isDot(byte[] name) {
        return name.length == 1 && name[0] == '.';
    }

    private static boolean isDotDot(byte[] name) {
        return name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    private static ErrnoException notInSnapshots() {
        return new ErrnoException(
                Errno.EPERM, "'.snapshots' takes only mkdir, which takes a snapshot, and rmdir");
    }
}
