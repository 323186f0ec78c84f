package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Scrub and repair as users run them, on a mounted image and on one that is not.
@Timeout(300)
final class HealingIT {
    private static final int BLOCK = 4096;

    @RegisterExtension final MountedImages images = new MountedImages();

    /// Where a block with these bytes lies in the image.
    private static long find(Path image, byte[] block) throws IOException {
        try (FileChannel file = FileChannel.open(image)) {
            ByteBuffer here = ByteBuffer.allocate(BLOCK);
            for (long at = 0; at < file.size(); at += BLOCK) {
                file.read(here.clear(), at);
                if (Arrays.equals(here.array(), block)) {
                    return at;
                }
            }
        }
        throw new AssertionError("no such block in " + image);
    }

    private static void spoil(Path image, long position) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}), position + 100);
        }
    }

    private static void restore(Path image, long position, byte[] block) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(block), position);
        }
    }

    @Test
    void aScrubOfAMountedImageNamesTheFileThatRottedAndRepairTakesTheBlockOut() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        byte[] content = new byte[10 * BLOCK];
        new Random(1).nextBytes(content);
        Files.createDirectory(dir.resolve("d"));
        Files.write(dir.resolve("d/f"), content);
        Files.writeString(dir.resolve("other"), "whole");
        assertTrue(Command.run("scrub", dir).succeeded().out().startsWith("clean: "));

        spoil(image, find(image, Arrays.copyOfRange(content, 2 * BLOCK, 3 * BLOCK)));
        Run scrub = Command.run("scrub", dir);
        assertEquals(1, scrub.exitCode(), scrub.err());
        assertTrue(
                scrub.out().startsWith("lost data: main:/d/f, bytes 8192 to 12288"), scrub.out());
        JsonObject status = Command.run("scrub", "--status", "--json", image).json();
        assertEquals("finished", status.text("state"));
        assertEquals("main:/d/f", status.objects("lost").getFirst().text("where"));
        assertNotEquals(0, Command.run("info", "--json", dir).json().number("unreadable_blocks"));
        Command.run("check", "--repair", image).failed(1, "mounted");
        Command.run("umount", dir).succeeded();

        assertEquals(1, Command.run("check", image).exitCode());
        JsonObject repair = Command.run("check", "--repair", "--json", image).succeeded().json();
        assertTrue(repair.flag("changed"));
        JsonObject lost = repair.objects("lost").getFirst();
        assertEquals("main:/d/f", lost.text("where"));
        assertEquals(8192, lost.number("offset"));
        assertEquals(4096, lost.number("length"));
        Command.run("check", image).succeeded();
        assertFalse(
                Command.run("check", "--repair", "--json", image)
                        .succeeded()
                        .json()
                        .flag("changed"));
        images.mount(image, dir);
        Arrays.fill(content, 2 * BLOCK, 3 * BLOCK, (byte) 0);
        assertTrue(Arrays.equals(content, Files.readAllBytes(dir.resolve("d/f"))));
        assertEquals("whole", Files.readString(dir.resolve("other")));
        Command.run("umount", dir).succeeded();
    }

    /// Ctrl-C stops the scrub itself and not only who waits for it. The place that was lost before
    /// is sound again by then: a later scrub that still tells it went on, and did not begin anew.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interruptedItStopsCleanlyAndGoesOn(boolean mounted) throws Exception {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        byte[] content = new byte[4 << 20];
        new Random(1).nextBytes(content);
        Files.write(dir.resolve("f"), content);
        byte[] first = Arrays.copyOf(content, BLOCK);
        Command.run("sync", dir).succeeded();
        if (!mounted) {
            Command.run("umount", dir).succeeded();
        }
        long rotten = find(image, first);
        spoil(image, rotten);

        Process scrub =
                new ProcessBuilder(Command.interruptible("scrub", "--rate=64K", image)).start();
        Awaitility.await().atMost(1, TimeUnit.MINUTES).until(() -> lostCount(image) == 1);
        assertTrue(scrub.isAlive());
        new ProcessBuilder("kill", "-INT", Long.toString(scrub.pid())).start().waitFor();
        assertTrue(scrub.waitFor(1, TimeUnit.MINUTES));
        List<String> said = new String(scrub.getInputStream().readAllBytes()).lines().toList();
        assertEquals("", new String(scrub.getErrorStream().readAllBytes()));
        assertEquals(2, said.size(), said.toString());
        assertTrue(said.get(0).startsWith("lost data: main:/f, bytes 0 to 4096"), said.get(0));
        assertTrue(
                said.get(1)
                        .matches(
                                "stopped: .* verified of about .*, 1 place beyond repair; 'cowfs scrub'"
                                        + " goes on from here \\(.*"),
                said.get(1));
        assertEquals(128 + 2, scrub.exitValue());
        JsonObject stopped = Command.run("scrub", "--status", "--json", image).json();
        assertEquals("stopped", stopped.text("state"));
        assertEquals(
                stopped.number("verified"),
                Command.run("scrub", "--status", "--json", image).json().number("verified"));

        restore(image, rotten, first);
        JsonObject done = Command.run("scrub", "--json", image).json();
        assertEquals("finished", done.text("state"));
        assertEquals(1, done.number("lost_count"));
        JsonObject anew = Command.run("scrub", "--restart", "--json", image).succeeded().json();
        assertEquals(0, anew.number("lost_count"));
        if (mounted) {
            Command.run("umount", dir).succeeded();
        }
    }

    private static long lostCount(Path image) throws IOException {
        return Command.run("scrub", "--status", "--json", image).json().number("lost_count");
    }
}
