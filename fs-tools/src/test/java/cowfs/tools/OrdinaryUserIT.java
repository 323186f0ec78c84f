package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Images and mounts of users who are not root, beside root and another user.
@Timeout(300)
final class OrdinaryUserIT {
    @RegisterExtension static final OrdinaryUser ANN = new OrdinaryUser("cowfs-it-ann");
    @RegisterExtension static final OrdinaryUser BOB = new OrdinaryUser("cowfs-it-bob");

    private Path image;
    private Path dir;
    private ProcessHandle daemon;

    @BeforeEach
    void mount() throws IOException {
        image = ANN.path("image");
        dir = ANN.path("mnt");
        assertEquals(0, ANN.shell("mkdir " + dir).exitCode());
        ANN.cowfs("mkfs", "--size", "64M", image).succeeded();
        JsonObject mounted = ANN.cowfs("mount", "--json", image, dir).succeeded().json();
        daemon = ProcessHandle.of(mounted.number("pid")).orElseThrow();
    }

    @AfterEach
    void end() throws Exception {
        Command.run(List.of("umount", "-l", dir.toString()));
        daemon.onExit().get(60, TimeUnit.SECONDS);
        Files.delete(image);
        Files.delete(dir);
    }

    @Test
    void aUserDoesEverythingWithAnImageOfHisOwn() throws Exception {
        Run written =
                ANN.shell("cd " + dir + " && echo text > f && chmod 600 f && ln f g && id -u");
        assertEquals(0, written.exitCode(), written.err());
        ANN.cowfs("snapshot", dir, "main@monday").succeeded();
        assertEquals(0, ANN.shell("rm " + dir + "/f").exitCode());
        assertEquals("text\n", ANN.shell("cat " + dir + "/.snapshots/monday/f").out());
        assertEquals(
                ANN.id() + "\n",
                ANN.shell("stat -c %u " + dir + "/g").out(),
                "the root directory and what is in it are his");
        assertEquals(
                daemon.pid(), ANN.cowfs("info", "--json", image).succeeded().json().number("pid"));
        assertEquals("monday\n", ANN.shell("ls " + dir + "/.snapshots").out());
        ANN.cowfs("umount", dir).succeeded();
        daemon.onExit().get(60, TimeUnit.SECONDS);
        ANN.cowfs("check", image).succeeded();
    }

    @Test
    void inodesAreFreeAsSpaceIs() throws IOException {
        Run df = ANN.shell("df --output=itotal,iused,iavail " + dir + " | tail -n 1");
        assertEquals(0, df.exitCode(), df.err());
        String[] counts = df.out().strip().split(" +");
        assertEquals("1", counts[1], "the root directory");
        assertEquals(Long.parseLong(counts[0]), 1 + Long.parseLong(counts[2]));
        assertTrue(Long.parseLong(counts[2]) > 10_000, df.out());
    }

    @Test
    void hisMountIsForHimAlone() throws IOException {
        assertEquals(0, ANN.shell("echo text > " + dir + "/f").exitCode());
        Run other = BOB.shell("cat " + dir + "/f");
        assertNotEquals(0, other.exitCode());
        assertTrue(other.err().contains("Permission denied"), other.err());
        assertFalse(Files.exists(dir.resolve("f")), "not even root");
    }

    @Test
    void whatFuseConfDoesNotPermitIsRefusedAndSaid() throws IOException {
        Path second = ANN.path("second");
        Path other = ANN.path("other");
        assertEquals(0, ANN.shell("mkdir " + second).exitCode());
        ANN.cowfs("mkfs", "--size", "64M", other).succeeded();
        ANN.cowfs("mount", "-o", "allow_other", other, second).failed(1, "user_allow_other");
        ANN.cowfs("check", other).succeeded();
        Files.delete(other);
        Files.delete(second);
    }

    @Test
    void rootIsToldWhoHasTheImage() throws IOException {
        for (List<Object> words :
                List.<List<Object>>of(
                        List.of("check", image),
                        List.of("snapshot", image, "main@root"),
                        List.of("mkfs", "--force", "--size", "64M", image))) {
            Command.run(words.toArray())
                    .failed(1, image.toString(), "process " + daemon.pid(), "umount");
        }
        assertTrue(daemon.isAlive());
    }

    @Test
    void anotherUserGetsNoAnswerFromTheDaemon() throws IOException {
        assertEquals(0, ANN.shell("chmod 644 " + image).exitCode());
        Run said = BOB.cowfs("snapshot", image, "main@bob");
        said.failed(1, image.toString());
        assertTrue(
                said.err().contains("process " + daemon.pid()) || said.err().contains("permission"),
                said.err());
        BOB.cowfs("umount", dir).failed(1, "cowfs-it-ann");
        String sockets = "/tmp/cowfs-" + ANN.id();
        assertNotEquals(0, BOB.shell("ls " + sockets).exitCode());
        assertEquals("drwx------\n", ANN.shell("stat -c %A " + sockets).out());
        assertEquals(
                List.of("main"),
                ANN.cowfs("list", "--json", dir).succeeded().json().objects("items").stream()
                        .map(item -> item.members().get("ref"))
                        .toList());
    }
}
