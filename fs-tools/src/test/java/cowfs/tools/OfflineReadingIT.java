package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Files of a mounted image are read through its daemon, in one state, while programs write.
@Timeout(300)
final class OfflineReadingIT {
    private static final int FILES = 60;

    @RegisterExtension final MountedImages images = new MountedImages();

    /// Each version of the tree is made whole before the next begins; a file's name and content
    /// tell which one it is of.
    private static void writeVersion(Path dir, int version) throws IOException {
        for (int i = 0; i < FILES; i++) {
            byte[] content = new byte[20_000];
            new Random(1000L * version + i).nextBytes(content);
            Path file = dir.resolve("f" + i);
            Files.deleteIfExists(file);
            Files.write(file, content);
        }
    }

    @Test
    void anExtractionIsOneStateWhateverIsWrittenMeanwhile() throws Exception {
        Path image = images.image("image", "128M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Path stable = Files.createDirectory(dir.resolve("stable"));
        writeVersion(stable, 0);
        Path busy = Files.createDirectory(dir.resolve("busy"));
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> writer =
                CompletableFuture.supplyAsync(
                        () -> {
                            int version = 1;
                            try {
                                while (!over.get()) {
                                    writeVersion(busy, version++);
                                }
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                            return version;
                        },
                        // not the common pool, whose one thread reads what commands print
                        task -> Thread.ofPlatform().daemon().start(task));
        try {
            for (int round = 0; round < 3; round++) {
                Path copy = images.mountPoint("copies" + round).resolve("copy");
                Command.run("extract", round % 2 == 0 ? dir : image, "main:/", copy).succeeded();
                for (int i = 0; i < FILES; i++) {
                    assertArrayEquals(
                            Files.readAllBytes(stable.resolve("f" + i)),
                            Files.readAllBytes(copy.resolve("stable/f" + i)));
                }
                requireOneMoment(copy.resolve("busy"));
            }
        } finally {
            over.set(true);
        }
        assertTrue(writer.get(60, TimeUnit.SECONDS) > 2);
        Command.run("umount", dir).succeeded();
        assertTrue(Command.run("check", "--json", image).succeeded().json().flag("clean"));
    }

    /// Files 0 to k are of one version and the others of the one before, k itself may be in work.
    private static void requireOneMoment(Path busy) throws IOException {
        int torn = 0;
        int changes = 0;
        int last = -1;
        for (int i = 0; i < FILES; i++) {
            Path file = busy.resolve("f" + i);
            int version = Files.exists(file) ? versionOf(Files.readAllBytes(file), i) : -1;
            if (version < 0) {
                torn++;
            } else {
                changes += last >= 0 && version != last ? 1 : 0;
                assertTrue(
                        last < 0 || version == last || version == last - 1, "version " + version);
                last = version;
            }
        }
        assertTrue(changes <= 1, changes + " changes of version in one state");
        assertTrue(last <= 1 || torn <= 1, torn + " files are in work");
    }

    private static int versionOf(byte[] content, int file) {
        if (content.length == 20_000) {
            for (int version = 1; version < 20_000; version++) {
                byte[] start = new byte[8];
                new Random(1000L * version + file).nextBytes(start);
                if (java.util.Arrays.equals(start, java.util.Arrays.copyOf(content, 8))) {
                    return version;
                }
            }
        }
        return -1;
    }

    @Test
    void whatWasWrittenBeforeTheCommandIsSeenAlsoThroughAMapping() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.write(dir.resolve("mapped"), new byte[4096]);
        // closing the arena unmaps: a mapping that is left to the collector keeps the mount busy
        try (Arena arena = Arena.ofConfined();
                FileChannel file =
                        FileChannel.open(
                                dir.resolve("mapped"),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE)) {
            file.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena).setString(0, "just now");
            Files.writeString(dir.resolve("written"), "a moment ago");
            assertEquals(
                    "a moment ago", Command.run("cat", image, "main:/written").succeeded().out());
            assertTrue(
                    Command.run("cat", dir, "main:/mapped")
                            .succeeded()
                            .out()
                            .startsWith("just now"));
        }
        JsonObject tree = Command.run("tree", "--json", dir, "main").succeeded().json();
        assertEquals(
                List.of("/mapped", "/written"),
                tree.objects("items").stream().map(item -> item.members().get("path")).toList());
        Command.run("umount", dir).succeeded();
        assertEquals("a moment ago", Command.run("cat", image, "main:/written").succeeded().out());
    }

    @Test
    void anInterruptedExtractionLeavesNothing() throws Exception {
        Path image = images.image("image", "512M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        for (int i = 0; i < 3000; i++) {
            Files.write(dir.resolve("f" + i), new byte[50_000]);
        }
        Path copies = images.mountPoint("copies");
        Path said = images.path("said");
        Process extract =
                new ProcessBuilder(Command.words("extract", dir, "main:/", copies.resolve("copy")))
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        try {
            Awaitility.await().until(() -> hasStagedFiles(copies));
            extract.destroy();
            assertTrue(extract.waitFor(60, TimeUnit.SECONDS));
            assertTrue(extract.exitValue() != 0, Files.readString(said));
        } finally {
            extract.destroyForcibly();
        }
        try (Stream<Path> left = Files.list(copies)) {
            assertEquals(List.of(), left.toList());
        }
    }

    private static boolean hasStagedFiles(Path copies) throws IOException {
        try (Stream<Path> staged = Files.list(copies)) {
            for (Path each : (Iterable<Path>) staged::iterator) {
                if (Files.exists(each.resolve("tree/f10"))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void aPipeThatClosesEarlyIsNoFailure() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.write(dir.resolve("big"), new byte[8 << 20]);
        String cat = String.join("' '", Command.words("cat", dir, "main:/big"));
        Run head =
                Command.run(
                        List.of(
                                "bash",
                                "-c",
                                "'" + cat + "' | head -c 10 | wc -c; exit ${PIPESTATUS[0]}"));
        assertEquals("10", head.succeeded().out().strip());
        Run full = Command.run(List.of("bash", "-c", "'" + cat + "' > /dev/full"));
        full.failed(1, "can't be written");
        assertFalse(full.err().contains("defect"));
    }
}
