package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.tools.control.Endpoint;
import cowfs.tools.place.MountTable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A directory for images and mount points of one test. Afterwards, however the test went, nothing
/// is mounted there and no daemon of its images lives.
final class MountedImages implements BeforeEachCallback, AfterEachCallback {
    private final List<ProcessHandle> daemons = new ArrayList<>();
    private Path directory;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("cowfs-it").toRealPath();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (MountTable.Entry mount : MountTable.read().all()) {
            if (mount.directory().startsWith(directory)) {
                Command.run(List.of("umount", "-l", mount.directory().toString()));
            }
        }
        for (ProcessHandle daemon : daemons) {
            if (daemon.isAlive()) {
                try {
                    daemon.onExit().get(10, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    daemon.destroyForcibly();
                }
            }
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!Files.exists(file)) {
                    continue;
                }
                // a killed daemon leaves them
                Endpoint endpoint = Endpoint.of(file);
                Files.deleteIfExists(endpoint.socket());
                Files.deleteIfExists(endpoint.log());
                Files.deleteIfExists(endpoint.previousLog());
            }
        }
        FileUtils.deleteDirectory(directory.toFile());
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /// Makes an image.
    Path image(String name, String size) throws IOException {
        Path image = path(name);
        Command.run("mkfs", "--size", size, image).succeeded();
        return image;
    }

    /// Makes a directory to mount on.
    Path mountPoint(String name) throws IOException {
        return Files.createDirectory(path(name));
    }

    /// Mounts, and notes the daemon.
    ProcessHandle mount(Path image, Path mountPoint, String... options) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("mount", "--json"));
        arguments.addAll(List.of(options));
        arguments.add(image);
        arguments.add(mountPoint);
        return daemonOf(Command.run(arguments.toArray()).succeeded());
    }

    /// Mounts an image whose last daemon did not end well, which is told.
    ///
    /// @return the line that tells it
    String mountAfterABadEnd(Path image, Path mountPoint) throws IOException {
        Run mount = Command.run("mount", "--json", image, mountPoint);
        assertEquals(0, mount.exitCode(), mount.err());
        daemonOf(mount);
        assertEquals("cowfs: " + mount.json().text("previous_end") + "\n", mount.err());
        return mount.err();
    }

    private ProcessHandle daemonOf(Run mount) throws IOException {
        ProcessHandle daemon = ProcessHandle.of(mount.json().number("pid")).orElseThrow();
        daemons.add(daemon);
        return daemon;
    }
}
