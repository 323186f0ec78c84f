package cowfs.damage;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SeededImages;
import cowfs.device.MemoryDevice;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.XattrMode;
import cowfs.format.Blocks;
import cowfs.format.ItemKind;
import cowfs.stream.ReceivedTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.awaitility.Awaitility;

/// A small image that holds every kind of record, as a power cut left it: subvolumes, a snapshot, a
/// clone, a received tree, a deleted tree that is still to be reclaimed, shared blocks, the report
/// of a scrub, an orphan, hard links, all kinds of content, and attributes in pieces.
///
/// @param image the state; its superblock is unsealed and rests on runs
/// @param before the state one transaction group earlier
/// @param states all durable states up to `image`, oldest first
record SampleImage(MemoryDevice image, MemoryDevice before, List<MemoryDevice> states) {
    static final long SIZE_BYTES = FormatOptions.MIN_SIZE_BYTES;
    static final int NODE_BYTES = 4096;

    private static final OpenOptions OPTIONS = new OpenOptions(false, 1 << 20, Duration.ZERO);

    /// Makes the image.
    static SampleImage make(int copies) throws IOException {
        return make(copies, 0);
    }

    /// Makes the image with names where the seed says.
    static SampleImage make(int copies, long seed) throws IOException {
        MemoryDevice device = new MemoryDevice(SIZE_BYTES);
        FormatOptions options = new FormatOptions(SIZE_BYTES, NODE_BYTES, copies, "sample");
        SeededImages.format(device, options, seed);
        ReceivedTrees.receive(device, "received");
        RecordingDevice recorder = new RecordingDevice(device);
        try (Pool pool = Images.open(recorder, OPTIONS)) {
            Volume main = pool.volume(Ref.MAIN);
            fill(main);
            compress(pool, "zstd");
            compress(pool, "lz4");
            scrubDamage(pool, device);
            pool.snapshot(Ref.parse("main@first"));
            change(main, 1);
            pool.cloneSubvolume(Ref.parse("main@first"), "clone");
            change(pool.volume(Ref.parse("clone")), 2);
            pool.cloneSubvolume(Ref.MAIN, "doomed");
            change(pool.volume(Ref.parse("doomed")), 3);
            pool.setProperty(Ref.MAIN, "comment", "a sample");
            pool.setProperty(Ref.MAIN, "of:user", "");
            pool.hold(Ref.parse("main@first"), "test");
            pool.createBookmark(Ref.parse("main@first"), "first");
            pool.sync();
            pool.delete(List.of(Ref.parse("doomed")));
            pool.awaitReclaim();
        }
        List<MemoryDevice> states = recorder.states();
        for (int i = states.size() - 1; i > 0; i--) {
            ImageGraph graph = new ImageGraph(states.get(i));
            if (graph.itemKinds().equals(EnumSet.allOf(ItemKind.class))) {
                return new SampleImage(
                        states.get(i).copy(), states.get(i - 1).copy(), states.subList(0, i + 1));
            }
        }
        throw new AssertionError("no state holds every kind of item");
    }

    static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }

    /// Bytes that no other seed and no other block has, and that are easily packed.
    private static byte[] content(long seed, int lengthBytes) {
        byte[] content = new byte[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            content[i] = (byte) (7 * seed + i / 64 + i / 4096 + 1);
        }
        return content;
    }

    private static NewInode regular() {
        return NewInode.regular(0640, 1000, 100);
    }

    static long write(Volume volume, long directory, String name, long seed, int lengthBytes)
            throws IOException {
        long inode = volume.create(directory, name(name), regular()).inode();
        byte[] content = content(seed, lengthBytes);
        volume.write(inode, 0, ByteBuffer.wrap(content));
        return inode;
    }

    private static void fill(Volume main) throws IOException {
        long root = Volume.ROOT_INODE;
        long directory =
                main.create(root, name("directory"), NewInode.directory(0755, 1, 2)).inode();
        long deep = main.create(directory, name("deep"), NewInode.directory(0700, 1, 2)).inode();
        for (int i = 0; i < 24; i++) {
            write(main, i % 2 == 0 ? root : deep, "small-" + i, i, 60 * i);
        }
        write(main, directory, "plain", 100, 40_000);
        long holes = write(main, directory, "holes", 101, 30_000);
        main.allocate(holes, AllocateMode.PUNCH_HOLE, 8192, 8192);
        main.allocate(holes, AllocateMode.ALLOCATE_KEEP_SIZE, 0, 80_000);
        main.write(holes, 200_000, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        long linked = write(main, root, "linked", 102, 5000);
        main.link(linked, deep, name("second name"));
        main.link(linked, root, name("third name"));
        main.symlink(root, name("short link"), name("directory/plain"), regular());
        main.symlink(deep, name("long link"), name("x/".repeat(1500)), regular());
        main.create(root, name("fifo"), new NewInode(Attributes.FIFO | 0600, 0, 0, 0));
        main.create(
                root, name("device"), new NewInode(Attributes.CHARACTER_DEVICE | 0600, 0, 0, 259));
        main.setXattr(linked, name("user.small"), name("value"), XattrMode.CREATE);
        main.setXattr(linked, name("user.large"), content(103, 3000), XattrMode.CREATE);
        long orphan = write(main, root, "orphan", 104, 20_000);
        main.hold(orphan);
        main.unlink(root, name("orphan"));
    }

    /// Leaves a compressed file, and a part of an extent.
    private static void compress(Pool pool, String how) throws IOException {
        pool.setProperty(Ref.MAIN, "compress", how);
        Volume main = pool.volume(Ref.MAIN);
        long file = write(main, Volume.ROOT_INODE, how, 106, 60_000);
        main.write(file, 20_000, ByteBuffer.wrap(new byte[] {1}));
        pool.setProperty(Ref.MAIN, "compress", "off");
    }

    /// Leaves the report of a scrub that found a bad block, which is good again afterwards.
    private static void scrubDamage(Pool pool, MemoryDevice device) throws IOException {
        write(pool.volume(Ref.MAIN), Volume.ROOT_INODE, "rotten", 105, 3 * Blocks.SIZE);
        byte[] content = Arrays.copyOf(content(105, 3 * Blocks.SIZE), Blocks.SIZE);
        pool.sync();
        byte[] here = new byte[Blocks.SIZE];
        long position = -Blocks.SIZE;
        while (!Arrays.equals(content, here)) {
            position += Blocks.SIZE;
            device.read(position, ByteBuffer.wrap(here));
        }
        device.write(position, ByteBuffer.wrap(new byte[Blocks.SIZE]));
        pool.startScrub(0, true);
        Awaitility.await().until(() -> !pool.scrub().isRunning());
        device.write(position, ByteBuffer.wrap(content));
    }

    private static void change(Volume volume, int seed) throws IOException {
        long root = Volume.ROOT_INODE;
        long plain =
                volume.lookup(volume.lookup(root, name("directory")).inode(), name("plain"))
                        .inode();
        volume.write(plain, 4096L * seed + 100, ByteBuffer.wrap(content(200 + seed, 5000)));
        volume.unlink(root, name("small-" + 2 * seed));
        write(volume, root, "new-" + seed, 300 + seed, 9000);
    }
}
