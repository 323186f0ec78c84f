package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs resize` of image files, mounted and not.
@Timeout(180)
final class ResizeIT {
    private static final long MIB = 1L << 20;

    @RegisterExtension final MountedImages images = new MountedImages();

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(1).nextBytes(noise);
        return noise;
    }

    private static void writeDurably(Path file, byte[] content) throws IOException {
        Files.write(file, content);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    @Test
    void aMountedImageThatIsFullGrowsAndTakesMore() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        byte[] large = noise(40 << 20);
        writeDurably(dir.resolve("first"), large);
        assertThrows(IOException.class, () -> writeDurably(dir.resolve("second"), large));
        Files.delete(dir.resolve("second"));
        assertEquals(
                dir + " has 150.0M, it had 64.0M\n",
                Command.run("resize", dir, "150M").succeeded().out());
        assertEquals(150 * MIB, Files.size(image));
        FileStore store = Files.getFileStore(dir);
        assertEquals(150 * MIB, Command.run("info", "--json", dir).json().number("size"));
        assertTrue(store.getUsableSpace() > 80 * MIB, "usable: " + store.getUsableSpace());
        writeDurably(dir.resolve("second"), large);
        assertArrayEquals(large, Files.readAllBytes(dir.resolve("second")));
        Command.run("umount", dir).succeeded();
        Command.run("check", image).succeeded();

        String json = Command.run("resize", "--json", image, "+10M").succeeded().out();
        assertEquals("{\n  \"size_before\" : 157286400,\n  \"size\" : 167772160\n}\n", json);
        assertEquals(160 * MIB, Files.size(image));
        images.mount(image, dir);
        assertArrayEquals(large, Files.readAllBytes(dir.resolve("first")));
    }

    @Test
    void anImageShrinksAndBecomesAShorterFile() throws IOException {
        Path image = images.image("image", "512M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        byte[] content = noise(5 << 20);
        writeDurably(dir.resolve("file"), content);
        Command.run("resize", image, "300M").succeeded();
        assertEquals(300 * MIB, Files.size(image));
        Command.run("resize", image, "100M").failed(1, "can have 256.1M");
        Command.run("umount", dir).succeeded();
        Command.run("check", image).succeeded();
        images.mount(image, dir);
        assertArrayEquals(content, Files.readAllBytes(dir.resolve("file")));
    }

    @Test
    void sizesThatMakeNoSenseAreRefused() throws IOException {
        Path image = images.image("image", "64M");
        Command.run("resize", image, "many").failed(2, "'many' is no size");
        Command.run("resize", image, "+").failed(2, "no size");
        Command.run("resize", image).failed(2, "SIZE");
        Command.run("resize", image, "1M").failed(1, "this image can have");
        Command.run("resize", image, "900000T").failed(1, "this image can have");
        assertEquals(64 * MIB, Files.size(image));
    }
}
