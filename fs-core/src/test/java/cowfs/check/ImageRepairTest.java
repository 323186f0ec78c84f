package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.RepairReport;
import cowfs.block.CommittedNode;
import cowfs.check.BlockLedger.Role;
import cowfs.device.BlockDevice;
import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.TreeId;
import cowfs.txn.ReachableNodes;
import cowfs.txn.Rebuild;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a repair leaves is clean, and holds everything that could be read before.
final class ImageRepairTest {
    private static final long MAIN = TreeId.FIRST_SUBVOLUME;

    static RepairReport repair(BlockDevice device) throws IOException {
        return Images.repair(device, (done, total) -> {});
    }

    private static void wipe(BlockDevice device, long address, int blocks) throws IOException {
        byte[] garbage = new byte[blocks * Blocks.SIZE];
        new Random(address).nextBytes(garbage);
        device.write(Blocks.toBytes(address), ByteBuffer.wrap(garbage));
    }

    private static byte[] bytes(BlockDevice device) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) device.sizeBytes());
        device.read(0, all);
        return all.array();
    }

    /// Repairs a copy of a damaged image, which must come out clean.
    static void assertRepaired(MemoryDevice damaged) throws IOException {
        MemoryDevice image = damaged.copy();
        repair(image);
        CheckerTest.assertClean(image);
    }

    /// Repairs a damaged image, which must come out clean with all that was readable, and a line
    /// for each symlink that has lost its target.
    private static RepairReport assertRepairs(MemoryDevice damaged) throws IOException {
        Map<String, byte[]> before = ReadableFiles.of(damaged);
        MemoryDevice image = damaged.copy();
        RepairReport report = repair(image);
        CheckerTest.assertClean(image);
        for (String key : List.copyOf(before.keySet())) {
            if (key.endsWith(ReadableFiles.TARGET_LOST)) {
                before.remove(key);
                String path = key.substring(0, key.length() - ReadableFiles.TARGET_LOST.length());
                RepairReport.LostFile line = new RepairReport.LostFile(path, "file", 0, 0);
                assertTrue(report.lost().contains(line), () -> "not listed: " + path);
            }
        }
        ReadableFiles.assertKept(before, image);
        return report;
    }

    @Test
    void aCleanImageIsNotWrittenTo() throws IOException {
        MemoryDevice image = SampleImages.full(8192, 2);
        byte[] before = bytes(image);
        RepairReport report = repair(image);
        assertFalse(report.changed());
        assertArrayEquals(before, bytes(image));
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("cowfs.repair.seeds", 12));
    }

    /// `-Dcowfs.repair.seeds=N` tries N of them.
    @ParameterizedTest
    @MethodSource("seeds")
    void randomLossOfNodesAndDataKeepsWhatCouldBeRead(long seed) throws IOException {
        int nodeBytes = seed % 3 == 0 ? 8192 : 4096;
        Random random = new Random(seed);
        MemoryDevice whole = SampleImages.full(nodeBytes, 1, seed);
        MemoryDevice damaged = whole.copy();
        List<CommittedNode> nodes = ReachableNodes.of(whole);
        int lost = 1 + random.nextInt(6);
        for (int i = 0; i < lost; i++) {
            CommittedNode node = nodes.get(random.nextInt(nodes.size()));
            wipe(damaged, node.pointer().address(), 1);
        }
        for (int i = 0; i < 20; i++) {
            damageData(damaged, nodes.get(random.nextInt(nodes.size())), random);
        }
        assertRepairs(damaged);
    }

    /// Where nodes lie depends on when space comes back in the background; what is in them must
    /// not.
    @Test
    void theSeedOfASampleSaysWhatIsInEachLeaf() throws IOException {
        assertEquals(keysByLeaf(5), keysByLeaf(5));
        assertNotEquals(keysByLeaf(5), keysByLeaf(6));
    }

    private static List<String> keysByLeaf(long seed) throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(SampleImages.full(4096, 1, seed));
        List<String> leaves = new ArrayList<>();
        for (long leaf : surgeon.leaves(MAIN)) {
            byte[] page = surgeon.page(leaf);
            StringBuilder text = new StringBuilder();
            for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
                int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
                text.append(' ').append(Key.at(page, at));
            }
            leaves.add(text.toString());
        }
        return leaves;
    }

    /// Its inode lies in the last place of a leaf, its target in the leaf behind: attributes that
    /// can still be read, of a symlink that can't be.
    @Test
    void aSymlinkWhoseTargetIsLostGoesAndIsListed() throws IOException {
        MemoryDevice whole =
                SampleImages.image(
                        4096,
                        1,
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            for (int i = 0; i < 100; i++) {
                                main.symlink(
                                        Volume.ROOT_INODE,
                                        SampleImages.name("link-" + i),
                                        SampleImages.name("x".repeat(900 + i)),
                                        NewInode.regular(0777, 1, 1));
                            }
                        });
        ImageSurgeon surgeon = new ImageSurgeon(whole);
        int tried = 0;
        for (long leaf : surgeon.leaves(MAIN)) {
            int first = NodePage.slotPosition(0, NodePage.LEAF_SLOT_BYTES);
            Key key = Key.at(surgeon.page(leaf), first);
            if (key.kind() == ItemKind.CONTENT.number() && tried++ < 5) {
                MemoryDevice damaged = whole.copy();
                wipe(damaged, leaf, 1);
                String path = "main:/link-" + linkOf(whole, key.inode());
                assertTrue(
                        ReadableFiles.of(damaged).containsKey(path + ReadableFiles.TARGET_LOST),
                        path);
                RepairReport report = assertRepairs(damaged);
                assertTrue(
                        report.lost().contains(new RepairReport.LostFile(path, "file", 0, 0)),
                        () -> path + " is not in " + report.lost());
            }
        }
        assertTrue(tried > 0, "a leaf begins with a target");
    }

    private static long linkOf(MemoryDevice image, long inode) throws IOException {
        try (Pool pool = Images.open(image.copy(), OpenOptions.READ_ONLY)) {
            return pool.volume(Ref.MAIN).getAttributes(inode).sizeBytes() - 900;
        }
    }

    private static void damageData(MemoryDevice image, CommittedNode leaf, Random random)
            throws IOException {
        for (int slot = 0; leaf.isLeaf() && slot < leaf.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int value = NodePage.valuePosition(leaf.page(), at);
            if (NodePage.kind(leaf.page(), at) == ItemKind.CONTENT.number()
                    && ContentItem.ENCODING.get(leaf.page(), value) == ContentItem.PLAIN
                    && random.nextInt(4) == 0) {
                int count = ContentItem.blockCount(leaf.page(), value);
                long address = ContentItem.ADDRESS.get(leaf.page(), value);
                wipe(image, address + random.nextInt(count), 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void withTwoCopiesOneBadCopyOfEachNodeLosesNothing(long seed) throws IOException {
        Random random = new Random(seed);
        MemoryDevice whole = SampleImages.full(4096, 2);
        MemoryDevice damaged = whole.copy();
        for (CommittedNode node : ReachableNodes.of(whole)) {
            if (random.nextInt(3) == 0) {
                boolean copy = random.nextBoolean();
                wipe(damaged, copy ? node.pointer().copyAddress() : node.pointer().address(), 1);
            }
        }
        RepairReport report = assertRepairs(damaged);
        assertEquals(List.of(), report.lost());
        assertEquals(ReadableFiles.of(whole).keySet(), ReadableFiles.of(damaged).keySet());
    }

    @ParameterizedTest
    @ValueSource(longs = {TreeId.REFCOUNT, TreeId.SPACE})
    void aLostTreeOfThePoolIsMadeAnew(long tree) throws IOException {
        MemoryDevice whole = SampleImages.full(4096, 1);
        ImageSurgeon surgeon = new ImageSurgeon(whole);
        MemoryDevice damaged = whole.copy();
        for (long leaf : surgeon.leaves(tree)) {
            wipe(damaged, leaf, 1);
        }
        MemoryDevice image = damaged.copy();
        RepairReport report = repair(image);
        assertEquals(List.of(), report.lost());
        CheckerTest.assertClean(image);
        ReadableFiles.assertKept(ReadableFiles.of(whole), image);
    }

    @Test
    void aLostRootTreeIsFoundInAnOlderState() throws IOException {
        MemoryDevice whole = SampleImages.full(4096, 1);
        CommittedNode root = ReachableNodes.of(whole).getFirst();
        MemoryDevice damaged = whole.copy();
        wipe(damaged, root.pointer().address(), 1);
        RepairReport report = repair(damaged);
        assertTrue(report.changed());
        CheckerTest.assertClean(damaged);
        assertFalse(ReadableFiles.of(damaged).isEmpty());
    }

    @Test
    void afterALostLeafTheFilesInItAreNamedAndTheirNeighboursKept() throws IOException {
        MemoryDevice whole = SampleImages.full(4096, 1);
        ImageSurgeon surgeon = new ImageSurgeon(whole);
        List<Long> leaves = surgeon.leaves(MAIN);
        for (int i = 0; i < leaves.size(); i += 1 + leaves.size() / 12) {
            MemoryDevice damaged = whole.copy();
            wipe(damaged, leaves.get(i), 1);
            RepairReport report = assertRepairs(damaged);
            assertFalse(report.lost().isEmpty(), "leaf " + i);
        }
    }

    @Test
    void lostDataIsListedByPathAndRange() throws IOException {
        MemoryDevice image =
                SampleImages.image(
                        8192,
                        2,
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            long dir =
                                    SampleImages.makeDirectory(
                                            main, Volume.ROOT_INODE, SampleImages.name("d"));
                            SampleImages.write(
                                    main, dir, SampleImages.name("f"), new Random(1), 100_000);
                        });
        ImageSurgeon.Place extent = new ImageSurgeon(image).get(MAIN, ItemKind.CONTENT);
        MemoryDevice damaged = image.copy();
        wipe(damaged, ContentItem.ADDRESS.get(extent.page(), extent.position()) + 2, 2);
        RepairReport report = repair(damaged);
        assertEquals(
                List.of(new RepairReport.LostFile("main:/d/f", "data", 8192, 8192)), report.lost());
        Map<String, byte[]> want = ReadableFiles.of(image);
        want.put("main:/d/f @8192", new byte[Blocks.SIZE]);
        want.put("main:/d/f @12288", new byte[Blocks.SIZE]);
        ReadableFiles.assertKept(want, damaged);
    }

    /// As a crash in the middle of a repair leaves it: nothing of the old state was touched.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRepairThatIsCutOffAnywhereLeavesTheImageAsItWasOrRepaired(boolean torn)
            throws IOException {
        MemoryDevice whole = SampleImages.full(4096, 1);
        ImageSurgeon surgeon = new ImageSurgeon(whole);
        MemoryDevice damaged = whole.copy();
        wipe(damaged, surgeon.leaves(MAIN).get(2), 1);
        wipe(damaged, surgeon.leaves(TreeId.SPACE).getFirst(), 1);
        CheckResult before = CheckerTest.check(damaged);
        boolean done = false;
        int repaired = 0;
        for (int n = 1; !done; n++) {
            MemoryDevice image = damaged.copy();
            FaultDevice device = new FaultDevice(image);
            if (torn) {
                device.tearWrite(n);
            } else {
                device.fail(DeviceOperation.WRITE, n);
            }
            try {
                repair(device);
                done = true;
            } catch (IOException cut) {
                CheckResult after = CheckerTest.check(image);
                if (after.txg() == before.txg()) {
                    assertEquals(before.findings(), after.findings(), "write " + n);
                } else {
                    repaired++;
                    assertTrue(
                            after.findings().stream()
                                    .allMatch(f -> f.code() == DamageCode.BAD_SUPERBLOCK),
                            () -> "" + after.findings());
                }
            }
        }
        assertTrue(repaired > 0, "a cut after the first superblock is among them");
    }

    @Test
    void nothingThatTheOldStateUsesIsWrittenTo() throws IOException {
        MemoryDevice whole = SampleImages.full(4096, 2);
        ImageSurgeon surgeon = new ImageSurgeon(whole);
        MemoryDevice damaged = whole.copy();
        wipe(damaged, surgeon.leaves(MAIN).get(1), 1);
        wipe(damaged, surgeon.leaves(MAIN).get(3), 1);
        CheckRun run =
                new CheckRun(damaged, Rebuild.find(damaged).superblock(), (done, total) -> {});
        run.run();
        byte[] before = bytes(damaged);
        assertTrue(repair(damaged).changed());
        byte[] after = bytes(damaged);
        assertNotEquals(Arrays.hashCode(before), Arrays.hashCode(after));
        for (long block = 0; block < run.ledger().blockCount(); block++) {
            Role role = run.ledger().role(block);
            if (role != Role.NONE && role != Role.SUPERBLOCK) {
                int from = (int) Blocks.toBytes(block);
                assertTrue(
                        Arrays.equals(
                                before, from, from + Blocks.SIZE, after, from, from + Blocks.SIZE),
                        "block " + block + " is " + role.words());
            }
        }
    }

    @Test
    void whatHasNoSuperblockIsRefused() {
        MemoryDevice blank = new MemoryDevice(SampleImages.SIZE_BYTES);
        assertThrows(CowException.class, () -> repair(blank));
    }

    @Test
    void aRepairedImageCanBeWorkedWith() throws IOException {
        MemoryDevice whole = SampleImages.full(4096, 1);
        ImageSurgeon surgeon = new ImageSurgeon(whole);
        MemoryDevice damaged = whole.copy();
        List<Long> leaves = surgeon.leaves(MAIN);
        wipe(damaged, leaves.get(leaves.size() / 2), 1);
        repair(damaged);
        MemoryDevice used =
                SampleImages.change(
                        damaged,
                        pool -> {
                            SampleImages.disturb(pool.volume(Ref.MAIN), 77, 40);
                            pool.snapshot(Ref.parse("main@later"));
                            pool.delete(List.of(Ref.parse("main@one")));
                            pool.awaitReclaim();
                            SampleImages.fill(pool.volume(Ref.MAIN), 78, 30);
                        });
        CheckerTest.assertClean(used);
    }
}
