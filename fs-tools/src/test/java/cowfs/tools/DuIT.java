package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs du` of paths and of snapshots, on a mounted and on an unmounted image.
@Timeout(120)
final class DuIT {
    private static final int MEBIBYTE = 1 << 20;

    @RegisterExtension final MountedImages images = new MountedImages();

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static JsonObject du(Path pool, String name) throws IOException {
        return Command.run("du", "--json", pool, name)
                .succeeded()
                .json()
                .objects("items")
                .getFirst();
    }

    private static void assertSpace(Path pool, String path, int referenced, int exclusive)
            throws IOException {
        JsonObject usage = du(pool, path);
        assertEquals((long) referenced * MEBIBYTE, usage.number("referenced"), path);
        assertEquals((long) exclusive * MEBIBYTE, usage.number("exclusive"), path);
        assertEquals((long) (referenced - exclusive) * MEBIBYTE, usage.number("shared"), path);
    }

    @Test
    void pathsAndSnapshotsTellWhatTheyHold() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Path docs = Files.createDirectory(dir.resolve("docs"));
        // not synced: what programs have written before the command counts
        Files.write(docs.resolve("large"), random(1, 8 * MEBIBYTE));
        Files.write(docs.resolve("other"), random(2, 2 * MEBIBYTE));
        Files.writeString(docs.resolve("small"), "a few bytes");
        assertSpace(dir, "main:/docs", 10, 10);
        assertEquals(3, du(dir, "main:/docs").number("files"));
        assertEquals(11, du(dir, "main:/docs").number("inline"));

        Command.run("snapshot", dir, "main@s").succeeded();
        assertEquals(0, du(dir, "main@s").number("cow"));
        assertSpace(dir, "main:/docs", 10, 0);
        Files.write(docs.resolve("other"), random(3, 3 * MEBIBYTE));
        assertSpace(dir, "main:/docs", 11, 3);
        assertSpace(dir, "main@s:/docs", 10, 2);
        long cow = du(dir, "main@s").number("cow");
        assertEquals(2, cow / MEBIBYTE, "2 MiB of data and some nodes: " + cow);
        assertEquals(du(dir, "main@s").number("exclusive"), cow);
        Command.run("du", dir, "main:/none").failed(1, "'main:/none' does not exist");

        Command.run("umount", dir).succeeded();
        assertSpace(image, "main:/docs", 11, 3);
        assertSpace(image, "main@s:/docs", 10, 2);
        assertEquals(2, du(image, "main@s").number("cow") / MEBIBYTE);
        Command.run("check", image).succeeded();
    }
}
