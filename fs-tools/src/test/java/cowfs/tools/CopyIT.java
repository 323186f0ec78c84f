package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs cp` on a mounted image, and what programs in the mount see of it.
@Timeout(180)
final class CopyIT {
    @RegisterExtension final MountedImages images = new MountedImages();
    private Path image;
    private Path dir;

    @BeforeEach
    void mount() throws IOException {
        image = images.image("image", "512M");
        dir = images.mountPoint("mnt");
        images.mount(image, dir);
    }

    private void endsClean() throws IOException {
        Command.run("umount", dir).succeeded();
        Command.run("check", image).succeeded();
    }

    private static void fill(Path tree, int files) throws IOException {
        byte[] content = new byte[10_000];
        new Random(7).nextBytes(content);
        for (int i = 0; i < files; i++) {
            Path directory = Files.createDirectories(tree.resolve("d" + i / 100));
            Files.write(directory.resolve("f" + i), content);
        }
    }

    private static void assertSame(Path one, Path other) throws IOException {
        assertEquals(
                "", Command.run(List.of("diff", "-r", one.toString(), other.toString())).out());
    }

    @Test
    void whatWasJustWrittenIsInTheCopyAndTheCopyIsSeenAtOnce() throws IOException {
        assertFalse(Files.exists(dir.resolve("copy")), "the kernel knows that there is none");
        fill(dir.resolve("tree"), 300);
        long used = Files.getFileStore(dir).getUsableSpace();
        String said = Command.run("cp", "--reflink", dir, "main:/tree", "main:/copy").out();
        assertEquals("copied 304 files and directories to main:/copy\n", said);
        assertSame(dir.resolve("tree"), dir.resolve("copy"));
        assertTrue(used - Files.getFileStore(dir).getUsableSpace() < 2 << 20, "it is shared");

        Files.writeString(dir.resolve("copy/d0/f0"), "changed");
        assertEquals(10_000, Files.size(dir.resolve("tree/d0/f0")));
        Command.run("snapshot", dir, "main@s").succeeded();
        Files.delete(dir.resolve("tree/d0/f1"));
        Command.run("cp", dir, "main@s:/tree/d0/f1", "main:/tree/d0").succeeded();
        assertSame(dir.resolve("tree/d0/f1"), dir.resolve(".snapshots/s/tree/d0/f1"));
        Command.run("cp", dir, "main:/tree", "main:/copy/d0/f0")
                .failed(1, "'main:/copy/d0/f0' is there");
        Command.run("cp", dir, "main:/tree", "main@s:/x").failed(1, "is a snapshot");
        Command.run("cp", dir, "main:/none", "main:/x").failed(1, "'main:/none' does not exist");
        endsClean();
    }
}
