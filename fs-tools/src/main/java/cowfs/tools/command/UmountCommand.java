package cowfs.tools.command;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.MountService;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.ImageMounts;
import cowfs.tools.place.MountPoint;
import cowfs.tools.place.MountTable;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.PoolSession;
import cowfs.tools.place.Processes;
import cowfs.tools.place.Unmounting;
import cowfs.tools.text.ErrorText;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `cowfs umount`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "umount",
        description = {
            "Unmount; with the last mount of an image, return when the image is closed.",
            "The image may be named instead of the mount point, if it is mounted at one place; --all"
                    + " unmounts it wherever it is mounted.",
            "Also cleans up a mount whose daemon was killed."
        })
final class UmountCommand implements Callable<Integer> {
    /// How long an unmount takes before the user is told what it waits for.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Option(names = "--all", description = "Unmount all mounts of the image.")
    boolean all;

    @Parameters(
            paramLabel = "DIR|IMAGE",
            description = "The mount point, or the image when it is mounted at one place.")
    Path path;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        List<MountPoint> points = points();
        List<IOException> failures = new ArrayList<>();
        boolean closed = false;
        // what is mounted inside of another mount first
        for (MountPoint point : points.reversed()) {
            try {
                closed = unmount(point, point.requireCowfs());
            } catch (IOException failure) {
                failures.add(failure);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.size() == 1 ? failures.getFirst() : all(failures);
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        if (all) {
            json.put("dirs", points.stream().map(each -> each.directory().toString()).toList());
        } else {
            json.put("dir", points.getFirst().directory().toString());
        }
        json.put("image", points.getFirst().requireCowfs().source());
        json.put("closed", closed);
        output.printQuietly(json);
        return 0;
    }

    /// What is to be unmounted, in the order in which it was mounted.
    private List<MountPoint> points() throws IOException {
        MountPoint named = MountPoint.of(path);
        boolean isMount = named.mounted().filter(MountTable.Entry::isCowfs).isPresent();
        if (isMount && !all) {
            return List.of(named);
        }
        if (!isMount && (Files.isDirectory(path) || !Files.exists(path))) {
            named.requireCowfs(); // which says what is wrong
        }
        List<MountTable.Entry> mounts =
                ImageMounts.of(isMount ? image(named) : ImageFile.require(path));
        if (mounts.isEmpty()) {
            if (MountTable.read()
                    .around(named.directory())
                    .filter(MountTable.Entry::isCowfs)
                    .isPresent()) {
                named.requireCowfs(); // it is a file in a mount
            }
            throw new RequestException(ErrorKind.NOT_FOUND, path + " is not mounted");
        }
        if (mounts.size() > 1 && !all) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    path
                            + " is mounted on "
                            + mounts.stream()
                                    .map(each -> each.directory().toString())
                                    .collect(Collectors.joining(", "))
                            + "; name one of them, or give --all");
        }
        List<MountPoint> points = new ArrayList<>();
        for (MountTable.Entry each : mounts) {
            points.add(MountPoint.of(each.directory()));
        }
        return points;
    }

    /// The image of a mount, by the name that it has now.
    private static Path image(MountPoint point) throws IOException {
        MountTable.Entry mount = point.requireCowfs();
        try (PoolSession session = daemon(point, mount).orElse(null)) {
            return session == null ? mount.image() : session.image();
        }
    }

    /// Several failures, each of which names its mount, as one.
    private static IOException all(List<IOException> failures) {
        return new RequestException(
                failures.getFirst() instanceof CowException known ? known.kind() : ErrorKind.IO,
                failures.stream().map(ErrorText::describe).collect(Collectors.joining("; ")),
                failures.getFirst());
    }

    /// @return whether the image is closed
    private boolean unmount(MountPoint point, MountTable.Entry mount) throws IOException {
        try (PoolSession session = daemon(point, mount).orElse(null)) {
            if (session != null) {
                return unmount(point, mount, session.mounts().orElseThrow());
            }
            Unmounting.unmount(point);
            boolean closed = point.isStale();
            if (closed) {
                cleanUp(mount.image());
            } else {
                output.note("the image is closed by the daemon of " + mount.user());
            }
            return closed;
        }
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
