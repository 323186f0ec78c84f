package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs replicate`, from a mounted image to another image, directly and through a command.
@Timeout(240)
final class ReplicateIT {
    @RegisterExtension final MountedImages images = new MountedImages();
    private Path dir;
    private Path other;

    @BeforeEach
    void mount() throws IOException {
        Path image = images.image("image", "256M");
        other = images.image("other", "256M");
        dir = images.mountPoint("mnt");
        images.mount(image, dir);
    }

    private void snapshot(String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        Files.write(dir.resolve(name), content);
        Command.run("snapshot", dir, "main@" + name).succeeded();
    }

    private void assertSame(String snapshot, String replica) throws IOException {
        Path extracted = images.path("extracted " + snapshot);
        Command.run("extract", other, replica + "@" + snapshot + ":/", extracted).succeeded();
        assertEquals(
                "",
                Command.run(
                                List.of(
                                        "diff",
                                        "-r",
                                        dir.resolve(".snapshots/" + snapshot).toString(),
                                        extracted.toString()))
                        .out());
    }

    private List<String> sent(Object... words) throws IOException {
        return Command.run(words).succeeded().json().texts("sent");
    }

    @Test
    void whatIsMissingIsSentEachTime() throws IOException {
        Command.run("replicate", dir, "main", other, "--as=copy").failed(1, "--snapshot");
        snapshot("a", 100_000);
        snapshot("b", 5000);
        assertEquals(
                List.of("main@a", "main@b"),
                sent("replicate", "--json", "--as=copy", dir, "main", other));
        assertEquals(List.of(), sent("replicate", "--json", "--as=copy", dir, "main", other));
        snapshot("c", 70_000);
        assertEquals(
                "sent main@c\n",
                Command.run("replicate", dir, "main", other, "--as", "copy").succeeded().out());
        for (String each : List.of("a", "b", "c")) {
            assertSame(each, "copy");
        }
        Command.run("replicate", dir, "main", other).failed(1, "'main' exists already");
        Command.run("snapshot", other, "main@own").succeeded();
        Command.run("replicate", dir, "main", other).failed(1, "--as");
        Command.run("replicate", dir, "none", other).failed(1, "no subvolume 'none'");
        Command.run("replicate", dir, "main@a", other).failed(2, "main@a");
        Command.run("replicate", dir, "main", other, "--keep", "often").failed(2, "no rule");
        Command.run("replicate", dir, "main", images.path("nowhere")).failed(1, "does not exist");
        Command.run("check", other).succeeded();
    }

    @Test
    void aBookmarkIsEnoughWhenTheCommonSnapshotIsDeletedHere() throws IOException {
        snapshot("a", 100_000);
        Object[] words = {
            "replicate", "--json", "--as=copy", "--bookmark=offsite", dir, "main", other
        };
        assertEquals(List.of("main@a"), sent(words));
        Command.run("delete", dir, "main@a").succeeded();
        snapshot("b", 5000);
        Files.delete(dir.resolve("a"));
        snapshot("c", 70_000);
        assertEquals(List.of("main@b", "main@c"), sent(words));
        assertSame("b", "copy");
        assertSame("c", "copy");
        Command.run("delete", dir, "main@b", "main@c").succeeded();
        snapshot("d", 10);
        Path stream = images.path("stream");
        Command.run("send", dir, "main@d", "--from", "main#offsite", "-o", stream).succeeded();
        Command.run("receive", other, "copy", "-i", stream).succeeded();
        assertSame("d", "copy");
        Command.run("bookmark", "delete", dir, "main#offsite").succeeded();
        Command.run("delete", dir, "main@d").succeeded();
        snapshot("e", 10);
        Command.run(words).failed(1, "nor is there a bookmark of one");
    }

    @Test
    void aCommandReachesTheOtherSideAndWhatWasCutGoesOn() throws IOException {
        snapshot("a", 8 << 20);
        snapshot("b", 5000);
        // a connection that breaks after 3 MB of the stream, and lets all else through
        String breaking =
                "f() { case $1$2 in receive"
                        + other
                        + ") head -c 3000000 | "
                        + Command.shell()
                        + " \"$@\";; *) "
                        + Command.shell()
                        + " \"$@\";; esac; }; f";
        Run cut = Command.run("replicate", dir, "main", "--as=copy", "--to", breaking, other);
        assertEquals(1, cut.exitCode());
        assertTrue(cut.err().contains("failed with exit code 1"), cut.err());
        assertFalse(Command.run("list", other).succeeded().out().contains("copy@"));
        JsonObject done =
                Command.run(
                                "replicate",
                                "--json",
                                dir,
                                "main",
                                "--as=copy",
                                "--to",
                                Command.shell(),
                                other)
                        .succeeded()
                        .json();
        assertEquals(List.of("main@a", "main@b"), done.texts("sent"));
        assertSame("a", "copy");
        assertSame("b", "copy");
        Command.run("replicate", dir, "main", "--to", "false", other)
                .failed(
                        1,
                        "'false receive --snapshots --json "
                                + other
                                + " main' failed with exit code 1",
                        "run replicate again: it goes on where it was");
        Command.run("replicate", dir, "main", "--to", "no-such-program", other)
                .failed(1, "failed with exit code 127: ", "no-such-program: ", "not found");
        Command.run("replicate", dir, "main", "--to", "echo lost >&2; exit 3 #", other)
                .failed(1, "failed with exit code 3: lost; once it works");
        Command.run("replicate", dir, "main", "--to", "true", other)
                .failed(1, "--snapshots --json " + other + " main' printed nothing");
        Command.run("replicate", dir, "main", "--to", Command.shell(), "/a b")
                .failed(1, "'/a b' can't be passed on");
        Command.run("check", other).succeeded();
    }

    @Test
    void bothSidesAreThinnedByRulesAndTheCommonSnapshotStays() throws IOException {
        for (String each : List.of("auto-20260101T000000Z", "auto-20260101T010000Z", "mine")) {
            snapshot(each, 1000);
        }
        Command.run("replicate", dir, "main", other, "--as=copy").succeeded();
        JsonObject done =
                Command.run(
                                "replicate",
                                "--json",
                                "--snapshot",
                                "--keep",
                                "1d:1",
                                dir,
                                "main",
                                other,
                                "--as=copy",
                                "--to",
                                Command.shell())
                        .succeeded()
                        .json();
        assertEquals(1, done.texts("sent").size());
        assertEquals(2, done.texts("deleted").size(), done.toString());
        assertEquals(2, done.texts("deleted_there").size(), done.toString());
        assertTrue(Command.run("list", other).succeeded().out().contains("copy@mine"));
        assertTrue(Command.run("list", dir).succeeded().out().contains("main@mine"));
        Command.run("check", other).succeeded();
    }
}
