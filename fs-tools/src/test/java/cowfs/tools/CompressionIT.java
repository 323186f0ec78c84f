package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Compressed files on a mount: what programs write is what they read, and it takes less space.
@Timeout(180)
final class CompressionIT {
    private static final int LENGTH = 3_000_000;

    @RegisterExtension final MountedImages images = new MountedImages();
    private Path image;
    private Path dir;

    @BeforeEach
    void mount() throws IOException {
        image = images.image("image", "256M");
        dir = images.mountPoint("mnt");
        images.mount(image, dir);
    }

    private static byte[] text(long seed) {
        byte[] text = new byte[LENGTH];
        Random random = new Random(seed);
        for (int i = 0; i < LENGTH; i++) {
            text[i] = (byte) (i % 8 == 0 ? random.nextInt() : 'a' + i % 23);
        }
        return text;
    }

    private static long sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return Command.allocatedBytes(file);
    }

    @Test
    void filesTakeLessSpaceAndReadAsTheyWereWritten() throws IOException {
        Command.run("set", dir, "main", "compress=zstd").succeeded();
        Path file = dir.resolve("file");
        byte[] content = text(1);
        Files.write(file, content);
        long packed = sync(file);
        assertTrue(packed < LENGTH / 2, "bytes " + packed);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] random = new byte[70_000];
            new Random(2).nextBytes(random);
            channel.write(ByteBuffer.wrap(random), 1_234_567);
            System.arraycopy(random, 0, content, 1_234_567, random.length);
        }
        Command.run("snapshot", image, "main@then").succeeded();
        Files.write(file, text(3));
        assertArrayEquals(text(3), Files.readAllBytes(file));
        Command.run("umount", dir).succeeded();
        images.mount(image, dir);
        assertArrayEquals(text(3), Files.readAllBytes(file));
        assertArrayEquals(content, Files.readAllBytes(dir.resolve(".snapshots/then/file")));
        Command.run("umount", dir).succeeded();
        Command.run("check", image).succeeded();
    }

    @Test
    void aDirectorySaysItForWhatIsMadeInIt() throws IOException {
        Path directory = Files.createDirectory(dir.resolve("d"));
        Command.run("set", image, "main:/d", "compress=lz4").succeeded();
        assertTrue(
                Command.run("get", image, "main:/d").succeeded().out().contains("lz4"),
                "get shows it");
        Path inside = directory.resolve("f");
        Path outside = dir.resolve("f");
        Files.write(inside, text(4));
        Files.write(outside, text(4));
        assertTrue(sync(inside) < sync(outside) * 3 / 4);
        String du = Command.run("du", image, "main:/d", "main:/f").succeeded().out();
        List<String> lines = du.lines().toList();
        assertFalse(lines.get(1).endsWith(" 1.00"), du);
        assertTrue(lines.get(2).endsWith(" 1.00"), du);
        Command.run("set", image, "main:/d/f", "compress=off").succeeded();
        Files.write(inside, text(5));
        assertEquals(sync(outside), sync(inside), 4096);
        Command.run("set", image, "main:/d", "comment=x").failed(2, "a file has no property");
        Command.run("set", image, "main:/d", "compress=zip").failed(2, "'zip' is no value");
        Command.run("set", image, "main:/missing", "compress=lz4").failed(1, "there is no");
        Command.run("umount", dir).succeeded();
        Command.run("set", image, "main:/d/f", "compress=").succeeded();
        assertTrue(Command.run("get", image, "main:/d/f").succeeded().out().lines().count() < 2);
        Command.run("check", image).succeeded();
    }
}
