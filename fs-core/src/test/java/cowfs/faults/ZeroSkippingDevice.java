package cowfs.faults;

import cowfs.device.BlockDevice;
import cowfs.device.ForwardingDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A device that keeps no zeros: a write of nothing else becomes a discard. Over a sparse device in
/// memory it lets a test fill a large image with files of zeros. Closing it closes the other
/// device.
record ZeroSkippingDevice(BlockDevice target) implements ForwardingDevice {
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        int lengthBytes = source.remaining();
        boolean aligned = position % 4096 == 0 && lengthBytes % 4096 == 0;
        if (aligned
                && lengthBytes <= ZEROS.capacity()
                && source.mismatch(ZEROS.slice(0, lengthBytes)) < 0) {
            target.discard(position, lengthBytes);
            source.position(source.limit());
        } else {
            target.write(position, source);
        }
    }
}
