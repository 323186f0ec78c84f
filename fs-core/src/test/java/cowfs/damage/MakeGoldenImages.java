package cowfs.damage;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.damage.ImageGraph.Page;
import cowfs.damage.ImageGraph.Patch;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import cowfs.stream.ReceivedTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/// Makes the golden images of this version of the format: `scripts/make-golden-images`.
///
/// The same files, names and damage every time; UUIDs, hash keys and times are those of the day.
final class MakeGoldenImages {
    private static final OpenOptions OPTIONS = new OpenOptions(false, 4 << 20, Duration.ZERO);

    private final Path directory;
    private final String version = "v" + Superblock.FORMAT_VERSION + "-";

    private interface Work {
        void on(Pool pool) throws IOException;
    }

    private MakeGoldenImages(Path directory) {
        this.directory = directory;
    }

    /// @param arguments the directory to write to
    public static void main(String... arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        Files.createDirectories(directory);
        new MakeGoldenImages(directory).makeAll();
    }

    private void makeAll() throws IOException {
        write("empty", image(pool -> {}));
        SampleImage sample = SampleImage.make(2);
        write("every-record", sample.image());
        write("torn-last-commit", torn(sample));
        write("deep-clones", image(MakeGoldenImages::deepClones));
        write("full", image(MakeGoldenImages::fill));
        write("large-directory", image(MakeGoldenImages::largeDirectory));
        write("interrupted-scrub", image(MakeGoldenImages::interruptScrub));
        write("received", received());
        write("bookmarks", image(MakeGoldenImages::bookmarks));
        write("resized", resized());
        MemoryDevice sealed = sealed(sample);
        write("damaged-copies", damagedCopies(sealed));
        write("damaged-nodes", damagedNodes(sealed));
        write("damaged-records", damagedRecords(sealed));
    }

    private void write(String name, MemoryDevice image) throws IOException {
        new GoldenImage(directory, version + name).write(image);
        System.out.println(version + name);
    }

    private static MemoryDevice image(Work work) throws IOException {
        MemoryDevice device = new MemoryDevice(SampleImage.SIZE_BYTES);
        Images.format(device, FormatOptions.ofSize(SampleImage.SIZE_BYTES));
        try (Pool pool = Images.open(device, OPTIONS)) {
            work.on(pool);
        }
        return device.copy();
    }

    /// Twelve clones, each of the one before, with snapshots; some of those between are gone.
    private static void deepClones(Pool pool) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        for (int i = 0; i < 24; i++) {
            writeText(main, "file-" + i, 700 * i);
        }
        String last = "main";
        for (int depth = 1; depth <= 12; depth++) {
            String next = "clone-" + depth;
            if (depth % 3 == 0) {
                pool.snapshot(new Ref(last, "kept"));
                pool.cloneSubvolume(new Ref(last, "kept"), next);
            } else {
                pool.cloneSubvolume(new Ref(last, null), next);
            }
            Volume volume = pool.volume(new Ref(next, null));
            writeText(volume, "made-at-" + depth, 5000);
            volume.unlink(Volume.ROOT_INODE, SampleImage.name("file-" + depth));
            if (depth % 4 == 0 && depth % 3 != 0) {
                pool.delete(List.of(new Ref(last, null)));
            }
            last = next;
        }
        pool.awaitReclaim();
    }

    /// A scrub that was stopped soon after it had begun.
    private static void interruptScrub(Pool pool) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        for (int i = 0; i < 200; i++) {
            writeText(main, "file-" + i, 9000);
        }
        pool.sync();
        pool.startScrub(256 << 10, true);
        Awaitility.await().until(() -> pool.scrub().verifiedBytes() > 0);
        pool.stopScrub();
        if (pool.scrub().isFinished()) {
            throw new AssertionError("the scrub was done before it could be stopped");
        }
    }

    /// Bookmarks of a snapshot that is gone, from before a rollback, of one that is there, and of
    /// another subvolume's; and a snapshot that has changed since.
    private static void bookmarks(Pool pool) throws IOException {
        for (int i = 0; i < 40; i++) {
            writeText(pool.volume(Ref.MAIN), "file-" + i, 300 * i);
        }
        Ref gone = pool.snapshot(new Ref("main", "gone")).ref();
        pool.createBookmark(gone, "gone");
        writeText(pool.volume(Ref.MAIN), "taken back", 5000);
        pool.rollback(gone, null);
        pool.delete(List.of(gone));
        Ref after = pool.snapshot(new Ref("main", "after")).ref();
        pool.createBookmark(after, "after");
        pool.cloneSubvolume(after, "other");
        pool.createBookmark(pool.snapshot(new Ref("other", "taken")).ref(), "taken");
        writeText(pool.volume(Ref.MAIN), "later", 6000);
        pool.volume(Ref.MAIN).unlink(Volume.ROOT_INODE, SampleImage.name("file-7"));
        pool.snapshot(new Ref("main", "later"));
        pool.awaitReclaim();
    }

    /// Grown twice and shrunk once, with files from each time.
    private static MemoryDevice resized() throws IOException {
        return image(
                pool -> {
                    long size = pool.info().sizeBytes();
                    writeText(pool.volume(Ref.MAIN), "before", 20_000);
                    pool.resize(size + 12_288);
                    pool.snapshot(new Ref("main", "grown"));
                    writeText(pool.volume(Ref.MAIN), "grown", 30_000);
                    pool.resize(3 * size);
                    writeText(pool.volume(Ref.MAIN), "again", 40_000);
                    pool.resize(2 * size + (1 << 20));
                    writeText(pool.volume(Ref.MAIN), "shrunk", 50_000);
                });
    }

    /// What a stream of another image brought.
    private static MemoryDevice received() throws IOException {
        MemoryDevice device = image(pool -> writeText(pool.volume(Ref.MAIN), "here before", 100));
        ReceivedTrees.receive(device, "received");
        return device.copy();
    }

    /// Files until nothing fits any more.
    private static void fill(Pool pool) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        int lengthBytes = 1 << 20;
        for (int i = 0; lengthBytes >= 4096; i++) {
            try {
                writeText(main, "file-" + i, lengthBytes);
            } catch (CowException full) {
                if (full.kind() != ErrorKind.NO_SPACE) {
                    throw full;
                }
                lengthBytes /= 2;
            }
        }
    }

    /// 900 names in one directory: of few inodes, so that the manifest stays small.
    private static void largeDirectory(Pool pool) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        long directory =
                main.create(
                                Volume.ROOT_INODE,
                                SampleImage.name("large"),
                                NewInode.directory(0755, 0, 0))
                        .inode();
        List<Long> files = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long file = writeText(main, "file-" + i, 100 * i);
            main.setXattr(file, SampleImage.name("user.number"), new byte[] {1}, XattrMode.CREATE);
            files.add(file);
        }
        for (int i = 0; i < 900; i++) {
            main.link(files.get(i % 3), directory, SampleImage.name("name-" + i));
        }
    }

    /// A file with a text that is easily packed.
    private static long writeText(Volume volume, String name, int lengthBytes) throws IOException {
        long inode =
                volume.create(
                                Volume.ROOT_INODE,
                                SampleImage.name(name),
                                NewInode.regular(0644, 0, 0))
                        .inode();
        byte[] text = SampleImage.name((name + "\n").repeat(lengthBytes / name.length() + 1));
        volume.write(inode, 0, ByteBuffer.wrap(text, 0, lengthBytes));
        return inode;
    }

    /// The sample as it is after a clean end, with what a crash left still in it.
    private static MemoryDevice sealed(SampleImage sample) throws IOException {
        ImageGraph graph = new ImageGraph(sample.image());
        Page any = graph.pages().iterator().next();
        return graph.with(List.of(new Patch(any, 0, new byte[0])));
    }

    /// A power cut tore a node of the last commit in both copies.
    private static MemoryDevice torn(SampleImage sample) throws IOException {
        MemoryDevice image = sample.image().copy();
        Superblock superblock = new ImageGraph(sample.image()).superblock();
        Superblock.Run run = superblock.runs().getFirst();
        flip(image, run.address());
        if (run.copyAddress() != 0) {
            flip(image, run.copyAddress());
        }
        return image;
    }

    /// One copy of every third node is bad; all files can be read.
    private static MemoryDevice damagedCopies(MemoryDevice sealed) throws IOException {
        MemoryDevice image = sealed.copy();
        int count = 0;
        for (Page page : new ImageGraph(sealed).pages()) {
            if (count++ % 3 == 0) {
                flip(image, count % 2 == 0 ? page.address : page.copyAddress);
            }
        }
        return image;
    }

    /// A leaf of `main` is gone in both copies, and a data block.
    private static MemoryDevice damagedNodes(MemoryDevice sealed) throws IOException {
        MemoryDevice image = sealed.copy();
        ImageGraph graph = new ImageGraph(sealed);
        Page lost = null;
        for (Page page : graph.pages()) {
            lost = page.tree == TreeId.FIRST_SUBVOLUME && page.isLeaf() ? page : lost;
        }
        if (lost == null) {
            throw new AssertionError("no leaf");
        }
        flip(image, lost.address);
        flip(image, lost.copyAddress);
        for (Page page : graph.pages()) {
            for (int slot = 0; page.isLeaf() && slot < page.slotCount(); slot++) {
                int at = page.slotPosition(slot);
                int position = NodePage.valuePosition(page.bytes, at);
                if (page != lost
                        && NodePage.kind(page.bytes, at) == ItemKind.CONTENT.number()
                        && ContentItem.ENCODING.get(page.bytes, position) == ContentItem.PLAIN) {
                    flip(image, ContentItem.ADDRESS.get(page.bytes, position));
                    return image;
                }
            }
        }
        throw new AssertionError("no extent");
    }

    /// Records that lie under good checksums: a name with a slash, a directory that leads to the
    /// root.
    private static MemoryDevice damagedRecords(MemoryDevice sealed) throws IOException {
        ImageGraph graph = new ImageGraph(sealed);
        List<Patch> patches = new ArrayList<>();
        for (Page page : graph.pages()) {
            for (int slot = 0; page.isLeaf() && slot < page.slotCount(); slot++) {
                int at = page.slotPosition(slot);
                int position = NodePage.valuePosition(page.bytes, at);
                if (NodePage.kind(page.bytes, at) != ItemKind.DIRENT.number()) {
                    continue;
                }
                if (DirentItem.hasName(page.bytes, position, SampleImage.name("holes"))) {
                    int name = position + DirentItem.LAYOUT.sizeBytes();
                    patches.add(new Patch(page, name + 2, new byte[] {'/'}));
                } else if (DirentItem.hasName(page.bytes, position, SampleImage.name("deep"))) {
                    patches.add(new Patch(page, position, ImageGraph.word(Volume.ROOT_INODE)));
                }
            }
        }
        return graph.with(patches);
    }

    private static void flip(MemoryDevice image, long block) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        long at = Blocks.toBytes(block) + 100;
        image.read(at, one);
        one.put(0, (byte) (one.get(0) ^ 0x40)).rewind();
        image.write(at, one);
    }
}
