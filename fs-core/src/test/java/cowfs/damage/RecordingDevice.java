package cowfs.damage;

import cowfs.device.BlockDevice;
import cowfs.device.MemoryDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A device in memory that keeps a copy of itself at each flush: the states that were durable, and
/// the earlier versions of each block.
final class RecordingDevice implements BlockDevice {
    private final MemoryDevice device;
    private final List<MemoryDevice> states = new ArrayList<>();

    RecordingDevice(MemoryDevice device) {
        this.device = device;
    }

    /// The states at each flush so far, oldest first.
    synchronized List<MemoryDevice> states() {
        return List.copyOf(states);
    }

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
    public synchronized void flush() throws IOException {
        device.flush();
        states.add(device.copy());
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
