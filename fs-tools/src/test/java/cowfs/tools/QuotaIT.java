package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What programs in a mount see of quotas and of a subvolume that is read-only for a while.
@Timeout(120)
final class QuotaIT {
    @RegisterExtension final MountedImages images = new MountedImages();
    private Path image;
    private Path dir;

    @BeforeEach
    void mount() throws IOException {
        image = images.image("image", "256M");
        dir = images.mountPoint("mnt");
        images.mount(image, dir);
    }

    private void endsClean() throws IOException {
        Command.run("umount", dir).succeeded();
        Command.run("check", image).succeeded();
    }

    private static void write(Path file, int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(content));
            channel.force(true);
        }
    }

    private List<String> df(String option) throws IOException {
        String line =
                Command.run(List.of("df", option, dir.toString()))
                        .succeeded()
                        .out()
                        .lines()
                        .toList()
                        .get(1);
        return Arrays.asList(line.split(" +", -1));
    }

    @Test
    void aFullQuotaIsToldAsOneAndDfShowsIt() throws IOException {
        Command.run("set", dir, "main", "quota=8M", "quota-inodes=5").succeeded();
        assertEquals("8192", df("-k").get(1));
        IOException full =
                assertThrows(IOException.class, () -> write(dir.resolve("large"), 9 << 20));
        // what the kernel keeps for later can be told as want of space or as a broken disk
        assertTrue(full.getMessage().contains("No space left"), full.toString());
        Path large = dir.resolve("large");
        Run closing = Command.run(List.of("dd", "if=/dev/zero", "of=" + large, "bs=1M", "count=9"));
        assertTrue(closing.err().contains("No space left on device"), closing.toString());
        Files.delete(large);
        write(dir.resolve("f"), 6 << 20);
        assertEquals(2048, Long.parseLong(df("-k").get(3)), 300);
        for (int i = 0; i < 3; i++) {
            Files.createFile(dir.resolve("f" + i));
        }
        FileSystemException one =
                assertThrows(
                        FileSystemException.class, () -> Files.createFile(dir.resolve("one more")));
        assertTrue(one.getMessage().contains("quota exceeded"), one.toString());
        assertEquals(List.of("5", "5", "0"), df("-i").subList(1, 4));

        Command.run("set", dir, "main", "quota=4M").failed(1, "remove some first");
        Command.run("set", dir, "main", "quota=8X").failed(2, "'8X' is no size");
        String got = Command.run("get", dir, "main").succeeded().out();
        assertTrue(got.contains("quota         8.0M"), got);
        Command.run("set", dir, "main", "quota=", "quota-inodes=").succeeded();
        write(dir.resolve("large"), 9 << 20);
        endsClean();
    }

    @Test
    void whatWasWrittenBeforeItBecameReadOnlyIsThere() throws IOException {
        byte[] content = new byte[3 << 20];
        new Random(1).nextBytes(content);
        Files.write(dir.resolve("f"), content); // the kernel has it
        Command.run("set", dir, "main", "readonly=on").succeeded();
        FileSystemException refused =
                assertThrows(FileSystemException.class, () -> Files.createFile(dir.resolve("g")));
        assertTrue(refused.getMessage().contains("Read-only"), refused.toString());
        Command.run("umount", dir).succeeded();
        images.mount(image, dir);
        assertTrue(Arrays.equals(content, Files.readAllBytes(dir.resolve("f"))));
        assertThrows(FileSystemException.class, () -> Files.delete(dir.resolve("f")));
        Command.run("set", dir, "main", "readonly=off").succeeded();
        Files.delete(dir.resolve("f"));
        endsClean();
    }
}
