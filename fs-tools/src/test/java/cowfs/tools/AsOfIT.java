package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `--as-of`: files as they were at some time, offline and in a mount.
@Timeout(120)
final class AsOfIT {
    @RegisterExtension final MountedImages images = new MountedImages();
    private Path image;
    private final List<Instant> taken = new ArrayList<>();

    /// Three snapshots with 1, 2 and 3 in a file, named against their order.
    @BeforeEach
    void fill() throws IOException {
        image = images.image("image", "256M");
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long file = main.create(1, bytes("f"), NewInode.regular(0644, 0, 0)).inode();
            for (String name : List.of("z", "y", "x")) {
                main.write(file, 0, ByteBuffer.wrap(bytes("" + (taken.size() + 1))));
                taken.add(pool.snapshot(new Ref("main", name)).created().toInstant());
            }
            main.write(file, 0, ByteBuffer.wrap(bytes("4")));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void theNewestSnapshotThatHadBeenTakenIsRead() throws IOException {
        for (int i = 0; i < 3; i++) {
            Run cat = Run.inProcess("cat", "--as-of", taken.get(i).toString(), image, "main:/f");
            assertEquals(Integer.toString(i + 1), cat.out());
            assertEquals(0, cat.exitCode());
            assertTrue(cat.err().startsWith("cowfs: main@" + "zyx".charAt(i)), cat.err());
        }
        Run between =
                Run.inProcess("cat", "--as-of=" + taken.get(2).minusNanos(1), image, "main:/f");
        assertEquals("2", between.out());
        assertEquals("3", Run.inProcess("cat", "--as-of=0s", image, "main:/f").out());
        JsonObject list = Run.inProcess("ls", "--json", "--as-of", "0s", image, "main:/").json();
        assertEquals("main@x", list.text("ref"));
    }

    @Test
    void whatCantBeFoundIsSaid() throws IOException {
        String early = taken.getFirst().minusNanos(1).toString();
        Run.inProcess("ls", "--as-of", early, image, "main:/")
                .failed(1, "'main' has no snapshot from before", "the oldest, 'main@z', was taken");
        Run.inProcess("ls", "--as-of", "noon", image, "main:/").failed(2, "'noon' is no time");
        Run.inProcess("ls", "--as-of", "1h", image, "main@x:/").failed(2, "is a snapshot");
        Run.inProcess("ls", "--as-of", "1h", image, "other:/").failed(1, "no subvolume 'other'");
        Path dir = images.mountPoint("mnt");
        Command.run("mount", "--as-of", "1d", image, dir).failed(1, "no snapshot from before");
        Command.run("mount", "--as-of", "1d", "--subvol=main@x", image, dir)
                .failed(2, "is a snapshot");
    }

    @Test
    void aMountShowsTheSnapshotAlsoBesideTheLiveOne() throws IOException {
        Path dir = images.mountPoint("mnt");
        Path then = images.mountPoint("then");
        images.mount(image, dir);
        Run mounted = Command.run("mount", "--as-of", taken.get(1).toString(), image, then);
        assertEquals(0, mounted.exitCode());
        assertTrue(mounted.err().startsWith("cowfs: main@y was taken "), mounted.err());
        assertEquals("2", Files.readString(then.resolve("f")));
        assertEquals("4", Files.readString(dir.resolve("f")));
        Command.run("umount", then).succeeded();
        Command.run("umount", dir).succeeded();
    }
}
