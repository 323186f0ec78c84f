package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs dedup` on a mounted and on an unmounted image.
@Timeout(180)
final class DedupIT {
    @RegisterExtension final MountedImages images = new MountedImages();

    private static long inUse(Object pool) throws IOException {
        return Command.run("info", "--json", pool).succeeded().json().number("used");
    }

    /// Files of which each content comes twice.
    private static void fill(Path dir, long seed) throws IOException {
        Random random = new Random(seed);
        for (String half : List.of("one", "two")) {
            Files.createDirectories(dir.resolve(half));
        }
        for (int i = 0; i < 40; i++) {
            byte[] content = new byte[random.nextInt(600_000)];
            random.nextBytes(content);
            Files.write(dir.resolve("one/f" + i), content);
            Files.write(dir.resolve("two/f" + i), content);
        }
    }

    private static void assertSame(Path one, Path other) throws IOException {
        assertEquals(
                "", Command.run(List.of("diff", "-r", one.toString(), other.toString())).out());
    }

    @Test
    void whatIsEqualIsSharedMountedOrNot() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        fill(dir, 7);
        assertSame(dir.resolve("one"), dir.resolve("two"));
        String said = Command.run("dedup", dir, "main:/").succeeded().out();
        assertTrue(said.startsWith("80 files with "), said);
        assertSame(dir.resolve("one"), dir.resolve("two"));
        Files.writeString(dir.resolve("one/f0"), "changed");
        Command.run("dedup", dir, "main:/none").failed(1, "'main:/none' does not exist");
        long used = inUse(dir);
        Command.run("umount", dir).succeeded();
        Command.run("check", image).succeeded();

        Path second = images.image("second", "256M");
        images.mount(second, dir);
        fill(dir, 7);
        Command.run("snapshot", dir, "main@s").succeeded();
        Command.run("umount", dir).succeeded();
        Command.run("dedup", second, "main@s:/").failed(1, "is a snapshot");
        Command.run("dedup", "--unit", "4K", second, "main:/two", "main:/one").succeeded();
        Command.run("delete", second, "main@s").succeeded();
        assertTrue(Math.abs(inUse(second) - used) < used / 10, inUse(second) + " and " + used);
        Command.run("check", second).succeeded();
    }
}
