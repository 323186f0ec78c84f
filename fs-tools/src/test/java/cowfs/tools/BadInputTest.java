package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Input that is refused before any image is opened: one line, exit code 1, or 2 for wrong usage.
final class BadInputTest {
    private static final String[] ON_POOLS = {"list", "info", "du", "sync"};

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"list", "info", "du", "sync", "check"})
    void anImageThatIsNotThere(String command) {
        Path image = directory.resolve("no\u00a0such image");
        Run.inProcess(command, image).failed(1, image + " does not exist", "cowfs mkfs");
        assertFalse(Files.exists(image));
    }

    @Test
    void anImageThatIsNotThereCanNotBeMounted() {
        Run.inProcess("mount", directory.resolve("none"), directory).failed(1, "does not exist");
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "info", "du", "sync", "check"})
    void anEmptyFile(String command) throws IOException {
        Path image = Files.createFile(directory.resolve("empty"));
        Run.inProcess(command, image).failed(1, image + " is empty", "cowfs mkfs");
        assertEquals(0, Files.size(image));
    }

    @Test
    void aDirectoryOutsideOfAnyMount() {
        for (String command : ON_POOLS) {
            Run.inProcess(command, directory).failed(1, "outside of any cowfs mount");
        }
        Run.inProcess("check", directory).failed(1, "is a directory");
        Run.inProcess("mkfs", "--force", directory).failed(1, "is a directory");
        Run.inProcess("mount", directory, directory).failed(1, "is a directory");
    }

    @Test
    void whatIsAskedForIsMoreOrLessThanThereIs() {
        Path image = directory.resolve("disk.img");
        Run.inProcess("mkfs", "--size", "64M", image).succeeded();
        Run.inProcess("snapshot", image, "main@monday").succeeded();
        Run.inProcess("reclaim", image, "--free", "1G")
                .failed(1, "the one snapshot", "1.0G (1073741824 bytes)", "nothing was deleted");
        Run.inProcess("set", image, "main", "quota=1")
                .failed(1, "'main' has 16.0K (16384 bytes)", "set a larger one");
        Run.inProcess("replicate", image, "main", image).failed(1, "itself", "name another");
    }

    @Test
    void pathsOfTheHostStandAsTheyAreAndNamesInQuotes() throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "x");
        Path image = directory.resolve("disk.img");
        Run.inProcess("mkfs", "--size", "64M", image).succeeded();
        Run.inProcess("snapshot", image, "main@a").succeeded();
        for (Path path : List.of(text, directory, directory.resolve("none/at/all"))) {
            for (String command : List.of("list", "check", "scrub", "mkfs", "umount")) {
                assertUnquoted(Run.inProcess(command, path), path);
            }
            assertUnquoted(Run.inProcess("inspect", "super", path), path);
            assertUnquoted(Run.inProcess("ls", path, "main:/"), path);
            assertUnquoted(Run.inProcess("replicate", image, "main", path), path);
        }
        assertUnquoted(Run.inProcess("replicate", image, "main", image), image);
        Run.inProcess("delete", image, "none").failed(1, "subvolume 'none'");
    }

    private static void assertUnquoted(Run run, Path path) {
        run.failed(1, path.toString());
        assertFalse(run.err().contains("'" + path), run.err());
    }

    @Test
    void aSocketOrADevice() throws IOException {
        Path socket = directory.resolve("socket");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            for (Path path : new Path[] {socket, Path.of("/dev/null")}) {
                Run.inProcess("list", path).failed(1, path.toString(), "neither a regular file");
                Run.inProcess("check", path).failed(1, path.toString(), "neither a regular file");
                Run.inProcess("mkfs", "--force", path)
                        .failed(1, path.toString(), "neither a regular file");
            }
        }
    }

    @Test
    void anImageBelowAFileOrInALoopOfLinks() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        Run.inProcess("list", file.resolve("image")).failed(1, "image");
        Path loop = directory.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        Run.inProcess("list", loop).failed(1, "loop");
    }

    @Test
    void whyAnImageIsNotThereIsSaid() throws IOException {
        Path missing = directory.resolve("no/image");
        Path dangling = Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere"));
        for (String command : List.of("list", "check", "mkfs")) {
            Run.inProcess(command, missing)
                    .failed(1, missing + " does not exist, nor does its directory");
            Run.inProcess(command, dangling)
                    .failed(1, "a symbolic link to nowhere, which does not exist");
        }
        assertFalse(Files.exists(directory.resolve("nowhere")));
    }

    @Test
    void valuesThatNoImageCanHaveAreWrongUsage() {
        Path image = directory.resolve("image");
        Run.inProcess("mkfs", "--node-size=5K", image).failed(2, "node size", "4K, 8K");
        Run.inProcess("mkfs", "--metadata-copies=3", image).failed(2, "1 or 2");
        Run.inProcess("mkfs", "--label=" + "x".repeat(300), image).failed(2, "label");
        Run.inProcess("mkfs", "--label=a\nb", image).failed(2, "label", "control character");
        Run.inProcess("mkfs", "--size=100T", image).failed(2, "at most 64T");
        assertFalse(Files.exists(image));
    }

    @Test
    void aFileThatExistsIsNotFormattedWithoutForce() throws IOException {
        Path file = Files.writeString(directory.resolve("precious"), "data");
        Run.inProcess("mkfs", "--size=64M", file).failed(1, "exists", "--force");
        assertEquals("data", Files.readString(file));
    }

    @Test
    void anImageBelowTheLeastSize() {
        Path image = directory.resolve("small");
        Run.inProcess("mkfs", "--size=1M", image)
                .failed(2, "the size of 1M is too small: at least 32M");
        assertFalse(Files.exists(image));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b@x", "a@b@c", "main@", "@x", "a:b@x", "..@x", "main", "a\nb@x"})
    void aSnapshotNameThatIsNone(String name) throws IOException {
        Path image = Files.writeString(directory.resolve("image"), "x");
        Run.inProcess("snapshot", image, name).failed(2, "nam");
    }

    /// The image is none, and nobody gets to see that.
    @Test
    void argumentsThatMeanNothingWhateverTheImageHolds() throws IOException {
        Path image = Files.writeString(directory.resolve("image"), "x");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Run.inProcess("mount", "-o", "bogus", image, empty).failed(2, "'bogus'", "writeback");
        Run.inProcess("mount", "--subvol", "a@b@c", image, empty).failed(2, "'a@b@c'");
        Run.inProcess("policy", "set", image, "main", "1x:3").failed(2, "'1x:3' is no rule");
        Run.inProcess("set", image, "main", "foo=bar").failed(2, "no property 'foo'");
        Run.inProcess("set", image, "main", "comment").failed(2, "has no '='");
        Run.inProcess("send", image, "--resume", "garbage").failed(2, "no token");
        Run.inProcess("rollback", image, "main").failed(2, "names no snapshot");
        Run.inProcess("rollback", image, "main@a", "--discard", "--keep-as", "main@b")
                .failed(2, "give one of them");
        Run.inProcess("receive", image, "a@b").failed(2, "names a snapshot");
        Run.inProcess("hold", image, "A B", "main@x").failed(2, "no tag");
        Run.inProcess("ls", image, "/d").failed(2, "REF:/path");
        Run.inProcess("history", image, "main").failed(2, "REF:/path");
    }

    @Test
    void aNameThatIsTooLong() throws IOException {
        Path image = Files.writeString(directory.resolve("image"), "x");
        String name = "ä".repeat(101);
        Run.inProcess("subvolume", "create", image, name).failed(2, "202 bytes", "at most 200");
        Run.inProcess("clone", image, "main", name).failed(2, "202 bytes");
        Run.inProcess("subvolume", "rename", image, "main", name).failed(2, "202 bytes");
        Run.inProcess("snapshot", image, "main@" + name).failed(2, "202 bytes");
        Run.inProcess("snapshot", image, "--all", name).failed(2, "202 bytes");
        Run.inProcess("delete", image, name).failed(2, "202 bytes");
        Run.inProcess("bookmark", "create", image, "main@x", name).failed(2, "202 bytes");
        Run.inProcess("set", image, name, "comment=x").failed(2, "202 bytes");
        Run.inProcess("rollback", image, "main@x", "--keep-as", "main@" + name)
                .failed(2, "202 bytes");
        Run.inProcess("receive", image, name).failed(2, "202 bytes");
        Run.inProcess("replicate", image, "main", "x", "--as", name).failed(2, "202 bytes");
        String file = "main:/" + "x".repeat(256);
        for (String command : List.of("ls", "cat", "stat", "tree", "history", "undelete")) {
            Run.inProcess(command, image, file).failed(2, "256 bytes");
        }
        Run.inProcess("inspect", "file", image, file).failed(2, "256 bytes");
        Run.inProcess("cp", image, file, "main:/y").failed(2, "256 bytes");
        Run.inProcess("diff", image, "main", "main", "/" + "x".repeat(256)).failed(2, "256 bytes");
        Run.inProcess("purge", image, "/" + "x".repeat(256), "--all-snapshots")
                .failed(2, "256 bytes");
    }

    @Test
    void aMountPointThatIsNotThere() throws IOException {
        Path image = Files.writeString(directory.resolve("image"), "x");
        Path missing = directory.resolve("a/b");
        Run.inProcess("mount", image, missing).failed(1, missing.toString(), "mkdir");
        assertFalse(Files.exists(directory.resolve("a")));
    }

    @Test
    void aMountPointThatIsNoDirectoryOrNotEmpty() throws IOException {
        Path image = Files.writeString(directory.resolve("image"), "x");
        Run.inProcess("mount", image, image).failed(1, "is no directory");
        Run.inProcess("mount", image, directory).failed(1, "is not empty");
    }

    @Test
    void unmountingWhatIsNotMounted() throws IOException {
        Run.inProcess("umount", directory).failed(1, "is no cowfs mount point", "findmnt");
        Run.inProcess("umount", directory.resolve("none")).failed(1, "nor is it there");
        Run.inProcess("umount", "/proc").failed(1, "type proc", "umount(8)");
    }

    @Test
    void wrongUsageIsOneLineThatPointsToTheHelp() {
        Run.inProcess("mkfs").failed(2, "IMAGE", "cowfs mkfs --help");
        Run.inProcess("mkfs", "--sizze", "1G", "x").failed(2, "--sizze", "did you mean --size");
        Run.inProcess("mkfs", "--size", "huge", "x").failed(2, "'huge' is no size");
        Run.inProcess("mkfs", "--metadata-copies", "x", "y").failed(2, "--metadata-copies");
        Run.inProcess("mount", "--commit", "soon", "x", "y").failed(2, "'soon' is no interval");
        Run.inProcess("mount", "--commit", "0s", "x", "y").failed(2, "no interval");
        Run.inProcess("mount", "x").failed(2, "DIR");
        Run.inProcess("snapshott", "x").failed(2, "did you mean", "snapshot");
        Run.inProcess("subvolume", "creat", "x").failed(2, "create");
        Run.inProcess("list", "a", "b").failed(2, "b");
        Run.inProcess("delete", "image").failed(2, "REF");
    }

    @Test
    void whatIsWrongIsToldInTheWordsOfTheHelp() {
        Run.inProcess("foo").saidOfUsage("unknown command 'foo'; see 'cowfs help'");
        Run.inProcess("snapshott", "x", "--json")
                .saidOfUsage(
                        "unknown command 'snapshott', did you mean snapshot? see 'cowfs help'");
        Run.inProcess("policy", "rm", "x")
                .saidOfUsage(
                        "unknown command 'policy rm', did you mean run? see 'cowfs policy --help'");
        Run.inProcess("help", "policy", "foo")
                .saidOfUsage("unknown command 'policy foo'; see 'cowfs policy --help'");
        Run.inProcess("list", "a", "b")
                .saidOfUsage("unexpected argument 'b'; see 'cowfs list --help'");
        Run.inProcess("sync", "a", "b", "c")
                .saidOfUsage("unexpected arguments 'b', 'c'; see 'cowfs sync --help'");
        Run.inProcess("list", "--jsn", "x")
                .saidOfUsage(
                        "unknown option '--jsn', did you mean --json? see 'cowfs list --help'");
        Run.inProcess("mount").saidOfUsage("IMAGE and DIR are missing; see 'cowfs mount --help'");
        Run.inProcess("reclaim", "x")
                .saidOfUsage("--free=SIZE is missing; see 'cowfs reclaim --help'");
        Run.inProcess("purge", "x", "/y")
                .saidOfUsage("--from=REF or --all-snapshots is missing; see 'cowfs purge --help'");
        Run.inProcess("mkfs", "--size")
                .saidOfUsage("option '--size' needs a value, SIZE; see 'cowfs mkfs --help'");
        Run.inProcess("inspect", "node", "x", "y")
                .saidOfUsage("BLOCK: 'y' is no number; see 'cowfs inspect node --help'");
        Run.inProcess("completion", "fish")
                .saidOfUsage("SHELL: 'fish' is none of bash, zsh; see 'cowfs completion --help'");
        Run.inProcess("mount", "--transport", "x", "a", "b")
                .saidOfUsage(
                        "option '--transport': 'x' is none of kernel, jnr; see 'cowfs mount --help'");
    }

    @Test
    void aPathThatIsEmpty() {
        for (String command : List.of("mkfs", "list", "check", "umount", "scrub")) {
            Run.inProcess(command, "").failed(2, "'' is no path", "cowfs " + command + " --help");
        }
        Run.inProcess("mkfs", "").saidOfUsage("IMAGE: '' is no path; see 'cowfs mkfs --help'");
    }

    @Test
    void withoutACommandTheHelpIsShown() {
        Run.inProcess().saidOfUsage("a command is missing; see 'cowfs help'");
        Run.inProcess("subvolume").failed(2, "cowfs subvolume --help");
    }

    @Test
    void helpAndVersionAreNoFailures() throws IOException {
        String help = Run.inProcess("--help").succeeded().out();
        for (String command :
                "mkfs mount umount subvolume snapshot clone delete list".split(" ", -1)) {
            assertTrue(help.contains("\n  " + command + " "), command);
        }
        assertFalse(help.contains("\n  daemon "), "what mount starts is not for people");
        assertTrue(Run.inProcess("mount", "--help").succeeded().out().contains("--subvol"));
        assertTrue(Run.inProcess("help", "du").succeeded().out().contains("EXCLUSIVE"));
        String create = Run.inProcess("help", "subvolume", "create").succeeded().out();
        assertTrue(create.startsWith("Usage: cowfs subvolume create"), create);
        assertEquals(help, Run.inProcess("help").succeeded().out());
        Run.inProcess("help", "subvolume", "mak").failed(2, "unknown command 'subvolume mak'");
        String version = Run.inProcess("version", "--json").succeeded().json().text("version");
        assertTrue(version.matches("\\d+\\.\\d+\\.\\d+.*"), version);
        assertEquals("cowfs " + version + "\n", Run.inProcess("--version").succeeded().out());
    }
}
