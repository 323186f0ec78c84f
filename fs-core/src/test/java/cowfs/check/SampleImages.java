package cowfs.check;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SeededImages;
import cowfs.device.MemoryDevice;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Sound images to check and to damage: every kind of item, snapshots, clones, deletions.
public final class SampleImages {
    public static final long SIZE_BYTES = 64L << 20;

    private static final OpenOptions OPTIONS = new OpenOptions(false, 4L << 20, Duration.ZERO);

    private SampleImages() {}

    /// Works on a pool.
    @FunctionalInterface
    public interface Work {
        void on(Pool pool) throws IOException;
    }

    public static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A new image that holds what `work` leaves, closed.
    public static MemoryDevice image(int nodeBytes, int copies, Work work) throws IOException {
        return image(nodeBytes, copies, 0, work);
    }

    /// A new image in which names lie as the seed says.
    public static MemoryDevice image(int nodeBytes, int copies, long seed, Work work)
            throws IOException {
        MemoryDevice device = new MemoryDevice(SIZE_BYTES);
        FormatOptions options = new FormatOptions(SIZE_BYTES, nodeBytes, copies, "sample");
        SeededImages.format(device, options, seed);
        return change(device, work);
    }

    /// The image after more work, closed.
    public static MemoryDevice change(MemoryDevice image, Work work) throws IOException {
        MemoryDevice device = image.copy();
        try (Pool pool = Images.open(device, OPTIONS)) {
            work.on(pool);
        }
        return device.copy();
    }

    /// An image with files of all kinds, two snapshots and a clone that have moved apart.
    public static MemoryDevice full(int nodeBytes, int copies) throws IOException {
        return full(nodeBytes, copies, 0);
    }

    /// One in which names lie as the seed says.
    public static MemoryDevice full(int nodeBytes, int copies, long seed) throws IOException {
        return image(
                nodeBytes,
                copies,
                seed,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    fill(main, 1, 150);
                    pool.snapshot(Ref.parse("main@one"));
                    disturb(main, 2, 40);
                    pool.snapshot(Ref.parse("main@two"));
                    pool.cloneSubvolume(Ref.parse("main@one"), "clone");
                    disturb(pool.volume(Ref.parse("clone")), 3, 30);
                    disturb(main, 4, 20);
                });
    }

    /// Fills a volume with files of every kind.
    public static void fill(Volume volume, long seed, int count) throws IOException {
        Random random = new Random(seed);
        List<Long> directories = new ArrayList<>(List.of(Volume.ROOT_INODE));
        for (int i = 0; i < count; i++) {
            long directory = directories.get(random.nextInt(directories.size()));
            byte[] name = name("entry-" + seed + "-" + i);
            switch (i % 10) {
                case 0 -> directories.add(makeDirectory(volume, directory, name));
                case 1 -> volume.symlink(directory, name, name("x".repeat(40 + i)), regular());
                case 2 -> write(volume, directory, name, random, 4096 * (1 + random.nextInt(300)));
                case 3 -> withAttributes(volume, directory, name, random);
                case 4 -> withHoles(volume, directory, name, random);
                case 5 -> withTwoNames(volume, directory, name, random);
                default -> write(volume, directory, name, random, random.nextInt(20_000));
            }
        }
        volume.create(
                Volume.ROOT_INODE,
                name("fifo" + seed),
                new NewInode(Attributes.FIFO | 0600, 0, 0, 0));
    }

    private static NewInode regular() {
        return NewInode.regular(0644, 1, 1);
    }

    public static long makeDirectory(Volume volume, long directory, byte[] name)
            throws IOException {
        return volume.create(directory, name, NewInode.directory(0755, 0, 0)).inode();
    }

    public static long write(
            Volume volume, long directory, byte[] name, Random random, int lengthBytes)
            throws IOException {
        long inode = volume.create(directory, name, regular()).inode();
        byte[] content = new byte[lengthBytes];
        random.nextBytes(content);
        volume.write(inode, 0, ByteBuffer.wrap(content));
        return inode;
    }

    private static void withAttributes(Volume volume, long directory, byte[] name, Random random)
            throws IOException {
        long inode = write(volume, directory, name, random, 100);
        volume.setXattr(inode, name("user.small"), new byte[10], XattrMode.CREATE);
        volume.setXattr(inode, name("user.large"), new byte[30_000], XattrMode.CREATE);
    }

    private static void withHoles(Volume volume, long directory, byte[] name, Random random)
            throws IOException {
        long inode = write(volume, directory, name, random, 50_000);
        volume.allocate(inode, AllocateMode.PUNCH_HOLE, 8192, 12_288);
        volume.allocate(inode, AllocateMode.ALLOCATE_KEEP_SIZE, 0, 200_000);
        volume.write(inode, 1_000_000, ByteBuffer.wrap(new byte[5000]));
    }

    private static void withTwoNames(Volume volume, long directory, byte[] name, Random random)
            throws IOException {
        long inode = write(volume, directory, name, random, 3000);
        volume.link(
                inode,
                Volume.ROOT_INODE,
                name("link-to-" + new String(name, StandardCharsets.UTF_8)));
    }

    /// Changes, renames and removes some of what is in the root directory.
    public static void disturb(Volume volume, long seed, int count) throws IOException {
        Random random = new Random(seed);
        List<byte[]> names = new ArrayList<>();
        List<Long> inodes = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        volume.readDirectory(
                Volume.ROOT_INODE,
                2,
                (name, inode, type, cookie) -> {
                    names.add(name);
                    inodes.add(inode);
                    types.add(type);
                    return true;
                });
        for (int i = 0; i < Math.min(count, names.size()); i++) {
            if (types.get(i) == Attributes.DIRECTORY) {
                write(volume, inodes.get(i), name("new-" + seed + "-" + i), random, 9000);
            } else if (types.get(i) != Attributes.REGULAR || i % 4 == 0) {
                volume.unlink(Volume.ROOT_INODE, names.get(i));
            } else if (i % 4 == 1) {
                byte[] content = new byte[random.nextInt(30_000)];
                random.nextBytes(content);
                volume.write(inodes.get(i), random.nextInt(20_000), ByteBuffer.wrap(content));
            } else if (i % 4 == 2) {
                volume.rename(
                        Volume.ROOT_INODE,
                        names.get(i),
                        Volume.ROOT_INODE,
                        name("renamed-" + seed + "-" + i),
                        RenameMode.REPLACE);
            } else {
                volume.setAttributes(inodes.get(i), AttributeChange.ofSize(random.nextInt(10_000)));
            }
        }
        fill(volume, 100 + seed, count / 4);
    }
}
