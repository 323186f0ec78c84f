package cowfs.faults;

import cowfs.device.BlockDevice;
import cowfs.device.ForwardingDevice;

/// A device that stays open when it is closed, for tests that open an image on it again.
record KeptOpen(BlockDevice target) implements ForwardingDevice {
    @Override
    public void close() {}
}
