package cowfs.tools.command;

import cowfs.tools.control.Endpoint;
import cowfs.tools.control.MountService;
import cowfs.tools.place.MountPoint;
import cowfs.tools.place.MountTable;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.PoolSession;
import cowfs.tools.place.Processes;
import cowfs.tools.place.Unmounting;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `cowfs umount`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "umount",
        description = {
            "Unmount; with the last mount of an image, return when the image is closed.",
            "Also cleans up a mount whose daemon was killed."
        })
final class UmountCommand implements Callable<Integer> {
    /// How long an unmount takes before the user is told what it waits for.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Parameters(paramLabel = "DIR", description = "The mount point.")
    Path path;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        MountPoint point = MountPoint.of(path);
        MountTable.Entry mount = point.requireCowfs();
        boolean closed = true;
        try (PoolSession session = daemon(point, mount).orElse(null)) {
            if (session == null) {
                Unmounting.unmount(point);
                closed = point.isStale();
                if (closed) {
                    cleanUp(mount.image());
                } else {
                    output.note("the image is closed by the daemon of " + mount.user());
                }
            } else {
                closed = unmount(point, mount, session.mounts().orElseThrow());
            }
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("dir", point.directory().toString());
        json.put("image", mount.source());
        json.put("closed", closed);
        output.printQuietly(json);
        return 0;
    }

    /// The connection is made before the unmount: after the last one a daemon takes no more.
    private boolean unmount(MountPoint point, MountTable.Entry mount, MountService daemon)
            throws IOException {
        Unmounting.unmount(point);
        return Explanation.during(
                () -> daemon.awaitUnmount(point.directory()), PATIENCE, () -> explain(mount));
    }

    /// The mount point is gone here, and the filesystem goes on.
    private void explain(MountTable.Entry mount) {
        String others = Processes.whoSees(mount.device());
        output.note(
                mount.source()
                        + " stays open until nothing uses the mount any more"
                        + (others.isEmpty()
                                ? "; waiting"
                                : ": it is still mounted for "
                                        + others
                                        + "; waiting for that to end or to umount it"));
    }

    private static Optional<PoolSession> daemon(MountPoint point, MountTable.Entry mount)
            throws IOException {
        return point.isStale() ? Optional.empty() : PoolLocator.connect(mount);
    }

    /// After a daemon that was killed. Its log stays, for the next mount to tell of.
    private static void cleanUp(Path image) throws IOException {
        if (Files.exists(image)) {
            Endpoint.of(image).removeStale();
        }
    }
}
