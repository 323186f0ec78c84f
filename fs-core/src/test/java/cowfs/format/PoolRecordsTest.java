package cowfs.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.Superblock.Run;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The records of superblock, root tree, refcount tree and space tree.
final class PoolRecordsTest {
    private static final long BLOCKS = SuperblockArea.MIN_DEVICE_BLOCKS;

    private static Superblock superblock(List<Run> runs) {
        return new Superblock(
                Superblock.Features.NONE,
                new UUID(1, -2),
                "my label",
                BLOCKS,
                0,
                16384,
                2,
                new UUID(-3, 4),
                99,
                new BlockPointer(40, 5000, 99, -5),
                1,
                17,
                123,
                456,
                runs.isEmpty(),
                runs);
    }

    private static SubvolumeItem subvolume(String name) {
        return new SubvolumeItem(
                new BlockPointer(40, 5000, 7, -5),
                2,
                new UUID(5, 6),
                16,
                17,
                3,
                -1,
                999_999_999,
                6,
                100,
                12,
                13,
                14,
                5,
                name);
    }

    @Test
    void aSuperblockReadsBackAsItWas() throws CorruptException, ImageException {
        Superblock sealed = superblock(List.of());
        assertEquals(sealed, Superblock.readFrom(sealed.toBytes(), "here"));
        Superblock unsealed = superblock(List.of(new Run(50, 0, 3, -1), new Run(60, 600, 8, 7)));
        assertEquals(unsealed, Superblock.readFrom(unsealed.toBytes(), "here"));
    }

    @Test
    void aSuperblockHoldsTheMostRuns() throws CorruptException, ImageException {
        List<Run> runs = java.util.Collections.nCopies(Superblock.MAX_RUNS, new Run(50, 60, 2, 3));
        assertEquals(runs, Superblock.readFrom(superblock(runs).toBytes(), "here").runs());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyChangedBitOfASuperblockIsFound(long seed) {
        byte[] good = superblock(List.of(new Run(50, 0, 3, -1))).toBytes();
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            assertThrows(CorruptException.class, () -> Superblock.readFrom(bad, "here"));
        }
    }

    @Test
    void aNewerVersionIsTooNewAndNotCorrupt() {
        byte[] bytes = superblock(List.of()).toBytes();
        bytes[8] = 2;
        reseal(bytes);
        ImageException tooNew =
                assertThrows(ImageException.class, () -> Superblock.readFrom(bytes, "here"));
        assertEquals(ErrorKind.TOO_NEW, tooNew.kind());
    }

    /// Whatever stands in a superblock whose checksum is right: it reads, or it is corrupt or too
    /// new.
    @Test
    void fieldsOutOfRangeAreCorruptAndNothingElse() throws ImageException {
        Random random = new Random(5);
        byte[] good = superblock(List.of(new Run(50, 0, 3, -1))).toBytes();
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                int at = 8 + random.nextInt(500);
                bad[at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
            }
            reseal(bad);
            try {
                Superblock.readFrom(bad, "here").validate("again");
            } catch (CorruptException expected) {
                continue;
            } catch (ImageException other) {
                assertEquals(ErrorKind.TOO_NEW, other.kind());
            }
        }
    }

    private static void reseal(byte[] bytes) {
        new Layout.U64Field(Blocks.SIZE - 8).set(bytes, 0, Checksum.of(bytes, 0, Blocks.SIZE - 8));
    }

    @Test
    void aSubvolumeItemReadsBackAsItWas() throws CorruptException {
        SubvolumeItem item = subvolume("größer");
        byte[] bytes = item.toBytes();
        assertEquals(item, SubvolumeItem.readFrom(bytes, 0, bytes.length, "here"));
        byte[] longest = subvolume("n".repeat(SubvolumeItem.MAX_NAME_BYTES)).toBytes();
        assertEquals(
                SubvolumeItem.MAX_NAME_BYTES,
                SubvolumeItem.readFrom(longest, 0, longest.length, "here").name().length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a@b", "nul\0"})
    void aSubvolumeWithAnUnusableNameIsCorrupt(String name) {
        assertThrows(CorruptException.class, () -> subvolume(name).validate("here"));
    }

    @Test
    void aSubvolumeNameThatDoesNotFitIsRefusedBeforeItIsWritten() {
        String tooLong = "ü".repeat(SubvolumeItem.MAX_NAME_BYTES / 2 + 1);
        assertThrows(CorruptException.class, () -> subvolume(tooLong).validate("here"));
        assertThrows(CorruptException.class, () -> subvolume("n".repeat(300)).validate("here"));
    }

    @Test
    void aSubvolumeItemOfAnyBytesReadsOrIsCorrupt() {
        Random random = new Random(6);
        byte[] good = subvolume("name").toBytes();
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            int length = random.nextInt(10) == 0 ? random.nextInt(good.length) : good.length;
            try {
                SubvolumeItem.readFrom(bad, 0, length, "here").validate("again");
            } catch (CorruptException expected) {
                continue;
            }
        }
    }

    @Test
    void rootReferencesReadBackAsTheyWere() throws CorruptException {
        NodeRefItem item = new NodeRefItem(new BlockPointer(3, 4, 5, 6), 7, 8);
        byte[] bytes = item.toBytes();
        assertEquals(item, NodeRefItem.readFrom(bytes, 0, bytes.length, "here"));
        assertThrows(CorruptException.class, () -> NodeRefItem.readFrom(bytes, 0, 47, "here"));
        byte[] tooHigh = new NodeRefItem(BlockPointer.NONE, 16, 0).toBytes();
        assertThrows(
                CorruptException.class,
                () -> NodeRefItem.readFrom(tooHigh, 0, tooHigh.length, "here"));
    }

    @Test
    void aRefcountItemIsCheckedAgainstItsKeyAndTheImage() throws CorruptException {
        byte[] item = RefcountItem.toBytes(10, 2);
        RefcountItem.validate(item, 0, item.length, BLOCKS - 10, BLOCKS);
        for (long address : new long[] {0, -1, BLOCKS - 9, Long.MAX_VALUE}) {
            assertThrows(
                    CorruptException.class,
                    () -> RefcountItem.validate(item, 0, item.length, address, BLOCKS));
        }
        for (byte[] bad :
                List.of(
                        RefcountItem.toBytes(10, 1),
                        RefcountItem.toBytes(0, 2),
                        RefcountItem.toBytes(-1, 2),
                        RefcountItem.toBytes(10, -2))) {
            assertThrows(
                    CorruptException.class,
                    () -> RefcountItem.validate(bad, 0, bad.length, 50, BLOCKS));
        }
    }

    @Test
    void aPendingRangeOutsideTheImageIsCorrupt() {
        for (long[] range : new long[][] {{BLOCKS - 1, 2}, {-4, 1}, {5, 0}, {5, -1}}) {
            byte[] item = new byte[PendingItem.SIZE_BYTES];
            PendingItem.set(item, 3, range[0], (int) range[1]);
            assertThrows(
                    CorruptException.class,
                    () ->
                            PendingItem.forEach(
                                    item, 0, item.length, BLOCKS, "here", (address, count) -> {}));
        }
    }
}
