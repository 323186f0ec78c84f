package cowfs.tools.place;

import cowfs.tools.control.Endpoint;
import cowfs.tools.control.MountService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where an image is mounted: by what its daemon serves, wherever else that is shown, and by its
/// name where no daemon of this user tells more.
public final class ImageMounts {
    private ImageMounts() {}

    /// The mounts of an image, in the order in which they were made.
    ///
    /// @param image absolute, without symbolic links
    public static List<MountTable.Entry> of(Path image) throws IOException {
        MountTable table = MountTable.read();
        Set<String> served = served(image, table);
        List<MountTable.Entry> found = new ArrayList<>();
        for (MountTable.Entry each : table.all()) {
            if (each.isCowfs()
                    && (served.contains(each.device())
                            || (each.image().equals(image) && !isOfAnother(each, image)))) {
                found.add(each);
            }
        }
        return found;
    }

    /// The devices of what the image's daemon serves.
    private static Set<String> served(Path image, MountTable table) throws IOException {
        Set<String> devices = new HashSet<>();
        if (!Files.exists(image)) {
            return devices;
        }
        Endpoint endpoint = Endpoint.of(image);
        try (PoolSession session =
                PoolLocator.openWaiting(image, () -> PoolLocator.connect(image, endpoint))
                        .orElse(null)) {
            if (session != null) {
                for (MountService.ServedMount each :
                        session.mounts().orElseThrow().status().mounts()) {
                    table.at(each.directory()).ifPresent(entry -> devices.add(entry.device()));
                }
            }
        }
        return devices;
    }

    /// Whether a mount is of an image that had this name and has been renamed.
    private static boolean isOfAnother(MountTable.Entry mount, Path image) throws IOException {
        if (MountPoint.of(mount.directory()).isStale()) {
            return false;
        }
        Optional<PoolSession> session = PoolLocator.connect(mount);
        if (session.isEmpty()) {
            return false;
        }
        try (PoolSession other = session.get()) {
            return !other.image().equals(image);
        }
    }
}
