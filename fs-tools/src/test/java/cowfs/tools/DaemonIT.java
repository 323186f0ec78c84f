package cowfs.tools;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.control.Endpoint;
import cowfs.tools.control.RuntimeDirectory;
import cowfs.tools.place.MountTable;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// How daemons begin and end: by umount, by signals, by kill.
@Timeout(300)
final class DaemonIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension final MountedImages images = new MountedImages();

    @Test
    void umountReturnsWhenTheImageIsClosed() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        ProcessHandle daemon = images.mount(image, dir);
        Files.writeString(dir.resolve("f"), "x");
        Endpoint endpoint = Endpoint.of(image);
        assertTrue(Files.exists(endpoint.socket()));

        JsonObject umount = Command.run("umount", "--json", dir).succeeded().json();

        assertTrue(umount.flag("closed"));
        assertFalse(Files.exists(endpoint.socket()));
        assertFalse(Files.exists(endpoint.log()));
        await().atMost(SOON).until(() -> !daemon.isAlive());
        Command.run("umount", dir).failed(1, dir + " is no cowfs mount point");
        images.mount(image, dir);
        assertEquals("x", Files.readString(dir.resolve("f")));
    }

    @Test
    void aPlainUmountEndsTheDaemonToo() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        ProcessHandle daemon = images.mount(image, dir);
        assertEquals(0, Command.run(List.of("umount", dir.toString())).exitCode());
        // at once: the command waits for the daemon that is closing
        Command.run("snapshot", image, "main@1").succeeded();
        await().atMost(SOON).until(() -> !daemon.isAlive());
    }

    @Test
    void aBusyMountIsNamedWithWhoUsesItAndStays() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        try (FileChannel file =
                FileChannel.open(
                        dir.resolve("f"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
            Command.run("umount", dir)
                    .failed(1, dir + " is busy", "process " + ProcessHandle.current().pid());
        }
        assertEquals("x", Files.readString(dir.resolve("f")));
        Command.run("umount", dir).succeeded();
    }

    @Test
    void umountSaysWhoElseHasTheMountAndWaits() throws Exception {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        // Another mount namespace is a copy: what is unmounted here stays mounted there.
        Process holder =
                new ProcessBuilder(
                                "unshare",
                                "-m",
                                "--propagation",
                                "private",
                                "sh",
                                "-c",
                                "echo ready; read line")
                        .start();
        try (var said = holder.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("ready", said.readLine());
            Process umount = new ProcessBuilder(Command.words("umount", dir)).start();
            try (var told = umount.errorReader(StandardCharsets.UTF_8)) {
                String line = told.readLine();
                assertTrue(line.contains("still mounted for process " + holder.pid()), line);
                assertTrue(umount.isAlive());
                holder.getOutputStream().close();
                assertEquals(0, umount.waitFor());
            }
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void umountOfADirectoryInAMountNamesTheMount() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Path inside = Files.createDirectory(dir.resolve("inside"));
        Command.run("umount", inside).failed(1, "lies inside a mount", "cowfs umount " + dir);
    }

    @Test
    void sigtermUnmountsAllAndClosesThePool() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        Path second = images.mountPoint("second");
        ProcessHandle daemon = images.mount(image, dir);
        Files.writeString(dir.resolve("f"), "not synced");
        Command.run("clone", dir, "main", "copy").succeeded();
        images.mount(image, second, "--subvol=copy");
        Files.writeString(second.resolve("g"), "not synced");

        daemon.destroy();
        await().atMost(SOON).until(() -> !daemon.isAlive());

        MountTable mounts = MountTable.read();
        assertTrue(mounts.at(dir).isEmpty() && mounts.at(second).isEmpty());
        assertFalse(Files.exists(Endpoint.of(image).socket()));
        assertEquals("clean", Command.run("check", image).succeeded().out().substring(0, 5));
        images.mount(image, dir, "--subvol=copy");
        assertEquals("not synced", Files.readString(dir.resolve("f")));
        assertEquals("not synced", Files.readString(dir.resolve("g")));
    }

    @Test
    void afterAKillTheStaleMountIsExplainedAndWhatWasSyncedIsThere() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        ProcessHandle daemon = images.mount(image, dir);
        try (FileChannel file =
                FileChannel.open(
                        dir.resolve("f"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap("synced".getBytes(StandardCharsets.UTF_8)));
            file.force(true);
        }
        assertTrue(Files.isDirectory(dir), "the kernel has its attributes in its cache");
        daemon.destroyForcibly();
        await().atMost(SOON).until(() -> !daemon.isAlive());
        assertTrue(Files.exists(Endpoint.of(image).socket()), "the kill left its socket");
        JsonObject info = Command.run("info", "--json", image).succeeded().json();
        assertTrue(
                info.texts("warnings").toString().contains("cowfs umount " + dir), info.toString());
        assertEquals(List.of(), info.objects("mounts"));

        Command.run("mount", image, dir)
                .failed(1, dir + " is a stale mount of " + image, "cowfs umount " + dir);
        Run list = Command.run("list", image); // the image itself is no longer in use
        assertEquals(0, list.exitCode());
        assertTrue(list.err().contains("has gone, and programs get errors there"), list.err());
        assertEquals(list, Command.run("list", dir));
        Command.run("umount", dir).succeeded();
        assertTrue(MountTable.read().at(dir).isEmpty());
        assertFalse(Files.exists(Endpoint.of(image).socket()), "umount cleans up");

        assertTrue(images.mountAfterABadEnd(image, dir).contains("ended without closing it"));
        assertTrue(Files.readString(Endpoint.of(image).previousLog()).contains("mounted main"));
        assertEquals("synced", Files.readString(dir.resolve("f")));
        Command.run("umount", dir).succeeded();
        assertEquals("clean", Command.run("check", image).succeeded().out().substring(0, 5));
    }

    @Test
    void afterAKillTheImageIsMountedElsewhereWhileTheStaleMountIsThere() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        Path other = images.mountPoint("other");
        ProcessHandle daemon = images.mount(image, dir);
        Command.run("snapshot", dir, "main@1").succeeded();
        daemon.destroyForcibly();
        await().atMost(SOON).until(() -> !daemon.isAlive());

        images.mountAfterABadEnd(image, other);
        assertTrue(Files.exists(other.resolve(".snapshots/1")));
        Command.run("umount", dir).succeeded();
        assertTrue(Files.exists(other.resolve(".snapshots/1")), "the live mount stays");
        Command.run("umount", other).succeeded();
    }

    @Test
    void aMountInTheForegroundEndsWithItsUnmount() throws Exception {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        List<String> words = Command.words("mount", "--foreground", image, dir);
        Process foreground =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(images.path("out").toFile())
                        .start();
        try {
            await().atMost(SOON).until(() -> MountTable.read().at(dir).isPresent());
            Files.writeString(dir.resolve("f"), "x");
            Command.run("umount", dir).succeeded();
            assertEquals(0, foreground.waitFor());
        } finally {
            foreground.destroyForcibly();
        }
    }

    @Test
    void withoutLibfuseTheMountSaysWhatToInstall() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        Path libraries =
                Path.of(
                        "/usr/lib",
                        System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu");
        String hidden = libraries.resolve("libfuse.so.2").toRealPath().toString();
        // a mount namespace of its own, where the library is hidden
        String user = RuntimeDirectory.userId() == 0 ? "-m" : "-rm";
        List<String> words = new ArrayList<>(List.of("unshare", user, "sh", "-c"));
        words.add("mount --bind /dev/null " + hidden + " && exec \"$@\"");
        words.add("sh");
        words.addAll(Command.words("mount", "--transport=jnr", image, dir));
        Command.run(words).failed(1, "libfuse 2 is not installed", "apt-get install libfuse2");
        images.mount(image, dir);
    }

    @Test
    void twoMountsAtOnceAreServedByOneDaemon() throws Exception {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        Path second = images.mountPoint("second");
        Command.run("subvolume", "create", image, "two").succeeded();
        Process racing =
                new ProcessBuilder(Command.words("mount", "--subvol=two", image, second)).start();
        ProcessHandle daemon = images.mount(image, dir);
        assertEquals(0, racing.waitFor());
        JsonObject info = Command.run("info", "--json", image).succeeded().json();
        assertEquals(2, info.objects("mounts").size());
        Command.run("umount", dir).succeeded();
        Command.run("umount", second).succeeded();
        await().atMost(SOON).until(() -> !daemon.isAlive());
    }
}
