package cowfs.crash;

import cowfs.api.FilePlace;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.AttributeChange;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// One operation of a sequence. Those on files work in a tree that {@link #fill} makes:
///
///     a     12,388 bytes    d/x   4,106 bytes     main@old  a snapshot that shares all of them
///     b        700 bytes    e/    empty           copy      a clone of it
///     p     30,000 bytes, compressed              g         5,000 bytes, in these two alone
///
/// Any of them may come after any other, and then fails in the model as well as in the engine.
///
/// @param file what an fsync after it syncs, a path
/// @param durable whether it is durable on return
record Operation(String name, Ref ref, String file, boolean durable, Body body) {
    private static final Ref COPY = new Ref("copy", null);
    private static final Ref OLD = new Ref("main", "old");
    private static final NewInode FILE = NewInode.regular(0644, 1, 2);
    private static final NewInode DIRECTORY = NewInode.directory(0755, 1, 2);

    @FunctionalInterface
    interface Body {
        void on(Pool pool) throws IOException;
    }

    @FunctionalInterface
    private interface VolumeBody {
        void on(Volume volume) throws IOException;
    }

    @Override
    public String toString() {
        return name;
    }

    static final List<Operation> ALL =
            List.of(
                    files("create", "n", volume -> create(volume, "n")),
                    files("create-below", "d/n", volume -> create(volume, "d/n")),
                    files("write-created", "n", volume -> write(volume, "n", 0, 10, 5000)),
                    files("write-small", "b", volume -> write(volume, "b", 0, 11, 300)),
                    files("write-inline-out", "b", volume -> write(volume, "b", 0, 12, 9000)),
                    files("write-hole", "b", volume -> write(volume, "b", 50_000, 13, 5000)),
                    files("append", "a", volume -> append(volume, "a", 14, 5000)),
                    files("append-small", "b", volume -> append(volume, "b", 15, 100)),
                    files("overwrite", "a", volume -> write(volume, "a", 100, 16, 5000)),
                    files("overwrite-pages", "a", volume -> write(volume, "a", 4096, 17, 8192)),
                    files("overwrite-all", "a", volume -> write(volume, "a", 0, 18, 12_388)),
                    files("write-packed", "p", volume -> writePacked(volume, 0, 21, 50_000)),
                    files("overwrite-packed", "p", volume -> write(volume, "p", 9000, 22, 5000)),
                    files("truncate-packed", "p", volume -> truncate(volume, "p", 9000)),
                    files("link", "l", volume -> link(volume, "a", "l")),
                    files("link-below", "e/l", volume -> link(volume, "d/x", "e/l")),
                    files("symlink", "y", volume -> symlink(volume, "y", 30)),
                    files("symlink-long", "e/y", volume -> symlink(volume, "e/y", 3000)),
                    files("unlink", "a", volume -> unlink(volume, "a")),
                    files("unlink-small", "b", volume -> unlink(volume, "b")),
                    files("unlink-below", "d/x", volume -> unlink(volume, "d/x")),
                    files("unlink-held", "a", Operation::unlinkHeld),
                    files("rename", "b2", volume -> rename(volume, "b", "b2")),
                    files("rename-away", "e/a", volume -> rename(volume, "a", "e/a")),
                    files("rename-over", "a", volume -> rename(volume, "b", "a")),
                    files("rename-directory", "d2", volume -> rename(volume, "d", "d2")),
                    files("rename-directory-over", "e", volume -> rename(volume, "d", "e")),
                    files("exchange", "a", Operation::exchange),
                    files("truncate", "a", volume -> truncate(volume, "a", 5000)),
                    files("truncate-to-nothing", "a", volume -> truncate(volume, "a", 0)),
                    files("truncate-up", "b", volume -> truncate(volume, "b", 20_000)),
                    files("allocate", "b", allocating("b", AllocateMode.ALLOCATE, 0, 16_384)),
                    files(
                            "allocate-beyond",
                            "a",
                            allocating("a", AllocateMode.ALLOCATE_KEEP_SIZE, 16_384, 8192)),
                    files("punch", "a", allocating("a", AllocateMode.PUNCH_HOLE, 4000, 5000)),
                    files("zero", "a", allocating("a", AllocateMode.ZERO_RANGE, 4096, 4096)),
                    files("set-xattr", "a", volume -> setXattr(volume, "a", 50)),
                    files("set-xattr-large", "d", volume -> setXattr(volume, "d", 9000)),
                    files("remove-xattr", "b", Operation::removeXattr),
                    files("chmod", "a", Operation::chmod),
                    files("mkdir", "m", volume -> makeDirectory(volume, "m")),
                    files("mkdir-below", "d/m", volume -> makeDirectory(volume, "d/m")),
                    files("rmdir", "e", Operation::removeDirectory),
                    files("copy-range", "b", volume -> copyRange(volume, "a", 0, "b", 0, 12_388)),
                    files(
                            "copy-range-within",
                            "a",
                            volume -> copyRange(volume, "a", 0, "a", 16_384, 8192)),
                    files(
                            "copy-range-over",
                            "a",
                            volume -> copyRange(volume, "d/x", 0, "a", 4096, 4096)),
                    new Operation(
                            "copy-range-old", Ref.MAIN, "d/x", false, Operation::copyRangeOld),
                    files("clone-file", "n", volume -> cloneFile(volume, "a", "n")),
                    inCopy("write-in-clone", "a", volume -> write(volume, "a", 4000, 19, 5000)),
                    inCopy("unlink-in-clone", "a", volume -> unlink(volume, "a")),
                    pool("snapshot", pool -> pool.snapshot(new Ref("main", "new"))),
                    pool(
                            "snapshot-two",
                            pool ->
                                    pool.snapshot(
                                            List.of(
                                                    new Ref("copy", "new"),
                                                    new Ref("main", "two")))),
                    pool("clone", pool -> pool.cloneSubvolume(Ref.MAIN, "twin")),
                    pool("clone-snapshot", pool -> pool.cloneSubvolume(OLD, "twin")),
                    pool("delete-snapshot", pool -> pool.delete(List.of(OLD))),
                    pool("delete-clone", pool -> pool.delete(List.of(COPY))),
                    pool("rollback", pool -> pool.rollback(OLD, new Ref("main", "new"))),
                    pool("rollback-discarding", pool -> pool.rollback(OLD, null)),
                    pool("purge", pool -> pool.purge(FilePath.of("/a"), List.of(OLD))),
                    pool("purge-below", pool -> pool.purge(FilePath.of("/d/x"), List.of(OLD))),
                    pool("undelete", pool -> pool.undelete(Ref.MAIN, FilePath.of("/g"))),
                    pool("copy-tree", pool -> pool.copy(OLD, path("/d"), Ref.MAIN, path("/e/d"))),
                    pool(
                            "copy-live-tree",
                            pool -> pool.copy(Ref.MAIN, FilePath.ROOT, COPY, path("/all"))),
                    pool(
                            "copy-live-file",
                            pool -> pool.copy(COPY, path("/a"), Ref.MAIN, path("/copied"))),
                    pool(
                            "dedup",
                            pool ->
                                    pool.dedup(
                                            List.of(
                                                    new FilePlace(COPY, FilePath.ROOT),
                                                    new FilePlace(Ref.MAIN, FilePath.ROOT)),
                                            4096)),
                    pool("hold", pool -> pool.hold(OLD, "tag")),
                    pool("set-property", pool -> pool.setProperty(Ref.MAIN, "comment", "x")),
                    pool("create-subvolume", pool -> pool.createSubvolume("fresh")),
                    pool("rename-subvolume", pool -> pool.renameSubvolume("copy", "moved")));

    /// More data than a superblock can list: what makes it durable is a sealed commit, in two
    /// flushes. Not among the others, since each cut of it takes long.
    static final Operation WRITE_MUCH =
            files("write-much", "a", volume -> write(volume, "a", 0, 20, 1100 * 4096));

    static Operation named(String name) {
        return Stream.concat(ALL.stream(), Stream.of(WRITE_MUCH))
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operation '" + name + "'"));
    }

    private static Operation files(String name, String file, VolumeBody body) {
        return in(Ref.MAIN, name, file, body);
    }

    private static Operation inCopy(String name, String file, VolumeBody body) {
        return in(COPY, name, file, body);
    }

    private static Operation in(Ref ref, String name, String file, VolumeBody body) {
        return new Operation(name, ref, file, false, pool -> body.on(pool.volume(ref)));
    }

    private static Operation pool(String name, Body body) {
        return new Operation(name, Ref.MAIN, "", true, body);
    }

    /// Makes the tree that the operations work in.
    static void fill(Pool pool) throws IOException {
        Volume volume = pool.volume(Ref.MAIN);
        create(volume, "a");
        write(volume, "a", 0, 1, 12_388);
        create(volume, "b");
        write(volume, "b", 0, 2, 700);
        volume.setXattr(find(volume, "b"), bytes("user.b"), new byte[20], XattrMode.CREATE);
        create(volume, "p");
        pool.setProperty(new FilePlace(Ref.MAIN, path("/p")), "compress", "lz4");
        writePacked(volume, 0, 5, 30_000);
        makeDirectory(volume, "d");
        create(volume, "d/x");
        write(volume, "d/x", 0, 3, 4106);
        makeDirectory(volume, "e");
        create(volume, "g");
        write(volume, "g", 0, 4, 5000);
        pool.snapshot(OLD);
        pool.cloneSubvolume(OLD, "copy");
        unlink(volume, "g");
    }

    static long find(Volume volume, String path) throws IOException {
        long at = Volume.ROOT_INODE;
        if (!path.isEmpty()) {
            for (String name : path.split("/")) {
                at = volume.lookup(at, bytes(name)).inode();
            }
        }
        return at;
    }

    private static long directory(Volume volume, String path) throws IOException {
        return find(volume, path.substring(0, Math.max(0, path.lastIndexOf('/'))));
    }

    private static byte[] name(String path) {
        return bytes(path.substring(path.lastIndexOf('/') + 1));
    }

    private static FilePath path(String text) {
        return FilePath.of(text);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Writes what is stored compressed.
    private static void writePacked(Volume volume, long offset, int seed, int length)
            throws IOException {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i % 40 == 0 ? i / 40 : seed);
        }
        volume.write(find(volume, "p"), offset, ByteBuffer.wrap(content));
    }

    private static void create(Volume volume, String path) throws IOException {
        volume.create(directory(volume, path), name(path), FILE);
    }

    private static void write(Volume volume, String path, long offset, int seed, int length)
            throws IOException {
        byte[] content = new byte[length];
        new Random(seed).nextBytes(content);
        volume.write(find(volume, path), offset, ByteBuffer.wrap(content));
    }

    private static void append(Volume volume, String path, int seed, int length)
            throws IOException {
        long size = volume.getAttributes(find(volume, path)).sizeBytes();
        write(volume, path, size, seed, length);
    }

    private static void link(Volume volume, String from, String to) throws IOException {
        volume.link(find(volume, from), directory(volume, to), name(to));
    }

    private static void symlink(Volume volume, String path, int length) throws IOException {
        byte[] target = bytes("t".repeat(length));
        volume.symlink(directory(volume, path), name(path), target, FILE);
    }

    private static void unlink(Volume volume, String path) throws IOException {
        volume.unlink(directory(volume, path), name(path));
    }

    private static void unlinkHeld(Volume volume) throws IOException {
        volume.hold(find(volume, "a"));
        unlink(volume, "a");
    }

    private static void rename(Volume volume, String from, String to) throws IOException {
        volume.rename(
                directory(volume, from),
                name(from),
                directory(volume, to),
                name(to),
                RenameMode.REPLACE);
    }

    private static void exchange(Volume volume) throws IOException {
        long root = Volume.ROOT_INODE;
        volume.rename(root, bytes("b"), root, bytes("a"), RenameMode.EXCHANGE);
    }

    private static void truncate(Volume volume, String path, long size) throws IOException {
        volume.setAttributes(find(volume, path), AttributeChange.ofSize(size));
    }

    private static VolumeBody allocating(String path, AllocateMode mode, long offset, long length) {
        return volume -> volume.allocate(find(volume, path), mode, offset, length);
    }

    private static void copyRange(
            Volume volume, String from, long fromOffset, String to, long toOffset, long length)
            throws IOException {
        long source = find(volume, from);
        long target = find(volume, to);
        volume.copyRange(volume, source, fromOffset, target, toOffset, length, SetIdBits.KEEP);
    }

    private static void copyRangeOld(Pool pool) throws IOException {
        Volume old = pool.volume(OLD);
        Volume main = pool.volume(Ref.MAIN);
        long target = find(main, "d/x");
        main.copyRange(old, find(old, "a"), 0, target, 0, 8192, SetIdBits.KEEP);
    }

    private static void cloneFile(Volume volume, String from, String to) throws IOException {
        volume.cloneFile(volume, find(volume, from), find(volume, to), SetIdBits.KEEP);
    }

    private static void setXattr(Volume volume, String path, int length) throws IOException {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        volume.setXattr(find(volume, path), bytes("user.n"), value, XattrMode.CREATE_OR_REPLACE);
    }

    private static void removeXattr(Volume volume) throws IOException {
        volume.removeXattr(find(volume, "b"), bytes("user.b"));
    }

    private static void chmod(Volume volume) throws IOException {
        volume.setAttributes(find(volume, "a"), AttributeChange.ofMode(0600));
    }

    private static void makeDirectory(Volume volume, String path) throws IOException {
        volume.create(directory(volume, path), name(path), DIRECTORY);
    }

    private static void removeDirectory(Volume volume) throws IOException {
        volume.removeDirectory(Volume.ROOT_INODE, bytes("e"));
    }
}
