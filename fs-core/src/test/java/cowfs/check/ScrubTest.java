package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.ScrubReport;
import cowfs.block.CommittedNode;
import cowfs.device.BlockDevice;
import cowfs.device.ForwardingDevice;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.SuperblockArea;
import cowfs.txn.DurableGuard;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import cowfs.txn.ReachableNodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A scrub finds all damage, repairs what has a good copy, and says what has none.
final class ScrubTest {
    private static final OpenOptions OPTIONS = new OpenOptions(false, 1L << 20, Duration.ZERO);
    private static final PoolOptions STORE =
            new PoolOptions(false, 1 << 20, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    static ScrubReport scrub(Pool pool) throws IOException {
        pool.startScrub(0, false);
        return await(pool);
    }

    private static ScrubReport await(Pool pool) throws IOException {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(pool::scrub, report -> !report.isRunning());
    }

    /// Opens, scrubs, closes.
    private static ScrubReport scrub(BlockDevice device) throws IOException {
        try (Pool pool = Images.open(device, OPTIONS)) {
            return scrub(pool);
        }
    }

    private static void spoil(BlockDevice device, long address, Random random) throws IOException {
        byte[] garbage = new byte[1 + random.nextInt(2000)];
        random.nextBytes(garbage);
        device.write(Blocks.toBytes(address) + random.nextInt(2000), ByteBuffer.wrap(garbage));
    }

    @ParameterizedTest
    @CsvSource({"4096,1", "4096,2", "8192,2", "65536,2"})
    void aSoundImageIsVerifiedOnceAndFoundClean(int nodeBytes, int copies) throws IOException {
        MemoryDevice image = SampleImages.full(nodeBytes, copies);
        CheckResult check = CheckerTest.check(image);
        try (PoolStore store = PoolStore.open(image.copy(), STORE)) {
            ScrubPass pass = new ScrubPass(store, 1);
            while (!pass.isFinished()) {
                pass.step(1 << 20);
            }
            assertEquals(0, pass.tally().lostCount());
            assertEquals(0, pass.tally().repairedCount());
            long nodeBlocks = check.nodeCount() * copies * nodeBytes / Blocks.SIZE;
            assertEquals(nodeBlocks + writtenBlocks(image), pass.tally().verifiedBlocks());
        }
    }

    /// Blocks of plain extents, each once.
    private static long writtenBlocks(MemoryDevice image) throws IOException {
        BlockBits seen = new BlockBits(image.sizeBytes() >>> Blocks.SHIFT);
        long count = 0;
        for (CommittedNode leaf : ReachableNodes.of(image)) {
            for (int slot = 0; leaf.isLeaf() && slot < leaf.itemCount(); slot++) {
                byte[] page = leaf.page();
                int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
                int value = NodePage.valuePosition(page, at);
                if (NodePage.kind(page, at) == ItemKind.CONTENT.number()
                        && ContentItem.ENCODING.get(page, value) == ContentItem.PLAIN) {
                    for (int i = 0; i < ContentItem.blockCount(page, value); i++) {
                        long block = ContentItem.ADDRESS.get(page, value) + i;
                        count += seen.get(block) ? 0 : 1;
                        seen.set(block);
                    }
                }
            }
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 100, 1000})
    void interruptedAfterEachStepItVerifiesEachBlockOnce(int stepBlocks) throws IOException {
        MemoryDevice image = SampleImages.full(4096, 2);
        long want;
        try (PoolStore store = PoolStore.open(image.copy(), STORE)) {
            ScrubPass pass = new ScrubPass(store, 1);
            while (!pass.isFinished()) {
                pass.step(1 << 20);
            }
            want = pass.tally().verifiedBlocks();
        }
        try (PoolStore store = PoolStore.open(image.copy(), STORE)) {
            ScrubPass pass = new ScrubPass(store, 1);
            Random random = new Random(stepBlocks);
            for (int steps = 0; !pass.isFinished(); steps++) {
                assertTrue(steps < 100_000, "no end in sight");
                pass.step(stepBlocks);
                if (random.nextInt(20) == 0 && !pass.isFinished()) {
                    // as a crash does: the bits are gone
                    pass = new ScrubPass(store, pass.toItem(2), pass.tally().lost());
                }
            }
            assertEquals(want, pass.tally().verifiedBlocks());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void ofTwoCopiesAnyOneMayBeBad(long seed) throws IOException {
        Random random = new Random(seed);
        MemoryDevice whole = SampleImages.full(seed % 2 == 0 ? 4096 : 8192, 2);
        MemoryDevice damaged = whole.copy();
        int count = 0;
        for (CommittedNode node : ReachableNodes.of(whole)) {
            if (random.nextInt(4) == 0) {
                boolean copy = random.nextBoolean();
                long address = copy ? node.pointer().copyAddress() : node.pointer().address();
                spoil(damaged, address, random);
                count++;
            }
        }
        DurableGuard device = new DurableGuard(damaged);
        ScrubReport report;
        try (Pool pool = Images.open(device, OPTIONS)) {
            for (var each : pool.list()) {
                readAll(pool.volume(each.ref()), Volume.ROOT_INODE);
            }
            report = scrub(pool);
            assertEquals(0, pool.info().badCopyCount());
            assertEquals(0, pool.info().unreadableBlockCount());
            // what reads have repaired first is not the scrub's
            assertTrue(pool.info().repairedCopyCount() >= report.repairedCount());
            assertTrue(pool.info().repairedCopyCount() > count / 2);
        }
        device.assertNoViolations();
        assertTrue(report.isFinished() && report.lostCount() == 0, () -> "" + report);
        CheckerTest.assertClean(damaged);
        assertEquals(0, scrub(damaged.copy()).repairedCount());
    }

    /// Reads every byte; anything unreadable throws.
    static void readAll(Volume volume, long directory) throws IOException {
        volume.readDirectory(
                directory,
                2,
                (name, inode, type, cookie) -> {
                    try {
                        if (type == cowfs.file.Attributes.DIRECTORY) {
                            readAll(volume, inode);
                        } else if (type == cowfs.file.Attributes.REGULAR) {
                            ByteBuffer content = ByteBuffer.allocate(1 << 21);
                            volume.read(inode, 0, content);
                        }
                    } catch (IOException unreadable) {
                        throw new java.io.UncheckedIOException(unreadable);
                    }
                    return true;
                });
    }

    @Test
    void lostDataIsReportedByPathAndRangeAlsoAfterTheImageWasClosed() throws IOException {
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
                            pool.snapshot(Ref.parse("main@s"));
                        });
        ImageSurgeon surgeon = new ImageSurgeon(image);
        ImageSurgeon.Place extent = surgeon.get(16, ItemKind.CONTENT);
        long address = ContentItem.ADDRESS.get(extent.page(), extent.position());
        MemoryDevice damaged = image.copy();
        spoil(damaged, address + 2, new Random(2));
        spoil(damaged, address + 3, new Random(3));
        ScrubReport report = scrub(damaged);
        damaged = damaged.copy();
        assertTrue(report.isFinished());
        assertEquals(
                List.of(new ScrubReport.LostRange("main:/d/f", false, 8192, 8192, address + 2)),
                report.lost());
        try (Pool pool = Images.open(damaged, OPTIONS)) {
            assertEquals(report.lost(), pool.scrub().lost());
            assertEquals(1, pool.scrub().lostCount());
        }
        CheckResult check = CheckerTest.check(damaged);
        assertEquals(2, check.findingCount(), () -> "" + check.findings());
    }

    @Test
    void anImageWithOneCopyCanOnlyBeReported() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 1);
        List<CommittedNode> nodes = ReachableNodes.of(image);
        MemoryDevice damaged = image.copy();
        spoil(damaged, nodes.getLast().pointer().address(), new Random(1));
        ScrubReport report = scrub(damaged);
        assertTrue(report.isFinished());
        assertEquals(1, report.lostCount());
        assertTrue(report.lost().getFirst().metadata());
    }

    @Test
    void damagedSuperblockSlotsAreMadeGood() throws IOException {
        MemoryDevice image = SampleImages.full(8192, 2);
        Random random = new Random(4);
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            MemoryDevice damaged = image.copy();
            try (Pool pool = Images.open(damaged, OPTIONS)) {
                long start = SuperblockArea.start(area, damaged.sizeBytes() >>> Blocks.SHIFT);
                byte[] garbage = new byte[SuperblockArea.SLOTS * Blocks.SIZE];
                random.nextBytes(garbage);
                damaged.write(Blocks.toBytes(start), ByteBuffer.wrap(garbage));
                ScrubReport report = scrub(pool);
                assertTrue(report.repairedCount() > 0, () -> "" + report);
            }
            MemoryDevice reopened = damaged.copy();
            byte[] first = new byte[SuperblockArea.SLOTS * Blocks.SIZE];
            byte[] second = new byte[SuperblockArea.SLOTS * Blocks.SIZE];
            reopened.read(0, ByteBuffer.wrap(first));
            reopened.read(
                    Blocks.toBytes(SuperblockArea.start(1, damaged.sizeBytes() >>> Blocks.SHIFT)),
                    ByteBuffer.wrap(second));
            for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
                int from = slot * Blocks.SIZE;
                boolean used = first[from] != 0 && second[from] != 0;
                if (used) {
                    assertArrayEquals(
                            java.util.Arrays.copyOfRange(first, from, from + Blocks.SIZE),
                            java.util.Arrays.copyOfRange(second, from, from + Blocks.SIZE),
                            "slot " + slot);
                }
            }
            CheckerTest.assertClean(reopened);
        }
    }

    /// Whoever waits for it, closing above all, must not wait for a thread that is gone.
    @Test
    @Timeout(60)
    void oneThatDiesOfADefectHasFailedAndKeepsNothingFromClosing() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 2);
        AtomicBoolean defective = new AtomicBoolean();
        BlockDevice device =
                new ForwardingDevice() {
                    @Override
                    public BlockDevice target() {
                        return image;
                    }

                    @Override
                    public void read(long position, ByteBuffer into) throws IOException {
                        if (defective.get()
                                && Thread.currentThread().getName().equals("cowfs-scrub")) {
                            throw new AssertionError("a defect");
                        }
                        image.read(position, into);
                    }
                };
        try (Pool pool = Images.open(device, OPTIONS)) {
            defective.set(true);
            ScrubReport report = scrub(pool);
            assertEquals("failed", report.state());
            assertEquals("a defect", report.failure());
            defective.set(false);
            assertTrue(scrub(pool).isFinished());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void itWorksWhileTheImageIsWrittenTo(long seed) throws IOException {
        Random random = new Random(seed);
        MemoryDevice whole = SampleImages.full(4096, 2);
        MemoryDevice damaged = whole.copy();
        for (CommittedNode node : ReachableNodes.of(whole)) {
            if (random.nextInt(3) == 0) {
                boolean copy = random.nextBoolean();
                long address = copy ? node.pointer().copyAddress() : node.pointer().address();
                spoil(damaged, address, random);
            }
        }
        DurableGuard device = new DurableGuard(damaged);
        try (Pool pool = Images.open(device, OPTIONS)) {
            pool.startScrub(8 << 20, false);
            for (int i = 0; i < 12 && pool.scrub().isRunning(); i++) {
                SampleImages.disturb(pool.volume(Ref.MAIN), 1000 + 10 * seed + i, 12);
                pool.snapshot(Ref.parse("main@during-" + i));
                if (i > 2) {
                    pool.delete(List.of(Ref.parse("main@during-" + (i - 2))));
                }
            }
            ScrubReport report = await(pool);
            assertTrue(report.isFinished() && report.lostCount() == 0, () -> "" + report);
        }
        device.assertNoViolations();
        CheckerTest.assertClean(damaged);
    }

    @Test
    void stoppedItGoesOnLaterAndFinishes() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 2);
        try (Pool pool = Images.open(image, OPTIONS)) {
            assertEquals("never", pool.scrub().state());
            pool.startScrub(64 << 10, false);
            CowException busy = assertThrows(CowException.class, () -> pool.startScrub(0, false));
            assertEquals(ErrorKind.BUSY, busy.kind());
            Awaitility.await().until(() -> pool.scrub().verifiedBytes() > 0);
            pool.stopScrub();
            assertEquals("stopped", pool.scrub().state());
        }
        image = image.copy();
        try (Pool pool = Images.open(image, OPTIONS)) {
            ScrubReport stopped = pool.scrub();
            assertEquals("stopped", stopped.state());
            assertTrue(stopped.verifiedBytes() > 0);
            assertFalse(stopped.isFinished());
            ScrubReport report = scrub(pool);
            assertTrue(report.isFinished());
            assertTrue(report.verifiedBytes() > stopped.verifiedBytes());
            assertEquals(stopped.started(), report.started());
        }
        CheckerTest.assertClean(image);
    }

    @Test
    void closedDuringAScrubThePoolIsSoundAndTheScrubGoesOnAtTheNextOpen() throws IOException {
        MemoryDevice damaged = SampleImages.full(4096, 2);
        DurableGuard device = new DurableGuard(damaged);
        ScrubReport before;
        try (Pool pool = Images.open(device, OPTIONS)) {
            pool.startScrub(64 << 10, false);
            Awaitility.await().until(() -> pool.scrub().verifiedBytes() > 0);
            before = pool.scrub();
            assertTrue(before.isRunning(), () -> "" + before);
            // as an unmount does, with the scrub still at work
        }
        device.assertNoViolations();
        MemoryDevice image = damaged.copy();
        CheckerTest.assertClean(image.copy());
        try (Pool pool = Images.open(image, OPTIONS)) {
            ScrubReport left = pool.scrub();
            assertFalse(left.isRunning() || left.isFinished(), () -> "" + left);
            ScrubReport report = scrub(pool);
            assertTrue(report.isFinished() && report.lostCount() == 0, () -> "" + report);
            assertTrue(report.verifiedBytes() >= before.verifiedBytes());
            assertEquals(before.started(), report.started());
        }
    }

    @Test
    void aPoolOpenForReadingIsRefused() throws IOException {
        MemoryDevice image = SampleImages.image(4096, 2, pool -> {});
        try (Pool pool = Images.open(image, OpenOptions.READ_ONLY)) {
            CowException refused =
                    assertThrows(CowException.class, () -> pool.startScrub(0, false));
            assertEquals(ErrorKind.READ_ONLY, refused.kind());
            assertEquals("never", pool.scrub().state());
        }
    }
}
