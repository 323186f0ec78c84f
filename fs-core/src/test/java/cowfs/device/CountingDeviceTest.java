package cowfs.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.device.CountingDevice.Counts;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class CountingDeviceTest implements BlockDeviceContract {
    @Override
    public BlockDevice newDevice(long sizeBytes) {
        return new CountingDevice(new MemoryDevice(sizeBytes));
    }

    @Test
    void countsCallsAndBytesOfEachKind() throws IOException {
        CountingDevice device = new CountingDevice(new MemoryDevice(65536));
        device.write(0, ByteBuffer.allocate(10));
        Counts before = device.counts();
        device.read(0, ByteBuffer.allocate(100));
        device.read(0, ByteBuffer.allocate(200));
        device.write(0, ByteBuffer.allocate(4096));
        device.flush();
        device.flush();
        device.flush();
        device.discard(0, 8192);
        assertEquals(new Counts(2, 300, 2, 4106, 3, 1, 8192), device.counts());
        assertEquals(new Counts(2, 300, 1, 4096, 3, 1, 8192), device.counts().since(before));
    }

    @Test
    void whatFailsDoesNotCount() {
        CountingDevice device = new CountingDevice(new MemoryDevice(10));
        assertThrows(IOException.class, () -> device.read(0, ByteBuffer.allocate(11)));
        assertThrows(IOException.class, () -> device.write(0, ByteBuffer.allocate(11)));
        assertThrows(IOException.class, () -> device.discard(0, 11));
        assertEquals(new Counts(0, 0, 0, 0, 0, 0, 0), device.counts());
    }
}
