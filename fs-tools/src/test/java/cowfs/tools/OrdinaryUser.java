package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cowfs.tools.control.RuntimeDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A user of the host who is not root, made for the tests of one class and gone afterwards, with a
/// directory of his own and the command where he can read it.
///
/// `/dev/fuse` is open to him meanwhile, as it is to everybody on most hosts. Only root can make
/// users: whoever else runs the tests is an ordinary user himself, in all of them.
final class OrdinaryUser implements BeforeAllCallback, AfterAllCallback {
    private static final Path DEVICE = Path.of("/dev/fuse");

    private final String name;
    private Set<PosixFilePermission> deviceMode = Set.of();
    private Path home;
    private String classPath;
    private int id;

    OrdinaryUser(String name) {
        this.name = name;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        assumeTrue(RuntimeDirectory.userId() == 0, "only root can make users");
        home = Files.createTempDirectory("cowfs-user").toRealPath();
        program("useradd", "--no-create-home", "--home-dir", home.toString(), name);
        id = Integer.parseInt(program("id", "-u", name).out().strip());
        classPath = copyClassPath(Files.createDirectory(home.resolve("lib")));
        program("chown", "-R", name + ":", home.toString());
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        deviceMode = Files.getPosixFilePermissions(DEVICE);
        Files.setPosixFilePermissions(DEVICE, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (!deviceMode.isEmpty()) {
            Files.setPosixFilePermissions(DEVICE, deviceMode);
        }
        if (id != 0) {
            program("userdel", name);
            FileUtils.deleteDirectory(new File("/tmp/cowfs-" + id));
        }
        if (home != null) {
            FileUtils.deleteDirectory(home.toFile());
        }
    }

    private static String copyClassPath(Path target) throws IOException {
        List<String> copies = new ArrayList<>();
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            File source = new File(entry);
            File copy = target.resolve(number++ + "-" + source.getName()).toFile();
            if (source.isDirectory()) {
                FileUtils.copyDirectory(source, copy);
            } else if (source.exists()) {
                FileUtils.copyFile(source, copy);
            }
            copies.add(copy.toString());
        }
        return copies.stream().collect(Collectors.joining(File.pathSeparator));
    }

    int id() {
        return id;
    }

    /// A path in his directory.
    Path path(String file) {
        return home.resolve(file);
    }

    /// Runs the command as he does.
    Run cowfs(Object... arguments) throws IOException {
        List<String> words = Command.words(arguments);
        words.set(words.indexOf("-cp") + 1, classPath);
        return run(words);
    }

    /// Runs any program as he does.
    Run shell(String line) throws IOException {
        return run(List.of("sh", "-c", line));
    }

    private Run run(List<String> words) throws IOException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--reuid=" + name,
                                "--regid=" + name,
                                "--clear-groups",
                                "--inh-caps=-all",
                                "env",
                                "-u",
                                "XDG_RUNTIME_DIR",
                                "HOME=" + home));
        all.addAll(words);
        return Command.run(all);
    }

    private static Run program(String... words) throws IOException {
        Run run = Command.run(List.of(words));
        assertEquals(0, run.exitCode(), run.err());
        return run;
    }
}
