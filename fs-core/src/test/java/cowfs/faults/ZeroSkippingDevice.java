package cowfs.faults;

import cowfs.device.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A device that keeps no zeros: a write of nothing else becomes a discard. Over a sparse device in
/// memory it lets a test fill a large image with files of zeros. Closing it closes the other
/// device.
record ZeroSkippingDevice(BlockDevice device) implements BlockDevice {
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

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
        int lengthBytes = source.remaining();
        boolean aligned = position % 4096 == 0 && lengthBytes % 4096 == 0;
        if (aligned
                && lengthBytes <= ZEROS.capacity()
                && source.mismatch(ZEROS.slice(0, lengthBytes)) < 0) {
            device.discard(position, lengthBytes);
            source.position(source.limit());
        } else {
            device.write(position, source);
        }
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
    public void close() throws IOException {
        device.close();
    }
}
