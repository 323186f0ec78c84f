package cowfs.device;

import cowfs.error.CountText;
import java.io.IOException;

/// The bounds check that all devices share.
final class DeviceRange {
    private DeviceRange() {}

    /// @throws IOException when `lengthBytes` from `position` on are not all within `sizeBytes`
    static void check(String device, long position, long lengthBytes, long sizeBytes)
            throws IOException {
        // Written so that no sum can overflow.
        if (position < 0
                || lengthBytes < 0
                || position > sizeBytes
                || lengthBytes > sizeBytes - position) {
            throw new IOException(
                    device
                            + ": "
                            + CountText.of(lengthBytes, "byte")
                            + " at "
                            + position
                            + " lie outside the device, which has "
                            + CountText.of(sizeBytes, "byte"));
        }
    }
}
