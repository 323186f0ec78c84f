package cowfs.device;

/// The calls of a {@link BlockDevice} that a test device can single out.
public enum DeviceOperation {
    READ,
    WRITE,
    FLUSH,
    DISCARD
}
