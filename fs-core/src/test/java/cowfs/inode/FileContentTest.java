package cowfs.inode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.CorruptException;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.SeekTarget;
import cowfs.format.Blocks;
import cowfs.fs.TreeFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How content is laid out, beyond what a volume shows of it.
final class FileContentTest {
    private static final int BLOCK = Blocks.SIZE;

    private TreeFixture fixture;
    private Volume volume;

    @BeforeEach
    void open() throws IOException {
        fixture = new TreeFixture(4096, 1, 64 << 20);
        volume = fixture.volume();
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Test
    void smallFileLivesInTheLeaf() throws IOException {
        long file = file("f");
        write(file, 0, 500);
        write(file, 500, 300);
        assertEquals(List.of("inline 0:800"), items(file));
        assertEquals(2, volume.getAttributes(file).blockCount());
        assertEquals(0, referenced(file));
    }

    @Test
    void appendsGatherInTheLeafUntilTheyMakeABlock() throws IOException {
        long file = file("f");
        write(file, 0, BLOCK);
        for (int i = 0; i < 9; i++) {
            write(file, BLOCK + i * 100, 100);
        }
        assertEquals(List.of("plain 0+1", "inline 1:900"), items(file));
        write(file, BLOCK + 900, BLOCK - 900);
        assertEquals(2, referenced(file));
        assertEquals(2L * BLOCK, volume.getAttributes(file).sizeBytes());
    }

    @Test
    void inlineContentBecomesABlockWhenItIsTooLongForTheLeaf() throws IOException {
        long file = file("f");
        write(file, 0, 800);
        write(file, 800, 800);
        assertEquals(List.of("plain 0+1"), items(file));
    }

    @Test
    void piecesThatLieInARowJoinUpToTheCap() throws IOException {
        long file = file("f");
        for (int i = 0; i < 40; i++) {
            write(file, i * 8L * BLOCK, 8 * BLOCK);
        }
        assertEquals(List.of("plain 0+128", "plain 128+128", "plain 256+64"), items(file));
    }

    @Test
    void piecesOfDifferentTransactionGroupsStayApart() throws IOException {
        long file = file("f");
        write(file, 0, 8 * BLOCK);
        volume.fsync(file, false);
        write(file, 8 * BLOCK, 8 * BLOCK);
        assertEquals(List.of("plain 0+8", "plain 8+8"), items(file));
    }

    @Test
    void overwritingTheMiddleSplitsTheExtentAndFreesExactlyTheMiddle() throws IOException {
        long file = file("f");
        byte[] content = write(file, 0, 16 * BLOCK);
        volume.fsync(file, false);
        long address = ContentItems.address(fixture.tree(), file, 0);
        byte[] middle = write(file, 4 * BLOCK, 2 * BLOCK);
        assertEquals(List.of("plain 0+4", "plain 4+2", "plain 6+10"), items(file));
        assertEquals(address + 3, ContentItems.address(fixture.tree(), file, 3));
        assertEquals(address + 6, ContentItems.address(fixture.tree(), file, 6));
        assertFalse(range(address + 4, 2, ContentItems.address(fixture.tree(), file, 4)));
        assertEquals(16, referenced(file));
        System.arraycopy(middle, 0, content, 4 * BLOCK, middle.length);
        assertArrayEquals(content, read(file, 0, content.length));
    }

    @Test
    void youngDataIsNotRewrittenInPlace() throws IOException {
        long file = file("f");
        write(file, 0, BLOCK);
        long first = ContentItems.address(fixture.tree(), file, 0);
        write(file, 0, BLOCK);
        assertFalse(first == ContentItems.address(fixture.tree(), file, 0));
    }

    @Test
    void unalignedWriteKeepsWhatIsAroundIt() throws IOException {
        long file = file("f");
        byte[] content = write(file, 0, 8 * BLOCK);
        byte[] change = write(file, BLOCK + 77, 3 * BLOCK);
        System.arraycopy(change, 0, content, BLOCK + 77, change.length);
        assertArrayEquals(content, read(file, 0, content.length));
        assertEquals(8, referenced(file));
    }

    @Test
    void truncationToAShortTailBringsItIntoTheLeaf() throws IOException {
        long file = file("f");
        write(file, 0, 4 * BLOCK);
        volume.setAttributes(file, AttributeChange.ofSize(BLOCK + 700));
        assertEquals(List.of("plain 0+1", "inline 1:700"), items(file));
        volume.setAttributes(file, AttributeChange.ofSize(100));
        assertEquals(List.of("inline 0:100"), items(file));
        assertEquals(0, referenced(file));
    }

    @Test
    void truncationToALongTailZeroesTheRestOfItsBlock() throws IOException {
        long file = file("f");
        byte[] content = write(file, 0, 2 * BLOCK);
        volume.setAttributes(file, AttributeChange.ofSize(BLOCK + 3000));
        assertEquals(List.of("plain 0+1", "plain 1+1"), items(file));
        volume.setAttributes(file, AttributeChange.ofSize(2 * BLOCK));
        Arrays.fill(content, BLOCK + 3000, 2 * BLOCK, (byte) 0);
        assertArrayEquals(content, read(file, 0, content.length));
    }

    @Test
    void allocatedSpaceIsNamedByFewItemsAndGivenUpByWrites() throws IOException {
        long file = file("f");
        volume.allocate(file, AllocateMode.ALLOCATE, 0, 2 << 20);
        assertEquals(512, referenced(file));
        assertTrue(
                items(file).size() <= 2, () -> "an extent each for 4 MiB groups: " + shown(file));
        write(file, 10 * BLOCK, BLOCK);
        assertEquals(512, referenced(file));
        assertEquals("unwritten 0+10", items(file).get(0));
        assertEquals("plain 10+1", items(file).get(1));
        assertEquals(10L * BLOCK, volume.seek(file, 0, SeekTarget.DATA));
        assertEquals(11L * BLOCK, volume.seek(file, 10 * BLOCK, SeekTarget.HOLE));
    }

    @Test
    void spaceAllocatedBehindTheEndGoesWithATruncation() throws IOException {
        long file = file("f");
        write(file, 0, 100);
        volume.allocate(file, AllocateMode.ALLOCATE_KEEP_SIZE, 0, 10 * BLOCK);
        assertEquals(List.of("inline 0:100", "unwritten 1+9"), items(file));
        volume.setAttributes(file, AttributeChange.ofSize(100));
        assertEquals(List.of("inline 0:100"), items(file));
    }

    @Test
    void allocatingMoreThanThereIsFailsBeforeItChangesAnything() throws IOException {
        long file = file("f");
        write(file, 0, BLOCK);
        long free = volume.status().freeBlockCount();
        assertKind(
                ErrorKind.NO_SPACE,
                () -> volume.allocate(file, AllocateMode.ALLOCATE, 0, 1L << 40));
        assertEquals(List.of("plain 0+1"), items(file));
        assertEquals(free, volume.status().freeBlockCount());
        assertEquals(BLOCK, volume.getAttributes(file).sizeBytes());
    }

    @Test
    void zeroedRangesKeepWhatIsAtTheirEdges() throws IOException {
        long file = file("f");
        byte[] content = write(file, 0, 6 * BLOCK);
        volume.allocate(file, AllocateMode.ZERO_RANGE, BLOCK + 10, 3 * BLOCK);
        Arrays.fill(content, BLOCK + 10, 4 * BLOCK + 10, (byte) 0);
        assertArrayEquals(content, read(file, 0, content.length));
        assertEquals("unwritten 2+2", items(file).get(2));
        assertEquals(6, referenced(file));
        volume.allocate(file, AllocateMode.ZERO_RANGE, 0, 100);
        Arrays.fill(content, 0, 100, (byte) 0);
        assertArrayEquals(content, read(file, 0, content.length));
        assertEquals(6, referenced(file));
        volume.allocate(file, AllocateMode.ZERO_RANGE, 5 * BLOCK, 4 * BLOCK);
        assertEquals("unwritten 5+4", items(file).getLast());
        assertEquals(9L * BLOCK, volume.getAttributes(file).sizeBytes());
    }

    @Test
    void zeroingWithoutSpaceChangesNothing() throws IOException {
        long file = file("f");
        byte[] content = write(file, 0, 4 * BLOCK);
        long full = file("full");
        for (int step : new int[] {64, 1}) {
            assertKind(
                    ErrorKind.NO_SPACE,
                    () -> {
                        for (long at = 0; ; at += step) {
                            volume.allocate(
                                    full, AllocateMode.ALLOCATE, at * BLOCK, (long) step * BLOCK);
                        }
                    });
        }
        Attributes before = volume.getAttributes(file);
        assertKind(
                ErrorKind.NO_SPACE,
                () -> volume.allocate(file, AllocateMode.ZERO_RANGE, 0, 100 * BLOCK));
        assertEquals(before, volume.getAttributes(file));
        assertArrayEquals(content, read(file, 0, content.length));
    }

    @Test
    void aFragmentedRangeIsZeroedInSteps() throws IOException {
        long file = file("f");
        int pieces = 1200;
        for (int i = 0; i < pieces; i++) {
            write(file, 2L * i * BLOCK, BLOCK);
        }
        volume.allocate(file, AllocateMode.ZERO_RANGE, 0, 2L * pieces * BLOCK);
        assertEquals(2L * pieces, referenced(file));
        assertKind(ErrorKind.NO_SUCH_OFFSET, () -> volume.seek(file, 0, SeekTarget.DATA));
    }

    @Test
    void aFileOfThousandsOfPiecesIsCutAndPunchedInSteps() throws IOException {
        long file = file("f");
        int pieces = 2300;
        for (int i = 0; i < pieces; i++) {
            write(file, 2L * i * BLOCK, BLOCK);
        }
        assertEquals(pieces, items(file).size());
        volume.allocate(file, AllocateMode.PUNCH_HOLE, 100 * BLOCK, 3000L * BLOCK);
        assertEquals(pieces - 1500, items(file).size());
        assertEquals(pieces - 1500, referenced(file));
        volume.setAttributes(file, AttributeChange.ofSize(10 * BLOCK));
        assertEquals(5, items(file).size());
        assertEquals(10L * BLOCK, volume.getAttributes(file).sizeBytes());
        assertEquals(5 * 8, volume.getAttributes(file).blockCount());
    }

    @Test
    void seekLooksPastThousandsOfPieces() throws IOException {
        long file = file("f");
        write(file, 0, BLOCK);
        volume.fsync(file, true);
        int pieces = 4200;
        for (int i = 1; i < pieces; i++) {
            write(file, (long) i * BLOCK, BLOCK);
            if (i % 2 == 0) {
                // Rewritten out of order, so that neighbours on disk are not neighbours in the
                // file.
                write(file, (i - 1L) * BLOCK, BLOCK);
            }
        }
        assertTrue(items(file).size() > 4096, "more than one step");
        assertEquals((long) pieces * BLOCK, volume.seek(file, 5, SeekTarget.HOLE));
    }

    @Test
    void damagedBlockIsRefusedAndItsNeighboursAreNot() throws IOException {
        long file = file("f");
        byte[] content = write(file, 0, 8 * BLOCK);
        volume.fsync(file, false);
        long address = ContentItems.address(fixture.tree(), file, 3);
        flip(address * BLOCK + 1234);
        CorruptException e =
                assertThrows(CorruptException.class, () -> read(file, 3 * BLOCK + 10, 5));
        String start =
                "corrupt data: tree="
                        + fixture.tree().id()
                        + " inode="
                        + file
                        + " offset="
                        + 3 * BLOCK
                        + " block="
                        + address
                        + ", crc has ";
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
        assertThrows(CorruptException.class, () -> read(file, 0, content.length));
        assertThrows(CorruptException.class, () -> write(file, 3 * BLOCK + 10, 5));
        assertArrayEquals(Arrays.copyOf(content, 3 * BLOCK), read(file, 0, 3 * BLOCK));
        write(file, 3 * BLOCK, BLOCK);
        assertEquals(8 * BLOCK, read(file, 0, 8 * BLOCK).length);
    }

    @Test
    void aFullImageGivesBackWhatAFailedWriteTook() throws IOException {
        long file = file("f");
        byte[] chunk = new byte[1 << 20];
        long size = 0;
        while (true) {
            long at = size;
            try {
                volume.write(file, at, ByteBuffer.wrap(chunk));
            } catch (CowException e) {
                assertEquals(ErrorKind.NO_SPACE, e.kind());
                break;
            }
            size += chunk.length;
        }
        assertTrue(size > 32 << 20, "most of 64 MiB: " + size);
        long kept = volume.getAttributes(file).sizeBytes();
        assertTrue(kept >= size && kept <= size + chunk.length, "part of the last one");
        volume.unlink(Volume.ROOT_INODE, "f".getBytes(UTF_8));
        volume.fsync(Volume.ROOT_INODE, false);
        long again = file("g");
        for (long at = 0; at < size; at += chunk.length) {
            volume.write(again, at, ByteBuffer.wrap(chunk));
        }
        assertEquals(size, volume.getAttributes(again).sizeBytes());
    }

    @Test
    void directAndShiftedBuffersReadAndWriteTheSame() throws IOException {
        long file = file("f");
        byte[] content = write(file, 0, 20 * BLOCK + 50);
        ByteBuffer direct = ByteBuffer.allocateDirect(content.length + 100);
        direct.position(33);
        assertEquals(content.length, volume.read(file, 0, direct));
        assertEquals(33 + content.length, direct.position());
        direct.flip().position(33);
        long copy = file("g");
        volume.write(copy, 0, direct);
        assertEquals(0, direct.remaining());
        assertArrayEquals(content, read(copy, 0, content.length));
    }

    private boolean range(long first, int count, long address) {
        return address >= first && address < first + count;
    }

    private long referenced(long file) throws IOException {
        return volume.getAttributes(file).blockCount() / 8;
    }

    private List<String> items(long file) throws IOException {
        return ContentItems.of(fixture.tree(), file);
    }

    private String shown(long file) {
        try {
            return items(file).toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private long file(String name) throws IOException {
        return volume.create(Volume.ROOT_INODE, name.getBytes(UTF_8), NewInode.regular(0644, 0, 0))
                .inode();
    }

    private byte[] write(long file, long offset, int lengthBytes) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        new Random(offset * 31 + lengthBytes).nextBytes(bytes);
        volume.write(file, offset, ByteBuffer.wrap(bytes));
        return bytes;
    }

    private byte[] read(long file, long offset, int lengthBytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(lengthBytes);
        volume.read(file, offset, target);
        return Arrays.copyOf(target.array(), target.position());
    }

    private void flip(long position) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        fixture.device().read(position, one);
        one.put(0, (byte) (one.get(0) ^ 0x10)).rewind();
        fixture.device().write(position, one);
    }

    private static void assertKind(ErrorKind kind, org.junit.jupiter.api.function.Executable body) {
        assertEquals(kind, assertThrows(CowException.class, body).kind());
    }
}
