package cowfs.api;

import cowfs.device.BlockDevice;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;

/// Makes images whose UUID and name seed follow from a seed, so that names lie in leaves as they
/// did the last time: what is damaged by a seed is the same in each run.
public final class SeededImages {
    private SeededImages() {}

    /// As {@link Images#format(BlockDevice, FormatOptions)}.
    public static void format(BlockDevice device, FormatOptions options, long seed)
            throws IOException {
        Random random = new Random(seed);
        UUID uuid = new UUID(random.nextLong(), random.nextLong());
        UUID nameSeed = new UUID(random.nextLong(), random.nextLong());
        Images.format(device, options, Owner.ROOT, uuid, nameSeed);
    }
}
