package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs reclaim` on a mounted image and on one that is not.
@Timeout(120)
final class ReclaimIT {
    @RegisterExtension final MountedImages images = new MountedImages();

    private static void snapshotAlone(Path dir, String name) throws IOException {
        byte[] content = new byte[3 << 20];
        new Random(name.hashCode()).nextBytes(content);
        Files.write(dir.resolve("f"), content);
        Command.run("snapshot", dir, name).succeeded();
        Files.delete(dir.resolve("f"));
    }

    @Test
    void itProposesAndWithYesDoesIt() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Command.run("reclaim", dir, "--free", "1M").failed(1, "no snapshot that is not held");
        snapshotAlone(dir, "main@a");
        snapshotAlone(dir, "main@b");
        snapshotAlone(dir, "main@c");
        Command.run("hold", dir, "tag", "main@a").succeeded();

        Run proposal = Command.run("reclaim", dir, "--free", "2M");
        assertEquals(0, proposal.exitCode());
        assertTrue(proposal.out().contains("main@b") && !proposal.out().contains("main@c"));
        assertTrue(proposal.out().contains("it frees 3."), proposal.out());
        assertTrue(proposal.err().contains("--yes"), proposal.err());
        Command.run("reclaim", dir, "--free", "1G").failed(1, "less than 1.0G");
        Command.run("reclaim", dir, "--free", "much").failed(2, "is no size");
        Command.run("reclaim", dir, "--free", "0").failed(2, "say how much");
        Command.run("reclaim", dir).failed(2, "--free");

        JsonObject done =
                Command.run("reclaim", dir, "--free", "2M", "--yes", "--json").succeeded().json();
        assertTrue(done.flag("deleted"));
        assertEquals("main@b", done.objects("snapshots").getFirst().text("ref"));
        assertTrue(done.number("freed") >= 3 << 20);
        assertFalse(Files.exists(dir.resolve(".snapshots/b")));
        Command.run("umount", dir).succeeded();
        String said = Command.run("reclaim", image, "--free", "2M", "--yes").succeeded().out();
        assertTrue(said.contains("freed 3."), said);
        assertFalse(Command.run("list", image).succeeded().out().contains("main@c"));
        Command.run("check", image).succeeded();
    }
}
