package cowfs.tools;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.control.Endpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A pool whose host disk is full: it takes no more changes, and nobody is told that all is well.
@Timeout(300)
final class FailedPoolIT {
    private static final int MIB = 1 << 20;

    @RegisterExtension final MountedImages images = new MountedImages();

    private Path disk;
    private Path image;
    private Path dir;
    private ProcessHandle daemon;

    @BeforeEach
    void mountOnASmallDisk() throws IOException {
        disk = images.mountPoint("disk");
        Command.run(List.of("mount", "-t", "tmpfs", "-o", "size=24M", "none", disk.toString()))
                .succeeded();
        image = images.image("disk/image", "200M");
        dir = images.mountPoint("mnt");
        daemon = images.mount(image, dir);
        Files.writeString(dir.resolve("first"), "synced");
        try (FileChannel first = FileChannel.open(dir.resolve("first"), StandardOpenOption.WRITE)) {
            first.force(true);
        }
    }

    @Test
    void theUmountFailsAndSaysWhatIsLostAndTheNextMountTellsItAgain() throws IOException {
        String warning = Command.run("info", dir).succeeded().out();
        assertTrue(warning.contains("WARNING   the disk that the image lies on has"), warning);
        fillTheDisk();
        assertTrue(Command.run("info", dir).succeeded().out().contains("FAILED"));

        Command.run("umount", "--json", dir)
                .failed(1, dir + " is unmounted", image + " has FAILED", "after txg", "are lost");

        assertTrue(images.mountAfterABadEnd(image, dir).contains("after txg"));
        assertEquals("synced", Files.readString(dir.resolve("first")));
        Command.run("umount", dir).succeeded();
        assertFalse(Files.exists(Endpoint.of(image).log()));
        assertTrue(Command.run("check", image).succeeded().out().startsWith("clean"));
    }

    @Test
    void afterAPlainUmountTheLogAndTheNextMountTellIt() throws IOException {
        fillTheDisk();
        Command.run(List.of("umount", dir.toString())).succeeded();
        await().atMost(Duration.ofSeconds(60)).until(() -> !daemon.isAlive());
        String log = Files.readString(Endpoint.of(image).log());
        assertTrue(log.contains(image + " FAILED: "), log);
        log.lines()
                .filter(line -> line.contains("FAILED") || line.contains("mounted"))
                .forEach(
                        line ->
                                assertTrue(
                                        line.matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z .*"), line));

        assertTrue(images.mountAfterABadEnd(image, dir).contains("had FAILED"));
        Command.run("umount", dir).succeeded();
    }

    private void fillTheDisk() throws IOException {
        byte[] bytes = new byte[MIB];
        new Random(1).nextBytes(bytes);
        Path big = dir.resolve("big");
        assertThrows(
                IOException.class,
                () -> {
                    try (OutputStream out = Files.newOutputStream(big)) {
                        for (int i = 0; i < 40; i++) {
                            out.write(bytes);
                        }
                    }
                    try (FileChannel file = FileChannel.open(big, StandardOpenOption.WRITE)) {
                        file.force(true);
                    }
                });
        // that may have failed for its data alone; nodes that find no room fail the pool
        Path rest = disk.resolve("rest");
        assertThrows(
                IOException.class,
                () -> {
                    try (OutputStream out = Files.newOutputStream(rest)) {
                        for (int i = 0; i < 64 * MIB; i += 4096) {
                            out.write(bytes, 0, 4096);
                        }
                    }
                });
        assertThrows(
                IOException.class,
                () -> {
                    for (int i = 0; i < 2000; i++) {
                        Path small = dir.resolve("small" + i);
                        Files.write(small, Arrays.copyOf(bytes, 1500));
                        try (FileChannel file = FileChannel.open(small, StandardOpenOption.WRITE)) {
                            file.force(true);
                        }
                    }
                });
        Files.delete(rest);
        assertArrayEquals(
                new byte[] {'s'},
                new byte[] {(byte) Files.readString(dir.resolve("first")).charAt(0)});
    }
}
