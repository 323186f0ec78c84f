package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FileChanges;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.damage.ImageGraph.Patch;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.FilePath;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.XattrItem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What {@link Readers} found in `diff`, `history` and `send`: damage under good checksums that was
/// passed on, or told without its place.
final class HostileReadersDamageTest {
    private static final OpenOptions READ_ONLY = new OpenOptions(true, 1 << 20, Duration.ZERO);
    private static final Ref FIRST = new Ref("main", "first");

    private SampleImage sample;
    private ImageGraph graph;

    @BeforeEach
    void makeImage() throws IOException {
        sample = SampleImage.make(1);
        graph = new ImageGraph(sample.image());
    }

    private interface Reading {
        void run(Pool pool) throws IOException;
    }

    private void assertCorrupt(String message, Reading reading, Patch... patches)
            throws IOException {
        try (Pool pool = Images.open(graph.with(List.of(patches)), READ_ONLY)) {
            CowException refused = assertThrows(CowException.class, () -> reading.run(pool));
            assertEquals(ErrorKind.CORRUPT, refused.kind());
            assertTrue(refused.getMessage().contains(message), refused.getMessage());
        }
    }

    private static void send(Pool pool) throws IOException {
        pool.streams().send(SendRequest.of(FIRST), OutputStream.nullOutputStream());
    }

    private static void diff(Pool pool) throws IOException {
        try (FileChanges changes = pool.diff(FIRST, Ref.MAIN, FilePath.ROOT)) {
            while (changes.next() != null) {}
        }
    }

    private static void history(Pool pool) throws IOException {
        pool.history(FIRST, FilePath.of("/directory/plain"));
    }

    /// Seed 1, trial 145 of {@link ImageFuzz}: a name without an inode ended in a null pointer.
    @Test
    void theHistoryOfANameThatLeadsNowhereIsRefused() throws IOException {
        Patch nowhere = Item.dirent(graph, "plain").patch(0, ImageGraph.word(77_777));
        assertCorrupt(
                "inode=77777, a name leads to an inode that is not there",
                HostileReadersDamageTest::history,
                nowhere);
    }

    @Test
    void theHistoryOfALongSymbolicLinkIsThat() throws IOException {
        try (Pool pool = Images.open(sample.image(), READ_ONLY)) {
            FilePath link = FilePath.of("/directory/deep/long link");
            assertEquals(1, pool.history(Ref.MAIN, link).size());
        }
    }

    /// A value of which a piece was missing was sent as a shorter one.
    @Test
    void anAttributeOfWhichAPieceIsMissingIsNotSent() throws IOException {
        Item piece =
                Item.find(graph, ItemKind.XATTR, (page, at) -> XattrItem.PIECE.get(page, at) == 1);
        String where = "inode=" + piece.inode() + " offset=";
        assertCorrupt(
                where + Long.toUnsignedString(piece.offset()),
                HostileReadersDamageTest::send,
                piece.patch(ImageGraph.offset(XattrItem.LAYOUT, "piece"), (byte) 2, (byte) 0));
    }

    private Item plain() {
        return Item.find(
                graph,
                ItemKind.CONTENT,
                (page, at) ->
                        ContentItem.ENCODING.get(page, at) == ContentItem.PLAIN
                                && ContentItem.LENGTH.get(page, at) == 40_000 / Blocks.SIZE + 1);
    }

    /// An extent between two blocks was sent, and compared, as if it lay at the first of them.
    @ParameterizedTest
    @ValueSource(longs = {1, 4095, Long.MIN_VALUE})
    void anExtentThatBeginsBetweenBlocksIsNotRead(long offset) throws IOException {
        Item extent = plain();
        Patch moved = extent.moved(offset);
        String where = "inode=" + extent.inode() + " offset=" + Long.toUnsignedString(offset);
        assertCorrupt(where, HostileReadersDamageTest::send, moved);
        assertCorrupt(where, HostileReadersDamageTest::diff, moved);
        assertCorrupt(where, HostileReadersDamageTest::history, moved);
    }

    /// What two extents cover was taken from either, and what a read had of the second was zeroed.
    @Test
    void extentsThatCoverTheSameAreNotRead() throws IOException {
        Item second =
                Item.find(
                        graph,
                        ItemKind.CONTENT,
                        (page, at) ->
                                ContentItem.ENCODING.get(page, at) == ContentItem.UNWRITTEN
                                        && ContentItem.LENGTH.get(page, at) == 2);
        Patch moved = second.moved(Blocks.SIZE);
        String what = "inode=" + second.inode() + " offset=4096, it covers what the item before";
        assertCorrupt(what, HostileReadersDamageTest::send, moved);
        assertCorrupt(
                what,
                pool -> pool.volume(FIRST).read(second.inode(), 0, ByteBuffer.allocate(200_000)),
                moved);
        assertCorrupt(what, pool -> pool.history(FIRST, FilePath.of("/directory/holes")), moved);
    }

    /// Damage was told with its place in a page that nobody could name.
    @Test
    void anExtentThatMakesNoSenseIsNamedByItsPlaceInTheTree() throws IOException {
        Item extent = plain();
        Patch empty = extent.patch(ImageGraph.offset(ContentItem.LAYOUT, "length"), new byte[4]);
        String where = "inode=" + extent.inode() + " offset=0";
        assertCorrupt(where, HostileReadersDamageTest::send, empty);
        assertCorrupt(where, HostileReadersDamageTest::diff, empty);
        assertCorrupt(where, HostileReadersDamageTest::history, empty);
    }
}
