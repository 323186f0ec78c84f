package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.stream.StreamImage.Opened;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Blocks that are shared where a snapshot is sent from are sent once, and are shared where it is
/// received.
final class SharedBlocksSendTest {
    private static final int FILE_BYTES = 2 << 20;
    private static final int COPIES = 10;
    private static final long IMAGE_BYTES = 128L << 20;

    private static long file(Volume volume, String name) throws IOException {
        return volume.create(
                        Volume.ROOT_INODE,
                        name.getBytes(StandardCharsets.UTF_8),
                        NewInode.regular(0644, 0, 0))
                .inode();
    }

    @Test
    void reflinksTravelOnceAndStayShared() throws IOException {
        StreamImage from = new StreamImage(4096, 1);
        try (Pool pool = from.create(IMAGE_BYTES)) {
            Volume volume = pool.volume(Ref.MAIN);
            byte[] noise = new byte[FILE_BYTES];
            new Random(1).nextBytes(noise);
            long original = file(volume, "original");
            volume.write(original, 0, ByteBuffer.wrap(noise));
            for (int i = 0; i < COPIES; i++) {
                long copy = file(volume, "copy" + i);
                volume.cloneFile(volume, original, copy, SetIdBits.KEEP);
                // of each some blocks are its own
                volume.write(copy, 4096L * 7 * (i + 1), ByteBuffer.wrap(noise, i, 5000).slice());
            }
            pool.snapshot(Ref.parse("main@s"));
        }
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        long before = to.usedBytes();
        try (Opened source = from.openEngine();
                Opened target = to.openEngine()) {
            byte[] stream = source.send("main@s");
            assertTrue(
                    stream.length < FILE_BYTES + COPIES * 20_000,
                    stream.length + " bytes for " + FILE_BYTES);
            target.receive("copy", stream);
            assertEquals(source.tree("main@s"), target.tree("copy@s"));
        }
        long added = to.usedBytes() - before;
        assertTrue(added < FILE_BYTES + COPIES * 20_000 + (1 << 20), added + " bytes were added");
    }

    @Test
    void whatDidNotChangeIsNotSentAndStaysSharedBetweenSnapshots() throws IOException {
        StreamImage from = new StreamImage(4096, 1);
        try (Pool pool = from.create(IMAGE_BYTES)) {
            Volume volume = pool.volume(Ref.MAIN);
            byte[] noise = new byte[FILE_BYTES];
            new Random(1).nextBytes(noise);
            long file = file(volume, "file");
            volume.write(file, 0, ByteBuffer.wrap(noise));
            for (int i = 0; i < 300; i++) {
                file(volume, "empty" + i);
            }
            pool.snapshot(Ref.parse("main@a"));
            volume.write(file, 4096L * 100 + 17, ByteBuffer.wrap(noise, 0, 100).slice());
            pool.snapshot(Ref.parse("main@b"));
        }
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        try (Opened source = from.openEngine();
                Opened target = to.openEngine()) {
            target.receive("copy", source.send("main@a"));
        }
        long before = to.usedBytes();
        try (Opened source = from.openEngine();
                Opened target = to.openEngine()) {
            byte[] stream = source.send("main@b", "main@a");
            assertTrue(stream.length < 6000, stream.length + " bytes for one block");
            target.receive("copy", stream);
            assertEquals(source.tree("main@b"), target.tree("copy@b"));
        }
        long added = to.usedBytes() - before;
        assertTrue(added < 200_000, added + " bytes were added");
    }
}
