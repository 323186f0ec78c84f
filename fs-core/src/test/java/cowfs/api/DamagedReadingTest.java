package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.NodePage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What can be read of an image with unreadable nodes is read, and what can't is told.
final class DamagedReadingTest {
    private static final int FILES = 600;
    private static final int NODE_BYTES = 4096;
    private MemoryDevice device = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
    private final List<LostNode> lost = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        Images.format(device, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, NODE_BYTES, 1, "x"));
        try (Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            for (int i = 0; i < FILES; i++) {
                long inode =
                        main.create(
                                        Volume.ROOT_INODE,
                                        name("file" + i),
                                        NewInode.regular(0600, 0, 0))
                                .inode();
                main.write(inode, 0, ByteBuffer.wrap(content(i)));
            }
            long big =
                    main.create(Volume.ROOT_INODE, name("big"), NewInode.regular(0600, 0, 0))
                            .inode();
            // every other block, so that each is an extent of its own
            for (int i = 0; i < 2000; i++) {
                main.write(big, 8192L * i, ByteBuffer.wrap(block(i)));
            }
        }
        device = device.copy();
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] content(int i) {
        return ("content of file " + i).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] block(int i) {
        byte[] block = new byte[4096];
        new Random(i).nextBytes(block);
        return block;
    }

    /// Node pages of file trees of a level.
    private List<Long> nodes(int level) {
        List<Long> found = new ArrayList<>();
        try (Pool pool = Images.open(device.copy(), OpenOptions.READ_ONLY)) {
            long tree = pool.list().getFirst().treeId();
            byte[] page = new byte[NODE_BYTES];
            for (long block = 64; block < device.sizeBytes() / Blocks.SIZE; block++) {
                device.read(Blocks.toBytes(block), ByteBuffer.wrap(page));
                if (NodePage.address(page) == block
                        && NodePage.owner(page) == tree
                        && NodePage.level(page) == level
                        && NodePage.birthTxg(page) > 0) {
                    found.add(block);
                }
            }
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return found;
    }

    private void spoil(long block) throws IOException {
        byte[] page = new byte[Blocks.SIZE];
        device.read(Blocks.toBytes(block), ByteBuffer.wrap(page));
        page[2000] ^= 0x55;
        device.write(Blocks.toBytes(block), ByteBuffer.wrap(page));
    }

    private record Found(Set<String> names, int whole, int failed, int wrong) {}

    private Found readAll() throws IOException {
        Set<String> names = new TreeSet<>();
        int[] counts = new int[3];
        try (Pool pool = Images.openDamaged(device.copy(), lost::add);
                PinnedState state = pool.pin()) {
            ReadableVolume volume = state.volume(Ref.MAIN);
            List<Long> inodes = new ArrayList<>();
            volume.readDirectory(
                    Volume.ROOT_INODE,
                    2,
                    (name, inode, type, cookie) -> {
                        names.add(new String(name, StandardCharsets.US_ASCII));
                        inodes.add(inode);
                        return true;
                    });
            for (int i = 0; i < FILES; i++) {
                try {
                    long inode = volume.lookup(Volume.ROOT_INODE, name("file" + i)).inode();
                    byte[] bytes = new byte[content(i).length];
                    int before = lost.size();
                    volume.read(inode, 0, ByteBuffer.wrap(bytes));
                    if (java.util.Arrays.equals(content(i), bytes)) {
                        counts[0]++;
                    } else {
                        assertTrue(lost.size() > before, "a hole where content was is told");
                        counts[2]++;
                    }
                } catch (CowException gone) {
                    counts[1]++;
                }
            }
        }
        return new Found(names, counts[0], counts[1], counts[2]);
    }

    @Test
    void aSoundImageLosesNothing() throws IOException {
        Found found = readAll();
        assertEquals(FILES, found.whole());
        assertEquals(FILES + 1, found.names().size());
        assertEquals(List.of(), lost);
    }

    @Test
    void aLostLeafTakesAwayWhatIsInItAndNothingElse() throws IOException {
        List<Long> leaves = nodes(0);
        assertTrue(leaves.size() > 20, "leaves: " + leaves.size());
        int worst = 0;
        for (int i = 0; i < leaves.size(); i += 7) {
            spoil(leaves.get(i));
            lost.clear();
            Found found = readAll();
            spoil(leaves.get(i));
            Set<Long> blocks = new HashSet<>();
            lost.forEach(each -> blocks.add(each.block()));
            assertTrue(blocks.isEmpty() || blocks.equals(Set.of(leaves.get(i))), blocks + "");
            int missing = FILES - found.whole();
            assertTrue(
                    blocks.isEmpty() == (missing == 0 && found.names().size() == FILES + 1)
                            || blocks.equals(Set.of(leaves.get(i))),
                    "what is missing is told");
            worst = Math.max(worst, missing);
        }
        assertTrue(worst > 0 && worst < 100, "a leaf's worth of files is lost: " + worst);
    }

    @Test
    void aLostInteriorNodeTakesAwayItsSubtree() throws IOException {
        List<Long> interior = nodes(1);
        assertFalse(interior.isEmpty());
        spoil(interior.getFirst());
        if (interior.size() > 1) {
            Found found = readAll();
            assertTrue(found.whole() < FILES);
            assertFalse(lost.isEmpty());
            assertEquals(1, lost.getFirst().level());
        }
    }

    @Test
    void lostContentIsToldByItsRange() throws IOException {
        long missing = 0;
        for (long leaf : nodes(0)) {
            spoil(leaf);
            lost.clear();
            try (Pool pool = Images.openDamaged(device.copy(), lost::add);
                    PinnedState state = pool.pin()) {
                ReadableVolume volume = state.volume(Ref.MAIN);
                long big;
                try {
                    big = volume.lookup(Volume.ROOT_INODE, name("big")).inode();
                } catch (CowException gone) {
                    continue;
                }
                for (int i = 0; i < 2000; i++) {
                    lost.clear();
                    ByteBuffer target = ByteBuffer.allocate(4096);
                    volume.read(big, 8192L * i, target);
                    if (java.util.Arrays.equals(target.array(), block(i))) {
                        continue;
                    }
                    missing++;
                    assertArrayEquals(new byte[4096], target.array());
                    long offset = 8192L * i;
                    assertTrue(
                            lost.stream()
                                    .anyMatch(
                                            node ->
                                                    node.contentStart(big) >= 0
                                                            && node.contentStart(big) <= offset
                                                            && node.contentEnd(big) > offset),
                            "offset " + offset + " in " + lost);
                }
            } finally {
                spoil(leaf);
            }
        }
        assertTrue(missing >= 1900, "each block was missing once: " + missing);
    }

    @Test
    void thePoolsOwnTreesAreNotNeeded() throws IOException {
        byte[] page = new byte[NODE_BYTES];
        for (long block = 64; block < device.sizeBytes() / Blocks.SIZE; block++) {
            device.read(Blocks.toBytes(block), ByteBuffer.wrap(page));
            if (NodePage.address(page) == block
                    && (NodePage.owner(page) == 2 || NodePage.owner(page) == 3)) {
                spoil(block);
            }
        }
        assertThrows(CowException.class, () -> Images.open(device.copy(), OpenOptions.READ_ONLY));
        assertEquals(FILES, readAll().whole());
        assertTrue(lost.stream().allMatch(LostNode::ofPool));
        assertFalse(lost.isEmpty());
    }

    @Test
    void withoutARootTreeThereIsNothingToRead() throws IOException {
        byte[] page = new byte[NODE_BYTES];
        for (long block = 64; block < device.sizeBytes() / Blocks.SIZE; block++) {
            device.read(Blocks.toBytes(block), ByteBuffer.wrap(page));
            if (NodePage.address(page) == block && NodePage.owner(page) == 1) {
                spoil(block);
            }
        }
        CowException failure =
                assertThrows(
                        CowException.class, () -> Images.openDamaged(device.copy(), lost::add));
        assertEquals(ErrorKind.CORRUPT, failure.kind());
    }
}
