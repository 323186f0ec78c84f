package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.DelayDevice;
import cowfs.device.DelayDevice.Hold;
import cowfs.device.DeviceOperation;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Readers and punches that a device delays, while everything around them is freed and taken again.
final class ReuseUnderReadersTest {
    private static final int MIB = 1 << 20;
    private static final OpenOptions OPTIONS =
            new OpenOptions(false, 4L << 20, Duration.ofMillis(20));

    private final MemoryDevice memory = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
    private final DelayDevice device = new DelayDevice(memory);
    private Pool pool;
    private Volume main;

    @BeforeEach
    void open() throws IOException {
        Images.format(memory, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, 1, "delay"));
        pool = Images.open(device, OPTIONS);
        main = pool.volume(Ref.MAIN);
    }

    @AfterEach
    void close() throws IOException {
        pool.close();
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] content(long seed) {
        byte[] content = new byte[MIB];
        new Random(seed).nextBytes(content);
        return content;
    }

    private long create(String file) throws IOException {
        return main.create(Volume.ROOT_INODE, name(file), NewInode.regular(0600, 0, 0)).inode();
    }

    private byte[] read(long inode) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(MIB);
        main.read(inode, 0, target);
        return target.array();
    }

    /// Writes a file of 1 MiB after the other until the image is full.
    private List<Long> fillUp() throws IOException {
        return write(Integer.MAX_VALUE);
    }

    private List<Long> write(int count) throws IOException {
        List<Long> files = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                long file = create("fill" + i);
                main.write(file, 0, ByteBuffer.wrap(content(i)));
                files.add(file);
            }
        } catch (CowException full) {
            assertEquals(ErrorKind.NO_SPACE, full.kind());
        }
        return files;
    }

    private void removeAll(int count) throws IOException {
        for (int i = 0; i <= count; i++) {
            try {
                main.unlink(Volume.ROOT_INODE, name("fill" + i));
            } catch (CowException none) {
                assertEquals(ErrorKind.NOT_FOUND, none.kind());
            }
        }
        pool.sync();
    }

    @Test
    void aReadThatIsDelayedGetsTheBytesThatItSetOutFor() throws Exception {
        long file = create("file");
        byte[] old = content(-1);
        main.write(file, 0, ByteBuffer.wrap(old));
        pool.sync();
        Set<Thread> readers = ConcurrentHashMap.newKeySet();
        CompletableFuture<byte[]> reader;
        try (Hold hold = device.hold(DeviceOperation.READ, readers::contains)) {
            reader =
                    CompletableFuture.supplyAsync(
                            () -> {
                                readers.add(Thread.currentThread());
                                try {
                                    return read(file);
                                } catch (IOException failed) {
                                    throw new CompletionException(failed);
                                }
                            });
            hold.awaitArrival();
            main.write(file, 0, ByteBuffer.wrap(content(-2)));
            pool.sync();
            int files = fillUp().size();
            assertTrue(files > 10, "only " + files + " files fit");
            main.unlink(Volume.ROOT_INODE, name("file"));
            removeAll(files);
            pool.sync();
            assertEquals(0, fillUp().size(), "freed blocks wait for the reader");
        }
        assertArrayEquals(old, reader.get());
        removeAll(1);
        assertTrue(fillUp().size() > 10, "they come back when it is done");
    }

    @Test
    void aPunchThatIsDelayedNeverHitsWhatWasWrittenMeanwhile() throws Exception {
        List<Long> files;
        try (Hold hold = device.hold(DeviceOperation.DISCARD)) {
            write(7);
            removeAll(7);
            pool.sync();
            hold.awaitArrival();
            // what is being punched counts as free, but is not handed out before it is done
            files = write(7);
            pool.sync();
        }
        for (int i = 0; i < files.size(); i++) {
            assertArrayEquals(content(i), read(files.get(i)), "file " + i);
        }
        pool.close();
        assertEquals(List.of(), Images.check(memory.copy(), (done, total) -> {}).findings());
    }
}
