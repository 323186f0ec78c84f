package cowfs.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What every {@link BlockDevice} keeps to. A test class implements this for each implementation.
interface BlockDeviceContract {
    int SIZE_BYTES = 3 * 1024 * 1024 + 700; // ends within a block on purpose

    /// A new, writable device of zeros.
    BlockDevice newDevice(long sizeBytes) throws IOException;

    @Test
    default void sizeIsTheOneItWasMadeWith() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            assertEquals(SIZE_BYTES, device.sizeBytes());
        }
    }

    @Test
    default void whatWasNeverWrittenReadsAsZeros() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            assertArrayEquals(new byte[SIZE_BYTES], read(device, 0, SIZE_BYTES));
        }
    }

    @Test
    default void readReturnsTheLatestWrite() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            device.write(8192, ByteBuffer.wrap(bytes(1, 4096)));
            device.write(8192, ByteBuffer.wrap(bytes(2, 4096)));
            device.flush();
            assertArrayEquals(bytes(2, 4096), read(device, 8192, 4096));
            assertArrayEquals(new byte[8192], read(device, 0, 8192));
            assertArrayEquals(new byte[4096], read(device, 12288, 4096));
        }
    }

    @Test
    default void positionsAndLengthsNeedNoAlignment() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            device.write(4095, ByteBuffer.wrap(bytes(3, 8195)));
            device.write(5000, ByteBuffer.wrap(bytes(4, 1)));
            byte[] expected = bytes(3, 8195);
            expected[5000 - 4095] = bytes(4, 1)[0];
            assertArrayEquals(expected, read(device, 4095, 8195));
            assertArrayEquals(new byte[4095], read(device, 0, 4095));
        }
    }

    @Test
    default void theWholeDeviceGoesInOneTransfer() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            device.write(0, ByteBuffer.wrap(bytes(5, SIZE_BYTES)));
            assertArrayEquals(bytes(5, SIZE_BYTES), read(device, 0, SIZE_BYTES));
        }
    }

    @Test
    default void transferTakesExactlyWhatRemainsInTheBuffer() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            ByteBuffer source = ByteBuffer.wrap(bytes(6, 100)).position(10).limit(60);
            device.write(0, source.asReadOnlyBuffer());
            device.write(1000, source);
            assertEquals(60, source.position());
            assertEquals(60, source.limit());
            ByteBuffer target = ByteBuffer.allocateDirect(100).position(20).limit(70);
            device.read(1000, target);
            assertEquals(70, target.position());
            byte[] all = new byte[100];
            target.clear().get(all);
            byte[] expected = new byte[100];
            System.arraycopy(bytes(6, 100), 10, expected, 20, 50);
            assertArrayEquals(expected, all);
            assertEquals(0, read(device, 1050, 1)[0], "nothing after the limit was written");
        }
    }

    @Test
    default void anEmptyTransferIsAllowedEverywhereOnTheDevice() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            for (long position : new long[] {0, 5, SIZE_BYTES}) {
                device.read(position, ByteBuffer.allocate(0));
                device.write(position, ByteBuffer.allocate(0));
                device.discard(position, 0);
            }
        }
    }

    @Test
    default void aRangeThatLeavesTheDeviceIsRefusedAndChangesNothing() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            device.write(SIZE_BYTES - 4, ByteBuffer.wrap(bytes(7, 4)));
            for (long position :
                    new long[] {-1, -8, SIZE_BYTES - 4, SIZE_BYTES, Long.MAX_VALUE - 2}) {
                ByteBuffer eight = ByteBuffer.allocate(8);
                assertThrows(IOException.class, () -> device.read(position, eight));
                assertThrows(IOException.class, () -> device.write(position, eight));
                assertThrows(IOException.class, () -> device.discard(position, 8));
            }
            assertThrows(IOException.class, () -> device.discard(0, Long.MAX_VALUE));
            assertThrows(IOException.class, () -> device.discard(0, -1));
            assertArrayEquals(bytes(7, 4), read(device, SIZE_BYTES - 4, 4));
        }
    }

    @Test
    default void discardLeavesItsNeighboursAloneAndCanBeWrittenAgain() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            byte[] content = bytes(8, 65536);
            device.write(0, ByteBuffer.wrap(content));
            device.discard(10_000, 30_000);
            assertArrayEquals(bytes(8, 10_000), read(device, 0, 10_000));
            byte[] tail = new byte[65536 - 40_000];
            System.arraycopy(content, 40_000, tail, 0, tail.length);
            assertArrayEquals(tail, read(device, 40_000, tail.length));
            device.write(10_000, ByteBuffer.wrap(bytes(9, 30_000)));
            assertArrayEquals(bytes(9, 30_000), read(device, 10_000, 30_000));
        }
    }

    @Test
    default void randomTransfersAgreeWithAnArray() throws IOException {
        long seed = 20_260_101;
        Random random = new Random(seed);
        byte[] model = new byte[SIZE_BYTES];
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            for (int step = 0; step < 600; step++) {
                int length = random.nextInt(random.nextBoolean() ? 600 : 30_000);
                int position = random.nextInt(SIZE_BYTES - length);
                String where = "seed " + seed + " step " + step;
                switch (random.nextInt(8)) {
                    case 0 -> device.flush();
                    case 1 -> {
                        device.discard(position, length);
                        // Arbitrary from now on: give it a content again.
                        byte[] fresh = bytes(step, length);
                        device.write(position, ByteBuffer.wrap(fresh));
                        System.arraycopy(fresh, 0, model, position, length);
                    }
                    case 2, 3, 4 -> {
                        byte[] fresh = bytes(step, length);
                        device.write(position, ByteBuffer.wrap(fresh));
                        System.arraycopy(fresh, 0, model, position, length);
                    }
                    default -> {
                        byte[] expected = new byte[length];
                        System.arraycopy(model, position, expected, 0, length);
                        assertArrayEquals(expected, read(device, position, length), where);
                    }
                }
            }
            assertArrayEquals(model, read(device, 0, SIZE_BYTES), "seed " + seed);
        }
    }

    @Test
    default void threadsOnDisjointBytesDoNotDisturbEachOther() throws Exception {
        int threads = 4;
        int stride = 1000; // several threads share each block
        try (BlockDevice device = newDevice(SIZE_BYTES);
                ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int worker = 0; worker < threads; worker++) {
                int first = worker;
                tasks.add(
                        () -> {
                            for (int piece = first; piece < 2000; piece += threads) {
                                device.write(
                                        (long) piece * stride,
                                        ByteBuffer.wrap(bytes(piece, stride)));
                                assertArrayEquals(
                                        bytes(piece, stride),
                                        read(device, (long) piece * stride, stride));
                                if (piece % 256 == 0) {
                                    device.flush();
                                }
                            }
                            return null;
                        });
            }
            for (Future<Void> done : workers.invokeAll(tasks)) {
                done.get();
            }
            for (int piece = 0; piece < 2000; piece++) {
                assertArrayEquals(
                        bytes(piece, stride), read(device, (long) piece * stride, stride));
            }
        }
    }

    @Test
    default void anInterruptedThreadCanUseItAndStaysInterrupted() throws IOException {
        try (BlockDevice device = newDevice(SIZE_BYTES)) {
            Thread.currentThread().interrupt();
            try {
                device.write(100, ByteBuffer.wrap(bytes(10, 5000)));
                device.flush();
                assertArrayEquals(bytes(10, 5000), read(device, 100, 5000));
                assertTrue(Thread.currentThread().isInterrupted());
            } finally {
                // The flag must not leak into the next test.
                boolean cleared = Thread.interrupted();
                assertTrue(cleared);
            }
            assertFalse(Thread.currentThread().isInterrupted());
            assertArrayEquals(bytes(10, 5000), read(device, 100, 5000));
        }
    }

    @Test
    default void afterCloseEveryCallFailsAndCloseMayBeRepeated() throws IOException {
        BlockDevice device = newDevice(SIZE_BYTES);
        device.close();
        device.close();
        assertThrows(IOException.class, () -> device.read(0, ByteBuffer.allocate(1)));
        assertThrows(IOException.class, () -> device.write(0, ByteBuffer.allocate(1)));
        assertThrows(IOException.class, device::flush);
        assertThrows(IOException.class, () -> device.discard(0, 8192));
    }

    static byte[] read(BlockDevice device, long position, int lengthBytes) throws IOException {
        byte[] content = new byte[lengthBytes];
        device.read(position, ByteBuffer.wrap(content));
        return content;
    }

    /// Bytes that depend on the seed; none of them is zero, so that nothing reads as unwritten by
    /// chance.
    static byte[] bytes(long seed, int lengthBytes) {
        byte[] content = new byte[lengthBytes];
        new Random(seed).nextBytes(content);
        for (int i = 0; i < lengthBytes; i++) {
            content[i] |= 1;
        }
        return content;
    }
}
