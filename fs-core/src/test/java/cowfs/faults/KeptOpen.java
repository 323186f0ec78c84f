package cowfs.faults;

import cowfs.device.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A device that stays open when it is closed, for tests that open an image on it again.
record KeptOpen(BlockDevice device) implements BlockDevice {
    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        device.read(position, target);
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        device.write(position, source);
    }

    @Override
    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        device.discard(position, lengthBytes);
    }

    @Override
    public void close() {}
}
