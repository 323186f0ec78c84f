package cowfs.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.CorruptException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The records of a file tree: each takes what it makes and refuses what it would never make.
final class FileItemsTest {
    /// One record with items that it accepts.
    record Sample(String name, byte[] item, Validation validation) {
        @Override
        public String toString() {
            return name;
        }
    }

    interface Validation {
        void validate(byte[] page, int position, int lengthBytes) throws CorruptException;
    }

    static List<Sample> samples() {
        byte[] name = "a name".getBytes(UTF_8);
        byte[] plain = ContentItem.extent(ContentItem.PLAIN, 77, 3, 5);
        ContentItem.setCrc(plain, 0, 2, 0xcafe);
        byte[] packed = ContentItem.compressedExtent(ContentItem.ZSTD, 77, 32, 9000, 5);
        ContentItem.setCrc(packed, 0, 2, 0xcafe);
        return List.of(
                new Sample("inode", inode(), InodeItem::validate),
                new Sample("dirent", DirentItem.of(9, 0100644, name), DirentItem::validate),
                new Sample("inode ref", InodeRefItem.of(9, name), InodeRefItem::validate),
                new Sample("orphan", OrphanItem.of(4), OrphanItem::validate),
                new Sample("xattr head", XattrItem.of(name, 0, name, 0, 3), XattrItem::validate),
                new Sample(
                        "xattr piece",
                        XattrItem.of(new byte[0], 1, name, 3, 3),
                        XattrItem::validate),
                new Sample("inline", ContentItem.inline(name, 5), ContentItem::validate),
                new Sample("plain", plain, ContentItem::validate),
                new Sample("compressed", packed, ContentItem::validate),
                new Sample(
                        "part of a compressed extent",
                        ContentItem.part(packed, 3, 7),
                        ContentItem::validate),
                new Sample(
                        "unwritten",
                        ContentItem.extent(ContentItem.UNWRITTEN, 77, 32768, 5),
                        ContentItem::validate));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void takesWhatItMakesAnywhereInAPage(Sample sample) {
        byte[] page = new byte[4096];
        Arrays.fill(page, (byte) 0xff);
        System.arraycopy(sample.item, 0, page, 13, sample.item.length);
        assertDoesNotThrow(() -> sample.validation.validate(page, 13, sample.item.length));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void refusesEveryOtherLength(Sample sample) {
        byte[] page = Arrays.copyOf(sample.item, 8192);
        for (int length = 0; length <= sample.item.length + 8; length++) {
            int candidate = length;
            if (candidate != sample.item.length && !isXattrOfAnotherCut(sample, candidate)) {
                assertThrows(
                        CorruptException.class,
                        () -> sample.validation.validate(page, 0, candidate),
                        () -> "length " + candidate);
            }
        }
    }

    /// A value is cut where the node size wants it, so a shorter piece is sound by itself.
    private static boolean isXattrOfAnotherCut(Sample sample, int lengthBytes) {
        if (!sample.name.startsWith("xattr")) {
            return false;
        }
        int start = XattrItem.valueOffset(sample.item, 0);
        int least = sample.name.equals("xattr head") ? start : start + 1;
        return lengthBytes >= least && lengthBytes <= start + 6;
    }

    @ParameterizedTest
    @MethodSource("samples")
    void randomBytesEndInAVerdictAndNotInAnotherException(Sample sample) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] page = new byte[sample.item.length];
            if (i % 2 == 0) {
                random.nextBytes(page);
            } else {
                System.arraycopy(sample.item, 0, page, 0, page.length);
                page[random.nextInt(page.length)] = (byte) random.nextInt();
            }
            try {
                sample.validation.validate(page, 0, page.length);
            } catch (CorruptException e) {
                assertTrue(e.getMessage().startsWith("corrupt "), "seed " + seed);
            }
        }
    }

    @Test
    void inodeRefusesFieldsOutOfRange() {
        refused(InodeItem::validate, item -> InodeItem.MODE.set(item, 0, 0644), "mode");
        refused(InodeItem::validate, item -> InodeItem.LINK_COUNT.set(item, 0, -1), "link count");
        refused(InodeItem::validate, item -> InodeItem.SIZE_BYTES.set(item, 0, -1), "size");
        refused(InodeItem::validate, item -> InodeItem.SECTORS.set(item, 0, -1), "sector");
        refused(InodeItem::validate, item -> InodeItem.FLAGS.set(item, 0, 1), "flags");
        refused(
                InodeItem::validate,
                item -> InodeItem.BORN_NANOS.set(item, 0, 1_000_000_000),
                "nanoseconds");
    }

    @Test
    void direntKeepsChildTypeAndName() {
        byte[] name = "other".getBytes(UTF_8);
        byte[] item = DirentItem.of(1L << 60, 0120777, name);
        assertEquals(1L << 60, DirentItem.CHILD.get(item, 0));
        assertEquals(0120000, DirentItem.type(item, 0));
        assertArrayEquals(name, DirentItem.name(item, 0));
        assertTrue(DirentItem.hasName(item, 0, name));
        assertFalse(DirentItem.hasName(item, 0, "othe".getBytes(UTF_8)));
        assertFalse(DirentItem.hasName(item, 0, "otheR".getBytes(UTF_8)));
    }

    @Test
    void direntTakesANameOf255Bytes() throws CorruptException {
        byte[] name = new byte[255];
        Arrays.fill(name, (byte) 0xfe);
        byte[] item = DirentItem.of(1, 040755, name);
        DirentItem.validate(item, 0, item.length);
        assertArrayEquals(name, DirentItem.name(item, 0));
    }

    @Test
    void inodeRefIsForOneParentAndName() {
        byte[] name = "n".getBytes(UTF_8);
        byte[] item = InodeRefItem.of(12, name);
        assertTrue(InodeRefItem.isFor(item, 0, 12, name));
        assertFalse(InodeRefItem.isFor(item, 0, 13, name));
        assertFalse(InodeRefItem.isFor(item, 0, 12, "m".getBytes(UTF_8)));
    }

    @Test
    void extentKeepsItsChecksums() {
        byte[] item = ContentItem.extent(ContentItem.PLAIN, 5, ContentItem.MAX_PLAIN_BLOCKS, 1);
        for (int i = 0; i < ContentItem.MAX_PLAIN_BLOCKS; i++) {
            ContentItem.setCrc(item, 0, i, i * 0x01020304);
        }
        for (int i = 0; i < ContentItem.MAX_PLAIN_BLOCKS; i++) {
            assertEquals(i * 0x01020304, ContentItem.crc(item, 0, i));
        }
        assertTrue(item.length <= 600, "several fit a 4 KiB node");
    }

    @Test
    void extentBeyondItsCapIsRefused() {
        byte[] item = ContentItem.extent(ContentItem.PLAIN, 5, 129, 1);
        assertThrows(CorruptException.class, () -> ContentItem.validate(item, 0, item.length));
    }

    private interface Damage {
        void apply(byte[] item);
    }

    private static void refused(Validation validation, Damage damage, String reason) {
        byte[] item = inode();
        damage.apply(item);
        CorruptException e =
                assertThrows(
                        CorruptException.class, () -> validation.validate(item, 0, item.length));
        assertTrue(e.reason().contains(reason), e.reason());
    }

    private static byte[] inode() {
        byte[] item = new byte[InodeItem.LAYOUT.sizeBytes()];
        InodeItem.MODE.set(item, 0, 0100644);
        InodeItem.LINK_COUNT.set(item, 0, 1);
        InodeItem.SIZE_BYTES.set(item, 0, 12345);
        InodeItem.MODIFIED_SECONDS.set(item, 0, -5);
        InodeItem.MODIFIED_NANOS.set(item, 0, 999_999_999);
        return item;
    }

    /// However a compressed extent is cut, its parts count together as much as it did, and all of
    /// them name all of it.
    @Test
    void partsOfACompressedExtentCountTogetherAsMuchAsTheWhole() {
        for (int whole = 2; whole <= ContentItem.MAX_COMPRESSED_BLOCKS; whole++) {
            for (int disk = 1; disk < whole; disk++) {
                byte[] item =
                        ContentItem.compressedExtent(ContentItem.LZ4, 9, whole, 4096 * disk, 1);
                assertEquals(disk, ContentItem.chargedBlocks(item, 0));
                for (int cut = 1; cut < whole; cut++) {
                    byte[] left = ContentItem.part(item, 0, cut);
                    byte[] right = ContentItem.part(item, cut, whole - cut);
                    assertEquals(
                            disk,
                            ContentItem.chargedBlocks(left, 0)
                                    + ContentItem.chargedBlocks(right, 0));
                    assertEquals(disk, ContentItem.diskBlocks(left, 0));
                    assertEquals(disk, ContentItem.diskBlocks(right, 0));
                    assertEquals(
                            ContentItem.contentId(item, 0, cut),
                            ContentItem.contentId(right, 0, 0));
                }
            }
        }
    }

    /// What a compressed item says of itself, changed to what no writer says.
    record Wrong(String name, int offset, int value) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Wrong> wrongCompressedItems() {
        int length = ContentItem.LENGTH.offset();
        int bytes = ContentItem.COMPRESSED_BYTES.offset();
        int whole = ContentItem.EXTENT_BLOCKS.offset();
        int first = ContentItem.FIRST_BLOCK.offset();
        return List.of(
                new Wrong("no length", length, 0),
                new Wrong("longer than the extent", length, 6),
                new Wrong("begins behind it", first, 32),
                new Wrong("ends behind it", first, 28),
                new Wrong("an extent of one block", whole, 1),
                new Wrong("a longer extent than any", whole, 33),
                new Wrong("no bytes", bytes + 1, 0),
                new Wrong("another count of checksums", bytes + 1, 0x30),
                new Wrong("more bytes than uncompressed", bytes + 2, 2),
                new Wrong("reserved", ContentItem.COMPRESSED_LAYOUT.sizeBytes() - 1, 1));
    }

    @ParameterizedTest
    @MethodSource("wrongCompressedItems")
    void aCompressedItemThatContradictsItselfIsRefused(Wrong wrong) {
        byte[] packed = ContentItem.compressedExtent(ContentItem.ZSTD, 77, 32, 0x2000, 5);
        byte[] item = ContentItem.part(packed, 27, 5);
        assertNull(ContentItem.check(item, 0, item.length));
        item[wrong.offset] = (byte) wrong.value;
        assertThrows(
                CorruptException.class,
                () -> ContentItem.validate(item, 0, item.length),
                wrong.name);
    }
}
