package cowfs.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import cowfs.subvol.Subvolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A stream that goes on with a receive that was cut, and leaves out what the first one still owed:
/// it is refused, or what it makes is sound.
final class ForgedResumeTest {
    private static final long IMAGE_BYTES = 64L << 20;
    private static final int TRIALS = Integer.getInteger("cowfs.trials", 150);
    private static final String NAME = "copy";

    /// Receives what comes before a record.
    private static ResumeToken cut(Opened target, ForgedStream whole, int cutAt)
            throws IOException {
        ForgedStream start = whole.copy();
        start.parts.subList(cutAt, start.parts.size()).clear();
        CowException cut =
                assertThrows(CowException.class, () -> target.receive(NAME, start.toCutBytes()));
        assertTrue(cut.getMessage().contains("was cut"), cut.getMessage());
        ResumeToken token = target.receiver.lookupToken(NAME);
        assertNotNull(token);
        return token;
    }

    /// Records gather before they are kept: of some symlinks all was kept but the target.
    @Test
    void aSymlinkWhoseTargetIsLeftOutAfterACutIsRefused() throws IOException {
        int linkCount = 100;
        StreamImage from = new StreamImage(4096, 1);
        try (Pool pool = from.create(IMAGE_BYTES)) {
            Volume main = pool.volume(Ref.MAIN);
            NewInode start = NewInode.regular(0777, 0, 0);
            for (int i = 0; i < linkCount; i++) {
                main.symlink(1, ("link" + i).getBytes(UTF_8), "to".getBytes(UTF_8), start);
            }
            pool.snapshot(Ref.parse("main@s"));
        }
        int tried = 0;
        try (Opened sender = from.openEngine()) {
            ForgedStream whole = ForgedStream.of(sender.send("main@s"));
            for (int i = 0; i < linkCount; i++) {
                int cutAt = whole.find(RecordKind.INLINE, i);
                long link = whole.parts.get(cutAt).inode();
                StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
                try (Opened target = to.openEngine()) {
                    ResumeToken token = cut(target, whole, cutAt);
                    if (token.position().inode() == link) {
                        ForgedStream rest = ForgedStream.of(sender.resume(token));
                        Part left = rest.parts.remove(rest.find(RecordKind.INLINE, 0));
                        assertEquals(link, left.inode());
                        CowException failure =
                                assertThrows(
                                        CowException.class,
                                        () -> target.receive(NAME, rest.toBytes()));
                        assertTrue(
                                failure.getMessage().contains("has no target"),
                                failure.getMessage());
                        tried++;
                    }
                }
            }
        }
        assertTrue(tried > 0, "a cut came between the two");
    }

    /// Half of a block is shared whose other half is not zero, and the stream ends there.
    @Test
    void bytesBehindTheEndOfAFileAreRefusedBeforeACut() throws IOException {
        StreamImage from = new StreamImage(4096, 1);
        try (Pool pool = from.create(IMAGE_BYTES)) {
            Volume main = pool.volume(Ref.MAIN);
            for (String name : new String[] {"source", "target"}) {
                NewInode file = NewInode.regular(0644, 0, 0);
                long inode = main.create(1, name.getBytes(UTF_8), file).inode();
                byte[] noise = new byte[name.equals("source") ? 8192 : 6000];
                new Random(1).nextBytes(noise);
                main.write(inode, 0, ByteBuffer.wrap(noise), SetIdBits.KEEP);
            }
            pool.snapshot(Ref.parse("main@s"));
        }
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        try (Opened sender = from.openEngine();
                Opened target = to.openEngine()) {
            ForgedStream forged = ForgedStream.of(sender.send("main@s"));
            int data = forged.find(RecordKind.DATA, 1);
            Part part = forged.parts.get(data);
            byte[] range = new byte[RangeRecord.LAYOUT.sizeBytes()];
            RangeRecord.BLOCK_COUNT.set(range, 0, 2);
            RangeRecord.SOURCE_INODE.set(
                    range, 0, forged.parts.get(forged.find(RecordKind.DATA, 0)).inode());
            forged.parts.set(data, new Part(RecordKind.CLONE, part.inode(), 0, range));
            forged.parts.subList(data + 1, forged.parts.size()).clear();
            CowException failure =
                    assertThrows(
                            CowException.class, () -> target.receive(NAME, forged.toCutBytes()));
            assertTrue(failure.getMessage().contains("behind its end"), failure.getMessage());
        }
    }

    /// Closing the image checks it.
    @Test
    void whatALaterStreamLeavesOutOrTellsTwiceNeverMakesAnUnsoundImage() throws IOException {
        StreamImage from = new StreamImage(4096, 1);
        RandomOperations.run(
                new Plan(12, 500, 500, IMAGE_BYTES, false), new HistoryImage(from, "zstd:1"));
        Random random = new Random(6 + TRIALS);
        int refused = 0;
        try (Opened sender = from.openEngine()) {
            Subvolume snapshot =
                    sender.subvolumes.list().stream()
                            .filter(Subvolume::isSnapshot)
                            .findFirst()
                            .orElseThrow();
            ForgedStream whole = ForgedStream.of(sender.send(snapshot.fullName()));
            for (int i = 0; i < TRIALS; i++) {
                int cutAt = 3 + random.nextInt(whole.parts.size() - 4);
                StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
                try (Opened target = to.openEngine()) {
                    ForgedStream rest = ForgedStream.of(sender.resume(cut(target, whole, cutAt)));
                    forge(rest.parts, random);
                    target.receive(NAME, rest.toBytes());
                } catch (CowException refusal) {
                    assertEquals(ErrorKind.INVALID, refusal.kind(), refusal.getMessage());
                    refused++;
                }
            }
        }
        assertTrue(refused > TRIALS / 4, refused + " were refused");
    }

    /// Changes the first records, which the cut was before.
    private static void forge(List<Part> parts, Random random) {
        for (int changes = 1 + random.nextInt(3); changes > 0 && parts.size() > 4; changes--) {
            int at = 2 + random.nextInt(Math.min(6, parts.size() - 3));
            if (random.nextInt(3) > 0) {
                parts.remove(at);
            } else {
                parts.add(2 + random.nextInt(parts.size() - 3), parts.get(at).copy());
            }
        }
    }

    /// The counter of inode numbers must not wrap: that would fail the commits of all subvolumes.
    @Test
    void aStreamThatHasUsedAllInodeNumbersFailsNothingButNewFilesInIt() throws IOException {
        StreamImage from = new StreamImage(4096, 1);
        try (Pool pool = from.create(IMAGE_BYTES)) {
            pool.snapshot(Ref.parse("main@s"));
        }
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        try (Opened sender = from.openEngine();
                Opened target = to.openEngine()) {
            ForgedStream forged = ForgedStream.of(sender.send("main@s"));
            Part part = forged.parts.get(1);
            SnapshotHeader is = SnapshotHeader.readFrom(part.body(), 0, part.body().length);
            SnapshotHeader lies =
                    new SnapshotHeader(
                            is.identity(),
                            is.txg(),
                            is.base(),
                            is.baseTxg(),
                            is.byRanges(),
                            is.last(),
                            is.created(),
                            Long.MAX_VALUE - 1,
                            is.resumeAt(),
                            is.subvolume(),
                            is.name());
            forged.parts.set(1, new Part(part.kind(), 0, 0, lies.toBytes()));
            target.receive(NAME, forged.toBytes());
        }
        try (Pool pool = to.open()) {
            pool.cloneSubvolume(Ref.parse("copy@s"), "clone");
            Volume clone = pool.volume(Ref.parse("clone"));
            NewInode file = NewInode.regular(0644, 0, 0);
            long last = clone.create(1, "last".getBytes(UTF_8), file).inode();
            assertEquals(Long.MAX_VALUE - 1, last);
            for (int i = 0; i < 3; i++) {
                CowException failure =
                        assertThrows(
                                CowException.class,
                                () -> clone.create(1, "more".getBytes(UTF_8), file));
                assertEquals(ErrorKind.NO_SPACE, failure.kind());
                assertTrue(failure.getMessage().contains("'clone'"), failure.getMessage());
            }
            pool.volume(Ref.MAIN).create(1, "other".getBytes(UTF_8), file);
            pool.sync();
        }
        to.check();
    }
}
