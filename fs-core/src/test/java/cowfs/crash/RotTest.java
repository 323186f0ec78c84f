package cowfs.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.Pool;
import cowfs.device.MemoryDevice;
import cowfs.device.PageImage;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Bits that turn over in an image that was closed cleanly: found, and never taken for a commit
/// that was cut off.
final class RotTest {
    private static final long SIZE = FormatOptions.MIN_SIZE_BYTES;

    private String before;
    private String last;

    /// An image whose last commit is sealed, closed.
    private PageImage closed(int copies) throws IOException {
        MemoryDevice device = new MemoryDevice(SIZE);
        Images.format(device, new FormatOptions(SIZE, 4096, copies, "rot"));
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            Operation.fill(pool);
            pool.sync();
            before = PoolText.of(pool);
            Operation.named("overwrite").body().on(pool);
            Operation.named("rename").body().on(pool);
            last = PoolText.of(pool);
        }
        return PageImage.of(device.copy());
    }

    private static byte[] page(PageImage image, long block) throws IOException {
        byte[] page = new byte[Blocks.SIZE];
        image.read(Blocks.toBytes(block), ByteBuffer.wrap(page));
        return page;
    }

    private static List<Long> usedBlocks(PageImage image) throws IOException {
        List<Long> used = new ArrayList<>();
        for (long block = 0; block < Blocks.fromBytes(SIZE); block++) {
            for (byte each : page(image, block)) {
                if (each != 0) {
                    used.add(block);
                    break;
                }
            }
        }
        return used;
    }

    private static PageImage withRot(PageImage image, long block) throws IOException {
        PageImage rotten = image.copy();
        byte[] page = page(image, block);
        page[2000] ^= 4;
        rotten.write(Blocks.toBytes(block), ByteBuffer.wrap(page));
        return rotten;
    }

    @Test
    void rotInASealedCommitIsReportedWhereverItIsAndNeverRewound() throws IOException {
        PageImage image = closed(1);
        int reported = 0;
        for (long block : usedBlocks(image)) {
            PageImage rotten = withRot(image, block);
            boolean clean = Images.check(rotten.copy(), (done, total) -> {}).isClean();
            try (Pool pool = Images.open(rotten, Recording.OPTIONS)) {
                assertEquals("", pool.info().recoveryNote(), "block " + block);
                String found = PoolText.of(pool);
                assertFalse(found.equals(before), "went back for rot in block " + block);
                assertEquals(last, found, "block " + block);
            } catch (CorruptException found) {
                assertFalse(clean, "the checker misses the rot in block " + block);
                reported++;
            }
        }
        assertTrue(reported > 8, "only " + reported + " blocks mattered");
    }

    @Test
    void rotInOneCopyOfANodeCostsNothing() throws IOException {
        PageImage image = closed(2);
        int data = 0;
        for (long block : usedBlocks(image)) {
            PageImage rotten = withRot(image, block);
            try (Pool pool = Images.open(rotten, Recording.OPTIONS)) {
                assertEquals(last, PoolText.of(pool), "block " + block);
            } catch (CorruptException noCopy) {
                assertEquals("data", noCopy.record(), "block " + block);
                data++;
            }
        }
        assertTrue(data > 0, "file data has no second copy");
    }

    @Test
    void theAreasOfSuperblocksCanBeLostOneAfterTheOther() throws IOException {
        PageImage image = closed(2);
        for (int round = 0; round < 4; round++) {
            long start = SuperblockArea.start(round % 2, Blocks.fromBytes(SIZE));
            byte[] noise = new byte[SuperblockArea.SLOTS * Blocks.SIZE];
            new Random(round).nextBytes(noise);
            image.write(Blocks.toBytes(start), ByteBuffer.wrap(noise));
            String now;
            try (Pool pool = Images.open(image, Recording.OPTIONS)) {
                assertEquals(last, PoolText.of(pool), "round " + round);
                Operation.named(round % 2 == 0 ? "append" : "chmod").body().on(pool);
                now = PoolText.of(pool);
            }
            last = now;
            long slot = start + newest(image) % SuperblockArea.SLOTS;
            assertTrue(Superblock.hasMagic(page(image, slot)), "the area is in use again");
        }
    }

    private static long newest(PageImage image) throws IOException {
        return Images.check(image.copy(), (done, total) -> {}).txg();
    }
}
