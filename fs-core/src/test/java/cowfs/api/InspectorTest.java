package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the inspector says of an image is what the engine has put there, and damage is named.
final class InspectorTest {
    private static final int BLOCK = Blocks.SIZE;
    private MemoryDevice device = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
    private PoolInfo info;
    private long tree;
    private long file;
    private long snapshotTxg;

    @BeforeEach
    void fill() throws IOException {
        Images.format(
                device, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, 2, "inspected"));
        try (Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            file = main.create(1, name("file"), NewInode.regular(0600, 0, 0)).inode();
            byte[] content = new byte[10 * BLOCK];
            new Random(1).nextBytes(content);
            main.write(file, 0, ByteBuffer.wrap(content));
            main.write(file, 20L * BLOCK, ByteBuffer.wrap(content));
            for (int i = 0; i < 300; i++) {
                main.create(1, name("n" + i), NewInode.regular(0600, 0, 0));
            }
            snapshotTxg = pool.snapshot(Ref.parse("main@s")).createdTxg();
            main.write(file, 2L * BLOCK, ByteBuffer.wrap(new byte[BLOCK]));
            long clone = main.create(1, name("clone"), NewInode.regular(0600, 0, 0)).inode();
            main.cloneFile(main, file, clone, SetIdBits.KEEP);
            pool.sync();
            info = pool.info();
            tree = main.treeId();
        }
        device = device.copy();
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private Inspector inspector() {
        return Inspector.open(device.copy());
    }

    @SuppressWarnings("unchecked") // the answers are made so
    private static List<Map<String, @Nullable Object>> list(
            Map<String, @Nullable Object> facts, String key) {
        return (List<Map<String, @Nullable Object>>) facts.get(key);
    }

    private static long number(Map<String, @Nullable Object> facts, String key) {
        return ((Number) facts.get(key)).longValue();
    }

    private void spoil(long block) throws IOException {
        byte[] bytes = new byte[BLOCK];
        device.read(Blocks.toBytes(block), ByteBuffer.wrap(bytes));
        bytes[1000] ^= 0x55;
        device.write(Blocks.toBytes(block), ByteBuffer.wrap(bytes));
    }

    @Test
    void allSlotsAreShownAndWhichOneWins() throws IOException {
        Map<String, @Nullable Object> ring = inspector().superblocks();
        long chosen = number(ring, "chosen_txg");
        assertTrue(chosen >= info.txg());
        assertEquals(64, list(ring, "slots").size());
        List<Map<String, @Nullable Object>> winners =
                list(ring, "slots").stream()
                        .filter(slot -> "chosen".equals(slot.get("state")))
                        .toList();
        assertEquals(2, winners.size());
        assertTrue(ring.get("why").toString().contains("newest"));
        assertTrue(ring.toString().contains("label=inspected"));
        spoil(number(winners.get(0), "block"));
        Map<String, @Nullable Object> half = inspector().superblocks();
        assertEquals(chosen, number(half, "chosen_txg"));
        assertTrue(half.toString().contains("checksum does not match"), half.toString());
    }

    @Test
    void withoutASuperblockTheSlotsAreShownAllTheSame() throws IOException {
        for (Map<String, @Nullable Object> slot : list(inspector().superblocks(), "slots")) {
            spoil(number(slot, "block"));
        }
        try (Inspector inspector = inspector()) {
            Map<String, @Nullable Object> ring = inspector.superblocks();
            assertNull(ring.get("chosen_txg"));
            assertTrue(ring.get("why").toString().contains("checksum does not match"));
            assertThrows(CowException.class, () -> inspector.tree("main", 10));
        }
    }

    @Test
    void whatHoldsNothingOfASuperblockIsNoImage() throws IOException {
        MemoryDevice blank = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
        try (Inspector inspector = Inspector.open(blank)) {
            for (Ask ask : List.<Ask>of(Inspector::superblocks, all -> all.tree("main", 10))) {
                CowException none = assertThrows(CowException.class, () -> ask.of(inspector));
                assertEquals(ErrorKind.NOT_AN_IMAGE, none.kind());
                assertTrue(none.getMessage().contains("no cowfs superblock"), none.getMessage());
            }
        }
    }

    @Test
    void everyNodeOfATreeCanBeDecoded() throws IOException {
        Inspector inspector = inspector();
        Set<String> kinds = new HashSet<>();
        for (Map<String, @Nullable Object> each : list(inspector.trees(), "items")) {
            Map<String, @Nullable Object> shape =
                    inspector.tree(each.get("name").toString(), 10_000);
            assertEquals(number(shape, "node_count"), list(shape, "nodes").size());
            for (Map<String, @Nullable Object> node : list(shape, "nodes")) {
                for (String copy : List.of("block", "copy")) {
                    Map<String, @Nullable Object> decoded = inspector.node(number(node, copy));
                    assertNull(decoded.get("problem"), decoded.toString());
                    assertEquals(node.get("checksum"), decoded.get("checksum"));
                    assertEquals(number(node, "items"), list(decoded, "items").size());
                    list(decoded, "items")
                            .forEach(
                                    item -> {
                                        assertNull(item.get("problem"), item.toString());
                                        kinds.add(item.get("kind").toString());
                                    });
                }
            }
        }
        assertTrue(
                kinds.containsAll(
                        List.of(
                                "inode",
                                "inode_ref",
                                "dirent",
                                "content",
                                "subvolume",
                                "tree_root",
                                "pending",
                                "group_bitmap",
                                "group_summary",
                                "refcount")),
                kinds.toString());
    }

    @Test
    void theLimitBoundsWhatIsListedAndNotWhatIsCounted() throws IOException {
        Map<String, @Nullable Object> all = inspector().tree("main", 10_000);
        Map<String, @Nullable Object> few = inspector().tree(Long.toString(tree), 3);
        assertEquals(3, list(few, "nodes").size());
        assertEquals(number(all, "node_count"), number(few, "node_count"));
    }

    @Test
    void theWayToAKeyEndsAtItsItem() throws IOException {
        Map<String, @Nullable Object> path = inspector().path("main", file, "inode", 0);
        assertEquals(true, path.get("found"));
        assertEquals(2, list(path, "path").size());
        assertTrue(path.get("item").toString().contains("kind=inode"), path.toString());
        assertEquals(false, inspector().path("main", file, "xattr", 5).get("found"));
        CowException none =
                assertThrows(
                        CowException.class, () -> inspector().path("main", file, "nothing", 0));
        assertEquals(ErrorKind.INVALID, none.kind());
    }

    @Test
    void theSpaceMapAddsUp() throws IOException {
        Map<String, @Nullable Object> space = inspector().space(-1);
        assertEquals(info.dataBytes() / BLOCK, number(space, "data_blocks"));
        assertEquals(
                info.usedBytes() / BLOCK,
                number(space, "data_blocks") + number(space, "metadata_blocks"));
        for (Map<String, @Nullable Object> group : list(space, "items")) {
            assertNull(group.get("problem"));
            Map<String, @Nullable Object> one =
                    list(inspector().space(number(group, "group")), "items").getFirst();
            assertFalse(one.get("allocated_runs").toString().isEmpty());
        }
        assertThrows(CowException.class, () -> inspector().space(1 << 20));
    }

    @Test
    void aFilesExtentsAreWhereItsOwnersAreFound() throws IOException {
        Inspector inspector = inspector();
        Map<String, @Nullable Object> extents = inspector.file(tree, file);
        List<Map<String, @Nullable Object>> items = list(extents, "extents");
        assertEquals(0, number(items.getFirst(), "offset"));
        assertEquals(
                10L * BLOCK, items.stream().mapToLong(item -> number(item, "hole_before")).sum());
        assertEquals(20L * BLOCK, items.stream().mapToLong(item -> number(item, "bytes")).sum());
        long block = number(items.getFirst(), "block");
        Map<String, @Nullable Object> owners = inspector.owners(block);
        assertEquals(true, owners.get("allocated"));
        Set<String> found = new HashSet<>();
        list(owners, "owners")
                .forEach(
                        owner ->
                                found.add(
                                        owner.get("name")
                                                + ":"
                                                + owner.get("path")
                                                + " "
                                                + owner.get("offset")));
        assertEquals(Set.of("main:/file 0", "main:/clone 0", "main@s:/file 0"), found);
    }

    @Test
    void aNodeIsOwnedByEachTreeThatReachesIt() throws IOException {
        Inspector inspector = inspector();
        int shared = 0;
        for (Map<String, @Nullable Object> node : list(inspector.tree("main@s", 1000), "nodes")) {
            List<Object> names = new ArrayList<>();
            for (Map<String, @Nullable Object> owner :
                    list(inspector.owners(number(node, "block")), "owners")) {
                assertEquals("node", owner.get("what"));
                names.add(owner.get("name"));
            }
            assertTrue(names.contains("main@s"), names.toString());
            shared += names.contains("main") ? 1 : 0;
            List<Map<String, @Nullable Object>> copies =
                    list(inspector.owners(number(node, "copy")), "owners");
            assertEquals("node_copy", copies.getFirst().get("what"));
        }
        assertTrue(shared > 0, "the snapshot shares leaves with its subvolume");
        assertEquals(0L, number(inspector.owners(3), "superblock_area"));
        assertThrows(CowException.class, () -> inspector.owners(1L << 40));
    }

    @Test
    void aTransactionGroupIsKnownByItsBirths() throws IOException {
        Inspector inspector = inspector();
        Map<String, @Nullable Object> before = inspector.txg(snapshotTxg);
        Map<String, @Nullable Object> after = inspector.txg(info.txg());
        assertTrue(number(after, "node_count") > 0);
        assertEquals(BLOCK, number(after, "data_bytes"));
        Set<Object> paths = new HashSet<>();
        list(after, "files").forEach(each -> paths.add(each.get("path")));
        assertEquals(Set.of("/file", "/clone"), paths);
        assertTrue(number(before, "node_count") > 0);
        assertThrows(CowException.class, () -> inspector.txg(info.txg() + 100));
    }

    @Test
    void theFiguresAreThoseOfTheImage() throws IOException {
        Map<String, @Nullable Object> figures = inspector().statistics();
        Map<?, ?> kinds = (Map<?, ?>) figures.get("items_by_kind");
        assertTrue(((Number) kinds.get("dirent")).longValue() >= 302);
        Map<?, ?> content = (Map<?, ?>) figures.get("content");
        assertTrue(((Number) content.get("extent_bytes")).longValue() >= 20 * BLOCK);
        Map<?, ?> sharing = (Map<?, ?>) figures.get("sharing");
        assertTrue(((Number) sharing.get("blocks_with_references")).longValue() >= 19);
        assertEquals(List.of(), figures.get("damage"));
    }

    @Test
    void damageIsNamedAndTheRestIsShown() throws IOException {
        List<Map<String, @Nullable Object>> nodes = list(inspector().tree("main", 1000), "nodes");
        Map<String, @Nullable Object> leaf =
                nodes.stream().filter(each -> number(each, "level") == 0).findFirst().orElseThrow();
        spoil(number(leaf, "block"));
        assertEquals(List.of(), inspector().tree("main", 1000).get("damage"), "the copy serves");
        spoil(number(leaf, "copy"));
        Map<String, @Nullable Object> damaged = inspector().tree("main", 1000);
        assertEquals(1, ((List<?>) damaged.get("damage")).size());
        assertEquals(nodes.size(), list(damaged, "nodes").size());
        assertEquals(
                1,
                list(damaged, "nodes").stream()
                        .filter(each -> Boolean.FALSE.equals(each.get("readable")))
                        .count());
        assertFalse(((List<?>) inspector().statistics().get("damage")).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anyDamageEndsInWords(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] noise = new byte[64];
        for (int i = 0; i < 400; i++) {
            random.nextBytes(noise);
            long at = (long) random.nextInt(2000) * BLOCK + random.nextInt(BLOCK - 64);
            device.write(at & -512, ByteBuffer.wrap(Arrays.copyOf(noise, 512)));
        }
        try (Inspector inspector = inspector()) {
            inspector.superblocks();
            for (Ask ask :
                    List.<Ask>of(
                            Inspector::trees,
                            all -> all.tree("main", 100),
                            all -> all.tree("root", 100),
                            all -> all.space(-1),
                            all -> all.owners(700),
                            all -> all.file(tree, file),
                            all -> all.txg(3),
                            Inspector::statistics,
                            all -> all.node(random.nextInt(8000)))) {
                try {
                    assertFalse(ask.of(inspector).isEmpty());
                } catch (CowException told) {
                    assertFalse(told.getMessage().isEmpty());
                }
            }
        }
    }

    /// A question.
    @FunctionalInterface
    private interface Ask {
        Map<String, @Nullable Object> of(Inspector inspector) throws IOException;
    }
}
