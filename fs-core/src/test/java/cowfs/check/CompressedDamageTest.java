package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.RepairReport;
import cowfs.check.ImageSurgeon.Place;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.Superblock.Features;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressed extents that lie: what verifies on disk and is no compressed content, or of another
/// length than the item says, or has bytes behind the end of the file.
final class CompressedDamageTest {
    private static final long MAIN = TreeId.FIRST_SUBVOLUME;
    private static final int LENGTH = 20 * Blocks.SIZE;

    private MemoryDevice sound;
    private ImageSurgeon surgeon;

    private static byte[] content() {
        byte[] content = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i += 16) {
            content[i] = (byte) (i / 16 % 251 + 1);
        }
        return content;
    }

    private void make(String how) throws IOException {
        sound =
                SampleImages.image(
                        4096,
                        2,
                        pool -> {
                            pool.setProperty(Ref.MAIN, "compress", how);
                            Volume main = pool.volume(Ref.MAIN);
                            long file =
                                    main.create(
                                                    Volume.ROOT_INODE,
                                                    SampleImages.name("f"),
                                                    NewInode.regular(0644, 1, 2))
                                            .inode();
                            main.write(file, 0, ByteBuffer.wrap(content()));
                        });
        surgeon = new ImageSurgeon(sound);
    }

    @BeforeEach
    void make() throws IOException {
        make("zstd");
    }

    private Place extent() {
        return surgeon.get(
                MAIN,
                ItemKind.CONTENT,
                (key, place) -> ContentItem.isCompressed(place.page(), place.position()));
    }

    /// Changes the compressed bytes, and makes their checksums right.
    private void forge(int at, byte... bytes) throws IOException {
        Place extent = extent();
        int count = ContentItem.diskBlocks(extent.page(), extent.position());
        long address = ContentItem.ADDRESS.get(extent.page(), extent.position());
        byte[] blocks = new byte[count * Blocks.SIZE];
        surgeon.device().read(Blocks.toBytes(address), ByteBuffer.wrap(blocks));
        System.arraycopy(bytes, 0, blocks, at, bytes.length);
        surgeon.device().write(Blocks.toBytes(address), ByteBuffer.wrap(blocks));
        for (int i = 0; i < count; i++) {
            int crc = Checksum.crc32c(blocks, i * Blocks.SIZE, Blocks.SIZE);
            ContentItem.setCrc(extent.page(), extent.position(), i, crc);
        }
    }

    private void assertRefusedFoundAndDropped() throws IOException {
        assertRefusedFoundAndDropped(LENGTH);
    }

    private void assertRefusedFoundAndDropped(int lostBytes) throws IOException {
        MemoryDevice damaged = surgeon.close();
        try (Pool pool = Images.open(damaged.copy(), OpenOptions.READ_ONLY)) {
            Volume main = pool.volume(Ref.MAIN);
            long file = main.lookup(Volume.ROOT_INODE, SampleImages.name("f")).inode();
            CowException refused =
                    assertThrows(
                            CowException.class,
                            () -> main.read(file, 5000, ByteBuffer.allocate(100)));
            assertEquals(ErrorKind.CORRUPT, refused.kind());
        }
        List<Damage> findings = CheckerTest.check(damaged).findings();
        assertEquals(List.of(DamageCode.BAD_DATA), findings.stream().map(Damage::code).toList());
        RepairReport report = ImageRepairTest.repair(damaged);
        assertEquals(
                List.of(new RepairReport.LostFile("main:/f", "data", 0, lostBytes)), report.lost());
        CheckerTest.assertClean(damaged);
        Map<String, byte[]> want = new HashMap<>(ReadableFiles.of(sound));
        want.replaceAll((name, bytes) -> name.contains("@") ? new byte[bytes.length] : bytes);
        ReadableFiles.assertKept(want, damaged);
    }

    @Test
    void anImageWithCompressedExtentsSaysSo() {
        assertEquals(
                Features.COMPRESSION.incompat(),
                surgeon.superblock().features().incompat() & Features.COMPRESSION.incompat());
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "lz4"})
    void bytesThatAreNotCompressedContentAreRefused(String how) throws IOException {
        make(how);
        forge(0, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0, 0, 1});
        assertRefusedFoundAndDropped();
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "lz4"})
    void anExtentOfAnotherLengthIsRefused(String how) throws IOException {
        make(how);
        Place extent = extent();
        ContentItem.EXTENT_BLOCKS.set(extent.page(), extent.position(), 19);
        ContentItem.LENGTH.set(extent.page(), extent.position(), 19);
        assertRefusedFoundAndDropped(19 * Blocks.SIZE);
    }

    @Test
    void theOtherAlgorithmIsRefused() throws IOException {
        Place extent = extent();
        ContentItem.ENCODING.set(extent.page(), extent.position(), ContentItem.LZ4);
        assertRefusedFoundAndDropped();
    }

    @Test
    void fewerBytesThanThereAreAreRefused() throws IOException {
        Place extent = extent();
        int bytes = ContentItem.COMPRESSED_BYTES.get(extent.page(), extent.position());
        ContentItem.COMPRESSED_BYTES.set(extent.page(), extent.position(), bytes - 1);
        assertRefusedFoundAndDropped();
    }

    @Test
    void bytesBehindTheEndOfTheFileAreFound() throws IOException {
        Place extent = extent();
        Place inode =
                surgeon.get(
                        MAIN, ItemKind.INODE, (key, place) -> key.inode() == extent.key().inode());
        InodeItem.SIZE_BYTES.set(inode.page(), inode.position(), LENGTH - 4000);
        MemoryDevice damaged = surgeon.close();
        List<Damage> findings = CheckerTest.check(damaged).findings();
        assertEquals(
                List.of(DamageCode.CONTENT_BEYOND_END),
                findings.stream().map(Damage::code).toList());
        ImageRepairTest.repair(damaged);
        CheckerTest.assertClean(damaged);
        assertTrue(Arrays.equals(content(), read(damaged)), "the file gets its bytes back");
    }

    private static byte[] read(MemoryDevice image) throws IOException {
        try (Pool pool = Images.open(image.copy(), OpenOptions.READ_ONLY)) {
            Volume main = pool.volume(Ref.MAIN);
            long file = main.lookup(Volume.ROOT_INODE, SampleImages.name("f")).inode();
            ByteBuffer all = ByteBuffer.allocate((int) main.getAttributes(file).sizeBytes());
            main.read(file, 0, all);
            return all.array();
        }
    }
}
