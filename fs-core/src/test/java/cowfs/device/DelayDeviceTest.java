package cowfs.device;

import static cowfs.device.BlockDeviceContract.bytes;
import static cowfs.device.BlockDeviceContract.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class DelayDeviceTest implements BlockDeviceContract {
    @Override
    public BlockDevice newDevice(long sizeBytes) {
        return new DelayDevice(new MemoryDevice(sizeBytes));
    }

    @Test
    void aHeldReadSeesWhatWasWrittenBeforeItsRelease() throws Exception {
        try (DelayDevice device = new DelayDevice(new MemoryDevice(65536));
                ExecutorService reader = Executors.newSingleThreadExecutor()) {
            Future<byte[]> content;
            try (DelayDevice.Hold hold = device.hold(DeviceOperation.READ)) {
                assertFalse(hold.hasArrival());
                content = reader.submit(() -> read(device, 0, 100));
                hold.awaitArrival();
                device.write(0, ByteBuffer.wrap(bytes(1, 100))); // writes are not held
                assertFalse(content.isDone());
            }
            assertArrayEquals(bytes(1, 100), content.get());
            assertArrayEquals(bytes(1, 100), read(device, 0, 100)); // nothing is held any more
        }
    }

    @Test
    void aHeldDiscardHasNotHappenedYet() throws Exception {
        try (DelayDevice device = new DelayDevice(new MemoryDevice(65536));
                ExecutorService worker = Executors.newSingleThreadExecutor()) {
            device.write(0, ByteBuffer.wrap(bytes(2, 4096)));
            DelayDevice.Hold hold = device.hold(DeviceOperation.DISCARD);
            Future<?> done =
                    worker.submit(
                            () -> {
                                device.discard(0, 4096);
                                return null;
                            });
            hold.awaitArrival();
            assertTrue(hold.hasArrival());
            assertArrayEquals(bytes(2, 4096), read(device, 0, 4096));
            hold.release();
            done.get();
            assertArrayEquals(new byte[4096], read(device, 0, 4096));
        }
    }
}
