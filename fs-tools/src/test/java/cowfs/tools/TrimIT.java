package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs trim` of an image file that was copied without its holes, mounted and not.
@Timeout(180)
final class TrimIT {
    @RegisterExtension final MountedImages images = new MountedImages();

    private Path copyWithoutHoles(Path image, String name) throws IOException {
        Path copy = images.path(name);
        Command.run(List.of("cp", "--sparse=never", image.toString(), copy.toString())).succeeded();
        assertTrue(
                Command.allocatedBytes(copy) >= 64 << 20,
                "on disk: " + Command.allocatedBytes(copy));
        return copy;
    }

    @Test
    void theFileHasHolesAgain() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        byte[] content = new byte[5 << 20];
        new Random(1).nextBytes(content);
        Files.write(dir.resolve("file"), content);
        Command.run("umount", dir).succeeded();

        Path copy = copyWithoutHoles(image, "copy");
        Run trim = Command.run("trim", copy).succeeded();
        assertTrue(trim.out().startsWith("trimmed 5"), trim.out()); // of 64M
        assertTrue(
                Command.allocatedBytes(copy) < 16 << 20,
                "on disk: " + Command.allocatedBytes(copy));
        Command.run("check", copy).succeeded();

        Path other = copyWithoutHoles(image, "other");
        images.mount(other, dir);
        Command.run("trim", dir).succeeded();
        assertTrue(
                Command.allocatedBytes(other) < 16 << 20,
                "on disk: " + Command.allocatedBytes(other));
        assertArrayEquals(content, Files.readAllBytes(dir.resolve("file")));
    }
}
