package cowfs.tools;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.place.MountPoint;
import cowfs.tools.place.MountTable;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `cowfs umount` by the name of the image.
@Timeout(120)
final class UmountIT {
    @RegisterExtension final MountedImages images = new MountedImages();
    private Path image;
    private Path dir;

    @BeforeEach
    void mount() throws IOException {
        image = images.image("image", "64M");
        dir = images.mountPoint("mnt");
        images.mount(image, dir);
    }

    private static boolean isMounted(Path directory) throws IOException {
        return MountTable.read().at(directory).isPresent();
    }

    @Test
    void anImageThatIsMountedAtOnePlaceIsNamedInsteadOfIt() throws IOException {
        JsonObject done = Command.run("umount", "--json", image).succeeded().json();
        assertEquals(dir.toString(), done.text("dir"));
        assertTrue(done.flag("closed"));
        assertFalse(isMounted(dir));
        Command.run("umount", image).failed(1, image + " is not mounted");
        Command.run("umount", "--all", image).failed(1, image + " is not mounted");
    }

    @Test
    void ofSeveralPlacesAllAreNamedAndUnmountedWithAll() throws IOException {
        Command.run("subvolume", "create", image, "work").succeeded();
        Path inside = Files.createDirectory(dir.resolve("inside"));
        images.mount(image, inside, "--subvol", "work");
        Command.run("umount", image)
                .failed(1, image + " is mounted on " + dir + ", " + inside, "or give --all");
        assertTrue(isMounted(dir));
        JsonObject done = Command.run("umount", "--all", "--json", image).succeeded().json();
        assertEquals(List.of(dir.toString(), inside.toString()), done.members().get("dirs"));
        assertTrue(done.flag("closed"));
        assertFalse(isMounted(dir));
    }

    @Test
    void allOfADirectoryAreAllOfItsImageWhereverItIsShown() throws IOException {
        Path bound = images.mountPoint("bound");
        Command.run(List.of("mount", "--bind", dir.toString(), bound.toString())).succeeded();
        Path other = images.image("other", "64M");
        Path elsewhere = images.mountPoint("elsewhere");
        images.mount(other, elsewhere);
        Command.run("umount", image).failed(1, dir.toString(), bound.toString());
        Command.run("umount", "--all", bound).succeeded();
        assertFalse(isMounted(dir));
        assertFalse(isMounted(bound));
        assertTrue(isMounted(elsewhere));
        Command.run("umount", other).succeeded();
    }

    @Test
    void aRenamedImageIsKnownByTheNameThatItHasNow() throws IOException {
        Path renamed = Files.move(image, images.path("renamed"));
        Path other = images.image("image", "64M");
        Command.run("umount", other).failed(1, other + " is not mounted");
        assertTrue(isMounted(dir));
        Command.run("umount", renamed).succeeded();
        assertFalse(isMounted(dir));
    }

    @Test
    void whatAKilledDaemonLeavesIsCleanedUp() throws Exception {
        ProcessHandle.of(Command.run("info", "--json", image).succeeded().json().number("pid"))
                .orElseThrow()
                .destroyForcibly();
        Path stale = dir;
        await().until(() -> MountPoint.of(stale).isStale());
        Command.run("umount", image).succeeded();
        assertFalse(isMounted(dir));
    }

    @Test
    void whatIsBusyStaysAndTheRestIsUnmounted() throws Exception {
        Command.run("subvolume", "create", image, "work").succeeded();
        Path second = images.mountPoint("second");
        images.mount(image, second, "--subvol", "work");
        Process user =
                new ProcessBuilder("cat").directory(dir.toFile()).start(); // until its input ends
        try (OutputStream input = user.getOutputStream()) {
            Command.run("umount", "--all", image).failed(1, dir + " is busy", "cat");
            input.flush();
        }
        assertTrue(user.waitFor(20, TimeUnit.SECONDS));
        assertTrue(isMounted(dir));
        assertFalse(isMounted(second));
        Command.run("umount", image).succeeded();
    }

    @Test
    void aFileInAMountIsNoImage() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "x");
        Command.run("umount", file).failed(1, "lies inside a mount", "cowfs umount " + dir);
    }
}
