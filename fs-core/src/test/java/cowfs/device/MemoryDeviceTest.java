package cowfs.device;

import static cowfs.device.BlockDeviceContract.bytes;
import static cowfs.device.BlockDeviceContract.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class MemoryDeviceTest implements BlockDeviceContract {
    private static final long TEBIBYTE = 1L << 40;

    @Override
    public BlockDevice newDevice(long sizeBytes) {
        return new MemoryDevice(sizeBytes);
    }

    @Test
    void takesMemoryOnlyForWhatWasWritten() throws IOException {
        MemoryDevice device = new MemoryDevice(TEBIBYTE);
        assertEquals(0, device.allocatedBytes());
        device.write(TEBIBYTE - 1, ByteBuffer.wrap(bytes(1, 1)));
        device.write(0, ByteBuffer.wrap(bytes(2, 8192)));
        assertEquals(3 * 4096, device.allocatedBytes());
    }

    @Test
    void discardGivesWholeChunksBack() throws IOException {
        MemoryDevice device = new MemoryDevice(TEBIBYTE);
        device.write(0, ByteBuffer.wrap(bytes(3, 16384)));
        device.discard(1, 8191); // the first chunk only in part
        assertEquals(3 * 4096, device.allocatedBytes());
        assertArrayEquals(new byte[4096], read(device, 4096, 4096));
        device.discard(0, TEBIBYTE);
        assertEquals(0, device.allocatedBytes());
    }

    @Test
    void aCopyAndItsOriginalGoSeparateWaysAndTheCopyOutlivesIt() throws IOException {
        MemoryDevice original = new MemoryDevice(65536);
        original.write(100, ByteBuffer.wrap(bytes(4, 5000)));
        MemoryDevice copy = original.copy();
        original.write(200, ByteBuffer.wrap(bytes(5, 10)));
        copy.write(9000, ByteBuffer.wrap(bytes(6, 10)));
        assertArrayEquals(bytes(4, 5000), read(copy, 100, 5000));
        assertArrayEquals(new byte[10], read(original, 9000, 10));
        original.close();
        assertArrayEquals(bytes(5, 10), read(original.copy(), 200, 10));
        assertArrayEquals(bytes(6, 10), read(copy, 9000, 10));
    }
}
