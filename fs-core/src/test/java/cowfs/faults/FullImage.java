package cowfs.faults;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.name;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/// A new image for a test that fills it with files of zeros, which take no memory here.
final class FullImage implements AutoCloseable {
    static final int BLOCK = 4096;

    /// Nothing commits by time, so that the same seed does the same.
    private static final OpenOptions OPTIONS = new OpenOptions(false, 4 << 20, Duration.ZERO);

    private static final int PIECE_BYTES = 1 << 20;

    private final MemoryDevice memory;
    private final Pool pool;
    private final Volume main;

    FullImage(FormatOptions options) throws IOException {
        memory = new MemoryDevice(options.sizeBytes());
        Images.format(memory, options);
        pool = Images.open(new ZeroSkippingDevice(new KeptOpen(memory)), OPTIONS);
        main = pool.volume(Ref.MAIN);
    }

    Pool pool() {
        return pool;
    }

    Volume main() {
        return main;
    }

    /// What statfs calls free, once all that was freed has come back.
    long settledFreeBlocks() throws IOException {
        pool.awaitReclaim();
        for (int i = 0; i < 5; i++) {
            main.setAttributes(ROOT, cowfs.file.AttributeChange.ofMode(0755));
            pool.sync();
        }
        return freeBlocks();
    }

    long freeBlocks() throws IOException {
        return main.status().freeBlockCount();
    }

    long create(String file) throws IOException {
        return main.create(ROOT, name(file), NewInode.regular(0644, 0, 0)).inode();
    }

    /// Writes zeros, and counts what was written when the image is full.
    ///
    /// @return bytes written, all of them unless the image is full
    long write(long inode, long offset, long lengthBytes) throws IOException {
        long done = 0;
        while (done < lengthBytes) {
            int piece = (int) Math.min(PIECE_BYTES, lengthBytes - done);
            long from = offset + done;
            if (!fits(() -> main.write(inode, from, ByteBuffer.allocate(piece)))) {
                return done;
            }
            done += piece;
        }
        return done;
    }

    /// An operation that a full image may refuse.
    @FunctionalInterface
    interface Operation {
        void run() throws IOException;
    }

    /// @return false when the image had no space for it
    static boolean fits(Operation operation) throws IOException {
        try {
            operation.run();
            return true;
        } catch (CowException refused) {
            if (refused.kind() != ErrorKind.NO_SPACE) {
                throw refused;
            }
            return false;
        }
    }

    /// No commit has failed, for space or otherwise.
    void requireSound() throws IOException {
        assertEquals("", pool.info().failure());
    }

    /// Closes the pool, and checks the image.
    @Override
    public void close() throws IOException {
        requireSound();
        pool.close();
        assertEquals(List.of(), Images.check(memory.copy(), (done, total) -> {}).findings());
    }
}
