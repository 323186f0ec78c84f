package cowfs.model;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/// A subvolume or snapshot in memory: what every other {@link Volume} has to agree with.
///
/// Thread safe by one lock for the whole pool.
final class ModelVolume implements Volume {
    private final ModelPool pool;
    private final String name;
    private final ModelTree tree;
    private final ModelNamespace names;
    private final ModelContents contents;
    private final ModelXattrs xattrs;

    ModelVolume(ModelPool pool, String name, ModelTree tree) {
        this.pool = pool;
        this.name = name;
        this.tree = tree;
        this.names = new ModelNamespace(tree);
        this.contents = new ModelContents(tree);
        this.xattrs = new ModelXattrs(tree);
    }

    /// What the content of a regular file is made of, for comparisons.
    ModelContent content(long inode) throws IOException {
        return reading(() -> tree.get(inode).content().copy());
    }

    int inodeCount() throws IOException {
        return reading(tree::inodeCount);
    }

    long allocatedBlockCount() throws IOException {
        return reading(tree::allocatedBlockCount);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long treeId() {
        return tree.id;
    }

    @Override
    public boolean readOnly() {
        return tree.readOnly;
    }

    @Override
    public Attributes lookup(long directory, byte[] name) throws IOException {
        String valid = ModelTree.validName(name);
        return reading(() -> names.get(directory, valid).attributes());
    }

    @Override
    public Attributes getAttributes(long inode) throws IOException {
        return reading(() -> tree.get(inode).attributes());
    }

    @Override
    public Attributes setAttributes(long inode, AttributeChange change) throws IOException {
        return changing(() -> ModelAttributes.set(tree, tree.get(inode), change).attributes());
    }

    @Override
    public Attributes create(long directory, byte[] name, NewInode start) throws IOException {
        String valid = ModelTree.validName(name);
        int type = start.mode() & Attributes.TYPE_MASK;
        if (!ModelNamespace.isCreatable(type)) {
            throw new RequestException(ErrorKind.INVALID, "no type to create: " + type);
        }
        return add(
                directory,
                valid,
                start,
                own ->
                        type == Attributes.DIRECTORY
                                ? ModelInode.directory(tree.newNumber(), own, directory, tree.now())
                                : ModelInode.node(tree.newNumber(), own, tree.now()));
    }

    @Override
    public Attributes createUnlinked(long directory, NewInode start) throws IOException {
        return changing(
                () -> {
                    if ((start.mode() & Attributes.TYPE_MASK) != Attributes.REGULAR) {
                        throw new RequestException(ErrorKind.INVALID, "no regular file");
                    }
                    names.requireLinkedDirectory(directory);
                    NewInode own =
                            ModelAccess.start(tree.get(directory), names.inherit(directory, start));
                    ModelInode made = ModelInode.node(tree.newNumber(), own, tree.now());
                    ModelAccess.inherit(tree.get(directory), made);
                    made.linkCount = 0;
                    made.holdCount = 1;
                    made.neverLinked = true;
                    made.compress = tree.get(directory).compress;
                    tree.add(made);
                    return made.attributes();
                });
    }

    @Override
    public Attributes symlink(long directory, byte[] name, byte[] target, NewInode start)
            throws IOException {
        String valid = ModelTree.validName(name);
        if (target.length > MAX_TARGET_BYTES) {
            throw new RequestException(
                    ErrorKind.NAME_TOO_LONG, "a target of " + target.length + " bytes");
        }
        if (target.length == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, "an empty target");
        }
        return add(
                directory,
                valid,
                start,
                own -> ModelInode.symlink(tree.newNumber(), own, target, tree.now()));
    }

    private Attributes add(
            long directory, String name, NewInode start, Function<NewInode, ModelInode> making)
            throws IOException {
        return changing(
                () -> {
                    names.requireFree(directory, name);
                    NewInode own = names.inherit(directory, start);
                    ModelInode parent = tree.get(directory);
                    ModelInode made = making.apply(ModelAccess.start(parent, own));
                    if (made.type() != Attributes.SYMLINK) {
                        ModelAccess.inherit(parent, made);
                    }
                    if (made.isCompressible()) {
                        made.compress = parent.compress;
                    }
                    names.addNew(directory, name, made);
                    return made.attributes();
                });
    }

    @Override
    public byte[] readLink(long inode) throws IOException {
        return reading(() -> tree.get(inode).target());
    }

    @Override
    public Attributes link(long inode, long directory, byte[] name) throws IOException {
        String valid = ModelTree.validName(name);
        return changing(
                () -> {
                    names.link(tree.get(inode), directory, valid);
                    return tree.get(inode).attributes();
                });
    }

    @Override
    public void unlink(long directory, byte[] name) throws IOException {
        String valid = ModelTree.validName(name);
        mutating(() -> names.unlink(directory, valid));
    }

    @Override
    public void removeDirectory(long directory, byte[] name) throws IOException {
        String valid = ModelTree.validName(name);
        mutating(() -> names.removeDirectory(directory, valid));
    }

    @Override
    public void rename(
            long directory, byte[] name, long newDirectory, byte[] newName, RenameMode mode)
            throws IOException {
        String valid = ModelTree.validName(name);
        String newValid = ModelTree.validName(newName);
        mutating(() -> names.rename(directory, valid, newDirectory, newValid, mode));
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
        String valid = ModelTree.validName(name);
        String newValid = ModelTree.validName(newName);
        mutating(
                () -> {
                    if (mode == RenameMode.EXCHANGE) {
                        throw new RequestException(ErrorKind.INVALID, "exchange and whiteout");
                    }
                    long moved = names.get(directory, valid).number;
                    names.rename(directory, valid, newDirectory, newValid, mode);
                    if (!names.has(directory, valid, moved)) {
                        NewInode start = new NewInode(Attributes.CHARACTER_DEVICE, uid, gid, 0);
                        NewInode own = names.inherit(directory, start);
                        names.addNew(
                                directory,
                                valid,
                                ModelInode.node(tree.newNumber(), own, tree.now()));
                    }
                });
    }

    @Override
    public void readDirectory(long directory, long cookie, DirectoryVisitor visitor)
            throws IOException {
        List<ModelListing.Line> lines =
                reading(() -> ModelListing.of(tree, tree.get(directory), cookie));
        for (ModelListing.Line line : lines) {
            if (!visitor.entry(
                    ModelTree.bytes(line.name()), line.inode(), line.type(), line.cookie())) {
                return;
            }
        }
    }

    @Override
    public void readDirectoryWithAttributes(
            long directory, long cookie, int expected, AttributeVisitor visitor)
            throws IOException {
        readDirectory(
                directory,
                cookie,
                (entry, inode, type, next) -> visitor.entry(entry, getAttributes(inode), next));
    }

    @Override
    public long getParent(long directory) throws IOException {
        return reading(() -> tree.get(directory).entries().parent());
    }

    @Override
    public int read(long inode, long offset, ByteBuffer target) throws IOException {
        return reading(() -> contents.read(inode, offset, target));
    }

    @Override
    public void write(long inode, long offset, ByteBuffer source, SetIdBits bits)
            throws IOException {
        mutating(() -> contents.write(inode, offset, source, bits));
    }

    @Override
    public void allocate(
            long inode, AllocateMode mode, long offset, long lengthBytes, SetIdBits bits)
            throws IOException {
        mutating(() -> contents.allocate(inode, mode, offset, lengthBytes, bits));
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
        return changing(
                () ->
                        contents.copyRange(
                                () -> source(source),
                                sourceInode,
                                sourceOffset,
                                inode,
                                offset,
                                lengthBytes,
                                bits));
    }

    @Override
    public void cloneFile(Volume source, long sourceInode, long inode, SetIdBits bits)
            throws IOException {
        mutating(() -> contents.cloneFile(() -> source(source), sourceInode, inode, bits));
    }

    /// The tree to copy from: this one, or a snapshot's.
    private ModelTree source(Volume source) throws RequestException {
        ModelTree from = pool.tree(source.treeId());
        if (from != tree && !from.readOnly) {
            throw new RequestException(ErrorKind.UNSUPPORTED, source.name() + " can change");
        }
        return from;
    }

    @Override
    public long seek(long inode, long offset, SeekTarget what) throws IOException {
        return reading(() -> tree.get(inode).content().seek(offset, what));
    }

    @Override
    public byte[] getXattr(long inode, byte[] name) throws IOException {
        String valid = ModelXattrs.validName(name);
        return reading(() -> xattrs.get(inode, valid));
    }

    @Override
    public void setXattr(long inode, byte[] name, byte[] value, XattrMode mode, SetIdBits bits)
            throws IOException {
        String valid = ModelXattrs.validName(name);
        ModelXattrs.requireValid(value);
        mutating(() -> xattrs.set(inode, valid, value, mode, bits));
    }

    @Override
    public List<byte[]> listXattrs(long inode) throws IOException {
        return reading(() -> xattrs.list(inode));
    }

    @Override
    public void removeXattr(long inode, byte[] name) throws IOException {
        String valid = ModelXattrs.validName(name);
        mutating(() -> xattrs.remove(inode, valid));
    }

    @Override
    public void hold(long inode) throws IOException {
        reading(() -> tree.get(inode).holdCount++);
    }

    @Override
    public void release(long inode, long count) throws IOException {
        reading(
                () -> {
                    ModelInode held = tree.get(inode);
                    if (count > held.holdCount) {
                        throw new IllegalStateException(
                                "inode " + inode + " has " + held.holdCount + " holds");
                    }
                    held.holdCount -= count;
                    tree.freeIfUnused(held);
                    return count;
                });
    }

    @Override
    public void fsync(long inode, boolean dataOnly) throws IOException {
        reading(() -> tree.get(inode));
    }

    @Override
    public VolumeStatus status() throws IOException {
        return reading(pool::status);
    }

    @FunctionalInterface
    private interface Reading<T> {
        T run() throws CowException;
    }

    @FunctionalInterface
    private interface Mutating {
        void run() throws CowException;
    }

    private <T> T reading(Reading<T> body) throws CowException {
        synchronized (pool) {
            pool.requireUsable(tree);
            return body.run();
        }
    }

    private <T> T changing(Reading<T> body) throws CowException {
        return reading(
                () -> {
                    if (tree.readOnly) {
                        throw new RequestException(ErrorKind.READ_ONLY, name + " is read-only");
                    }
                    return body.run();
                });
    }

    private void mutating(Mutating body) throws CowException {
        changing(
                () -> {
                    body.run();
                    return tree;
                });
    }
}
