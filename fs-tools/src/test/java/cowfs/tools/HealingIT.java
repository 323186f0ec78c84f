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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

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

    @Test
    void interruptedItStopsCleanlyAndGoesOn() throws Exception {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        byte[] content = new byte[4 << 20];
        new Random(1).nextBytes(content);
        Files.write(dir.resolve("f"), content);
        Command.run("umount", dir).succeeded();

        Process scrub =
                new ProcessBuilder(Command.interruptible("scrub", "--rate=64K", image))
                        .redirectErrorStream(true)
                        .start();
        // it remembers that it has begun before it reads anything
        Awaitility.await()
                .atMost(1, TimeUnit.MINUTES)
                .until(
                        () ->
                                !Command.run("scrub", "--status", "--json", image)
                                        .json()
                                        .text("state")
                                        .equals("never"));
        assertTrue(scrub.isAlive());
        new ProcessBuilder("kill", "-INT", Long.toString(scrub.pid())).start().waitFor();
        assertTrue(scrub.waitFor(1, TimeUnit.MINUTES));
        String said = new String(scrub.getInputStream().readAllBytes());
        assertTrue(said.contains("stopped: "), said);
        assertEquals(
                "stopped", Command.run("scrub", "--status", "--json", image).json().text("state"));
        JsonObject done = Command.run("scrub", "--json", image).succeeded().json();
        assertEquals("finished", done.text("state"));
        assertEquals(0, done.number("lost_count"));
    }
}
