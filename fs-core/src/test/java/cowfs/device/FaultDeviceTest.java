package cowfs.device;

import static cowfs.device.BlockDeviceContract.bytes;
import static cowfs.device.BlockDeviceContract.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class FaultDeviceTest implements BlockDeviceContract {
    private final FaultDevice device = new FaultDevice(new MemoryDevice(65536));

    @Override
    public BlockDevice newDevice(long sizeBytes) {
        return new FaultDevice(new MemoryDevice(sizeBytes));
    }

    @Test
    void failsTheNthReadFromNowAndOnlyThat() throws IOException {
        read(device, 0, 1);
        device.fail(DeviceOperation.READ, 2);
        read(device, 0, 1);
        assertThrows(IOException.class, () -> read(device, 0, 1));
        read(device, 0, 1);
        assertEquals(4, device.count(DeviceOperation.READ));
    }

    @Test
    void aFailedWriteHasChangedNothing() throws IOException {
        device.fail(DeviceOperation.WRITE, 1);
        assertThrows(IOException.class, () -> device.write(0, ByteBuffer.wrap(bytes(1, 100))));
        assertArrayEquals(new byte[100], read(device, 0, 100));
    }

    @Test
    void failsFlushesAndDiscardsIndependently() throws IOException {
        device.fail(DeviceOperation.FLUSH, 1);
        device.fail(DeviceOperation.DISCARD, 2);
        device.discard(0, 4096);
        assertThrows(IOException.class, device::flush);
        assertThrows(IOException.class, () -> device.discard(0, 4096));
        device.flush();
        assertEquals(2, device.count(DeviceOperation.FLUSH));
        assertEquals(2, device.count(DeviceOperation.DISCARD));
    }

    @Test
    void aTornWriteLeavesItsFirstHalf() throws IOException {
        device.tearWrite(1);
        assertThrows(IOException.class, () -> device.write(0, ByteBuffer.wrap(bytes(2, 100))));
        byte[] expected = new byte[100];
        System.arraycopy(bytes(2, 100), 0, expected, 0, 50);
        assertArrayEquals(expected, read(device, 0, 100));
    }

    @Test
    void aFullDeviceWritesUpToItsLimitAndThenNothing() throws IOException {
        device.fillUpAfter(150);
        device.write(0, ByteBuffer.wrap(bytes(3, 100)));
        assertThrows(IOException.class, () -> device.write(100, ByteBuffer.wrap(bytes(4, 100))));
        assertThrows(IOException.class, () -> device.write(300, ByteBuffer.wrap(bytes(5, 1))));
        byte[] expected = new byte[301];
        System.arraycopy(bytes(3, 100), 0, expected, 0, 100);
        System.arraycopy(bytes(4, 100), 0, expected, 100, 50);
        assertArrayEquals(expected, read(device, 0, 301));
        device.flush();
    }

    @Test
    void anUnpluggedDeviceFailsEverything() {
        device.unplug();
        assertThrows(IOException.class, () -> read(device, 0, 1));
        assertThrows(IOException.class, () -> device.write(0, ByteBuffer.allocate(1)));
        assertThrows(IOException.class, device::flush);
        assertThrows(IOException.class, () -> device.discard(0, 4096));
    }
}
