package cowfs.damage;

import cowfs.device.BlockDevice;
import cowfs.device.ForwardingDevice;
import cowfs.device.MemoryDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A device in memory that keeps a copy of itself at each flush: the states that were durable, and
/// the earlier versions of each block.
final class RecordingDevice implements ForwardingDevice {
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
    public BlockDevice target() {
        return device;
    }

    @Override
    public synchronized void flush() throws IOException {
        device.flush();
        states.add(device.copy());
    }
}
