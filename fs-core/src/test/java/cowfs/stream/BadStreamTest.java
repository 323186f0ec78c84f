package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.model.RandomOperations;
import cowfs.model.RandomOperations.Plan;
import cowfs.stream.ForgedStream.Part;
import cowfs.stream.StreamImage.Opened;
import cowfs.subvol.Bookmarks.Bookmark;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes.NewSnapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever comes instead of a good stream: one line that says what is wrong, a sound image, and
/// nothing to be seen that was not verified.
final class BadStreamTest {
    private static final long IMAGE_BYTES = 64L << 20;
    private static final int TRIALS = Integer.getInteger("cowfs.trials", 150);

    private static StreamImage source;
    private static byte[] full;
    private static byte[] increment;

    /// The same on a bookmark of the first snapshot.
    private static byte[] onBookmark;

    private static String first;
    private static String second;

    @BeforeAll
    static void makeStreams() throws IOException {
        source = new StreamImage(4096, 1);
        RandomOperations.run(
                new Plan(11, 500, 500, IMAGE_BYTES, false), new HistoryImage(source, "zstd:1"));
        try (Opened opened = source.openEngine()) {
            List<Subvolume> all =
                    opened.subvolumes.list().stream().filter(Subvolume::isSnapshot).toList();
            String subvolume = all.getFirst().subvolumeName();
            List<Subvolume> chain =
                    all.stream().filter(each -> each.subvolumeName().equals(subvolume)).toList();
            first = chain.getFirst().fullName();
            second = chain.getLast().fullName();
            assertNotEquals(first, second);
            full = opened.send(first);
            increment = opened.send(second, first);
            Bookmark bookmark = opened.bookmarks.create(opened.get(first), "first");
            onBookmark = opened.sendFrom(bookmark, opened.get(second), false);
        }
    }

    private static byte[] streamOf(int trial) {
        return trial % 3 == 0 ? full : trial % 3 == 1 ? increment : onBookmark;
    }

    /// An image that has received the first snapshot.
    private static StreamImage withBase() throws IOException {
        StreamImage image = StreamImage.formatted(4096, IMAGE_BYTES);
        try (Opened opened = image.openEngine()) {
            opened.receive("copy", full);
        }
        return image;
    }

    /// Receives what must be refused: in one line, with nothing to be seen of it. Closing the image
    /// checks it.
    private static CowException refused(StreamImage image, String name, byte[] stream)
            throws IOException {
        try (Opened opened = image.openEngine()) {
            List<String> before = opened.names();
            CowException failure =
                    assertThrows(CowException.class, () -> opened.receive(name, stream));
            assertOneLine(failure);
            assertEquals(before, opened.names());
            return failure;
        }
    }

    private static void assertOneLine(CowException failure) {
        String message = String.valueOf(failure.getMessage());
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.length() > 20, message);
    }

    @Test
    void aStreamThatIsCutAnywhereIsRefused() throws IOException {
        Random random = new Random(1 + TRIALS);
        for (int i = 0; i < TRIALS; i++) {
            int length = i < 40 ? i : random.nextInt(full.length);
            refused(StreamImage.formatted(4096, IMAGE_BYTES), "copy", Arrays.copyOf(full, length));
        }
    }

    @Test
    void aStreamThatIsAlteredAnywhereIsRefused() throws IOException {
        Random random = new Random(2 + TRIALS);
        StreamImage base = withBase();
        for (int i = 0; i < TRIALS; i++) {
            byte[] bad = (i % 2 == 0 ? increment : onBookmark).clone();
            bad[i < 100 ? i : random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            refused(base.copy(), "copy", bad);
        }
    }

    @Test
    void aNewerVersionAndAnUnknownFeatureAreNamed() throws IOException {
        for (int at : new int[] {8, 16}) {
            ForgedStream forged = ForgedStream.of(full);
            forged.parts.getFirst().body()[at] = 9;
            CowException failure =
                    refused(StreamImage.formatted(4096, IMAGE_BYTES), "copy", forged.toBytes());
            assertEquals(ErrorKind.TOO_NEW, failure.kind());
            assertTrue(failure.getMessage().contains("newer cowfs"), failure.getMessage());
        }
    }

    /// An older receiver sees a bit that it does not know; without the bit it sees kinds of records
    /// that it does not know.
    @Test
    void aStreamOnABookmarkSaysThatItTellsRanges() throws IOException {
        ForgedStream forged = ForgedStream.of(onBookmark);
        byte[] header = forged.parts.getFirst().body();
        assertEquals(1, header[16] & 1);
        header[16] &= ~1;
        Arrays.fill(header, 48, 64, (byte) 0);
        CowException failure = refused(withBase(), "copy", forged.toBytes());
        assertTrue(failure.getMessage().contains("unknown kind"), failure.getMessage());
        ForgedStream unsaid = ForgedStream.of(onBookmark);
        unsaid.parts.get(1).body()[103] = 0;
        CowException other = refused(withBase(), "copy", unsaid.toBytes());
        assertTrue(other.getMessage().contains("ranges of keys"), other.getMessage());
    }

    private static byte[] streamOfACompressedFile() throws IOException {
        StreamImage image = new StreamImage(4096, 1);
        try (Pool pool = image.create(IMAGE_BYTES)) {
            pool.setProperty(Ref.MAIN, "compress", "zstd:1");
            Volume main = pool.volume(Ref.MAIN);
            long file = main.create(1, new byte[] {'f'}, NewInode.regular(0644, 1, 2)).inode();
            main.write(file, 0, ByteBuffer.wrap(new byte[100_000]));
            pool.snapshot(Ref.parse("main@packed"));
        }
        try (Opened opened = image.openEngine()) {
            return opened.send("main@packed");
        }
    }

    private static List<ForgedStream.Part> compressed(ForgedStream stream) {
        return stream.parts.stream()
                .filter(part -> part.kind() == RecordKind.DATA)
                .filter(part -> ContentRecord.isCompressed(part.body(), 0))
                .toList();
    }

    /// What an older receiver would take for content is announced; and what is no compressed
    /// content goes into no image, though every checksum of the stream is right.
    @Test
    void compressedContentThatLiesIsRefused() throws IOException {
        byte[] packed = streamOfACompressedFile();
        ForgedStream unsaid = ForgedStream.of(packed);
        assertFalse(compressed(unsaid).isEmpty(), "the stream has compressed extents");
        byte[] header = unsaid.parts.getFirst().body();
        assertEquals(2, header[16]);
        header[16] = 0;
        CowException failure =
                refused(StreamImage.formatted(4096, IMAGE_BYTES), "copy", unsaid.toBytes());
        assertTrue(failure.getMessage().contains("not valid"), failure.getMessage());
        int fixed = ContentRecord.LAYOUT.sizeBytes();
        for (int change = 0; change < 3; change++) {
            ForgedStream forged = ForgedStream.of(packed);
            byte[] body = compressed(forged).getFirst().body();
            switch (change) {
                case 0 -> Arrays.fill(body, fixed, fixed + 8, (byte) 0xff);
                case 1 -> ContentRecord.BLOCKS.set(body, 0, ContentRecord.BLOCKS.get(body, 0) - 1);
                default ->
                        ContentRecord.ENCODING.set(
                                body, 0, 7 - ContentRecord.ENCODING.get(body, 0));
            }
            CowException lie =
                    refused(StreamImage.formatted(4096, IMAGE_BYTES), "copy", forged.toBytes());
            assertTrue(
                    lie.getMessage().contains("can't be uncompressed"), change + lie.getMessage());
        }
    }

    @Test
    void somethingElseIsNoStream() throws IOException {
        byte[] noise = new byte[10_000];
        new Random(3).nextBytes(noise);
        for (byte[] bad : List.of(noise, new byte[10_000], new byte[1])) {
            CowException failure = refused(StreamImage.formatted(4096, IMAGE_BYTES), "copy", bad);
            assertTrue(failure.getMessage().contains("no send stream"), failure.getMessage());
        }
    }

    @Test
    void aSenderThatHasFailedIsNotToldToUseOne() throws IOException {
        CowException failure =
                refused(StreamImage.formatted(4096, IMAGE_BYTES), "copy", new byte[0]);
        assertTrue(failure.getMessage().contains("the stream is empty"), failure.getMessage());
    }

    @Test
    void aStreamIsReceivedOnceAndOnItsBaseAlone() throws IOException {
        StreamImage image = withBase();
        assertEquals(ErrorKind.EXISTS, refused(image, "copy", full).kind());
        CowException noBase = refused(image, "other", increment);
        assertEquals(ErrorKind.NOT_FOUND, noBase.kind());
        assertTrue(noBase.getMessage().contains("base"), noBase.getMessage());
        try (Opened opened = image.openEngine()) {
            opened.receive("copy", increment);
        }
        assertEquals(ErrorKind.EXISTS, refused(image, "copy", increment).kind());
        // a base that was taken anew under its old name is another one
        StreamImage changed = withBase();
        try (Opened opened = changed.openEngine()) {
            String name = "copy@" + first.substring(first.indexOf('@') + 1);
            opened.subvolumes.delete(List.of(opened.get(name)));
            opened.subvolumes.snapshot(List.of(new NewSnapshot("copy", name.substring(5))));
        }
        assertEquals(ErrorKind.NOT_FOUND, refused(changed, "copy", increment).kind());
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a/b", "/etc/passwd", "a\0b"})
    void namesThatLeadElsewhereAreRefused(String name) throws IOException {
        for (RecordKind kind : List.of(RecordKind.DIRENT, RecordKind.REF)) {
            ForgedStream forged = ForgedStream.of(full);
            int at = forged.find(kind, 0);
            Part part = forged.parts.get(at);
            byte[] body =
                    NameRecord.of(
                            NameRecord.NUMBER.get(part.body(), 0),
                            NameRecord.TYPE.get(part.body(), 0),
                            name.getBytes(StandardCharsets.ISO_8859_1));
            forged.parts.set(at, new Part(kind, part.inode(), part.offset(), body));
            CowException failure =
                    refused(StreamImage.formatted(4096, IMAGE_BYTES), "copy", forged.toBytes());
            assertTrue(failure.getMessage().contains("a name that"), failure.getMessage());
        }
    }

    /// So that what is refused below is refused for what was changed.
    @Test
    void aStreamThatWasOnlyTakenApartIsTaken() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertTrue(receiveForged(i % 3 == 0, ForgedStream.of(streamOf(i))));
        }
    }

    @Test
    void recordsThatAreMissingTwiceThereOrInAnotherOrderNeverMakeAnUnsoundImage()
            throws IOException {
        Random random = new Random(4 + TRIALS);
        int refusals = 0;
        for (int i = 0; i < TRIALS; i++) {
            ForgedStream forged = ForgedStream.of(streamOf(i));
            int at = 2 + random.nextInt(forged.parts.size() - 3);
            switch (random.nextInt(3)) {
                case 0 -> forged.parts.remove(at);
                case 1 -> forged.parts.add(at, forged.parts.get(at));
                default -> {
                    Part moved = forged.parts.remove(at);
                    forged.parts.add(2 + random.nextInt(forged.parts.size() - 3), moved);
                }
            }
            refusals += receiveForged(i % 3 == 0, forged) ? 0 : 1;
        }
        assertTrue(refusals > TRIALS / 2, refusals + " were refused");
    }

    @Test
    void valuesThatMakeNoSenseNeverMakeAnUnsoundImage() throws IOException {
        Random random = new Random(5 + TRIALS);
        long[] edges = {
            0,
            1,
            -1,
            2,
            4095,
            4096,
            4097,
            1L << 31,
            1L << 32,
            1L << 43,
            1L << 51,
            1L << 62,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            1000
        };
        int refusals = 0;
        for (int i = 0; i < 2 * TRIALS; i++) {
            ForgedStream forged = ForgedStream.of(streamOf(i));
            int at = 1 + random.nextInt(forged.parts.size() - 2);
            Part part = forged.parts.get(at);
            long edge = edges[random.nextInt(edges.length)];
            byte[] body = part.body().clone();
            int where = body.length == 0 ? -1 : random.nextInt(Math.min(body.length, 120));
            switch (random.nextInt(4)) {
                case 0 -> forged.parts.set(at, new Part(part.kind(), edge, part.offset(), body));
                case 1 -> forged.parts.set(at, new Part(part.kind(), part.inode(), edge, body));
                case 2 -> {
                    if (where >= 0) {
                        body[where] = (byte) edge;
                    }
                    forged.parts.set(at, new Part(part.kind(), part.inode(), part.offset(), body));
                }
                default -> {
                    int field = where & ~7;
                    for (int b = 0; where >= 0 && b < 8 && field + b < body.length; b++) {
                        body[field + b] = (byte) (edge >>> (8 * b));
                    }
                    forged.parts.set(at, new Part(part.kind(), part.inode(), part.offset(), body));
                }
            }
            refusals += receiveForged(i % 3 == 0, forged) ? 0 : 1;
        }
        assertTrue(refusals > TRIALS / 2, refusals + " were refused");
    }

    /// Receives what may or may not be valid.
    ///
    /// @return whether it was taken
    private static boolean receiveForged(boolean whole, ForgedStream forged) throws IOException {
        StreamImage image = whole ? StreamImage.formatted(4096, IMAGE_BYTES) : withBase();
        byte[] stream = forged.toBytes();
        try (Opened opened = image.openEngine()) {
            List<String> before = opened.names();
            try {
                opened.receive("copy", stream);
                return true;
            } catch (CowException refusal) {
                assertOneLine(refusal);
                assertEquals(before, opened.names());
                if (opened.receiver.lookupToken("copy") != null) {
                    opened.receiver.abort("copy");
                }
                return false;
            }
        }
    }

    @Test
    void anImageThatIsTooSmallKeepsWhatCameAndGivesItBack() throws IOException {
        StreamImage large = new StreamImage(4096, 1);
        byte[] stream;
        try (Pool pool = large.create(256L << 20)) {
            Volume volume = pool.volume(Ref.MAIN);
            byte[] noise = new byte[1 << 20];
            for (int i = 0; i < 40; i++) {
                new Random(i).nextBytes(noise);
                long file =
                        volume.create(
                                        Volume.ROOT_INODE,
                                        ("f" + i).getBytes(StandardCharsets.UTF_8),
                                        NewInode.regular(0644, 0, 0))
                                .inode();
                volume.write(file, 0, ByteBuffer.wrap(noise), SetIdBits.KEEP);
            }
            pool.snapshot(Ref.parse("main@s"));
        }
        try (Opened opened = large.openEngine()) {
            stream = opened.send("main@s");
        }
        StreamImage small = StreamImage.formatted(4096, 32L << 20);
        long usedBefore = small.usedBytes();
        CowException failure = refused(small, "copy", stream);
        assertEquals(ErrorKind.NO_SPACE, failure.kind());
        assertTrue(failure.getMessage().contains("--abort"), failure.getMessage());
        try (Opened opened = small.openEngine()) {
            assertTrue(opened.receiver.lookupToken("copy") != null);
            opened.receiver.abort("copy");
            opened.awaitReclaim();
        }
        assertTrue(small.usedBytes() < usedBefore + (1 << 20), "the space has come back");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aReceiverThatIsKilledGoesOnWhereItsImageStood(long seed) throws IOException {
        Random random = new Random(seed);
        StreamImage image = withBase();
        StreamImage killed;
        try (Opened opened = image.openEngine()) {
            int at = increment.length / 4 + random.nextInt(increment.length / 2);
            StreamImage[] left = new StreamImage[1];
            ByteArrayInputStream whole = new ByteArrayInputStream(increment);
            opened.receiver.receive(
                    "copy",
                    new InputStream() {
                        @Override
                        public int read() {
                            throw new UnsupportedOperationException();
                        }

                        @Override
                        public int read(byte[] bytes, int from, int length) throws IOException {
                            if (left[0] == null && increment.length - whole.available() >= at) {
                                opened.store.sync();
                                left[0] = image.copy();
                            }
                            return whole.read(bytes, from, Math.min(length, 512));
                        }
                    },
                    bytes -> {});
            killed = left[0];
        }
        killed.check();
        String name = "copy@" + second.substring(second.indexOf('@') + 1);
        try (Opened target = killed.openEngine();
                Opened sender = source.openEngine()) {
            assertFalse(target.names().contains(name));
            ResumeToken token = target.receiver.lookupToken("copy");
            byte[] rest = token == null ? increment : sender.resume(token);
            target.receive("copy", rest);
            assertEquals(sender.tree(second), target.tree(name));
        }
    }
}
