package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What can be mounted, how, and what becomes of a mount when its image or subvolume gets another
/// name.
@Timeout(300)
final class MountingIT {
    @RegisterExtension final MountedImages images = new MountedImages();

    @Test
    void aSnapshotIsMountedReadOnly() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.writeString(dir.resolve("f"), "old");
        Command.run("snapshot", dir, "main@1").succeeded();
        Files.writeString(dir.resolve("f"), "new");
        Path old = images.mountPoint("old");

        images.mount(image, old, "--subvol=main@1");

        assertEquals("old", Files.readString(old.resolve("f")));
        assertThrows(FileSystemException.class, () -> Files.writeString(old.resolve("g"), "x"));
        assertThrows(FileSystemException.class, () -> Files.delete(old.resolve("f")));
    }

    @Test
    void aMountWithTheOptionRoTakesNoChanges() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir, "-o", "ro,allow_other");
        assertThrows(FileSystemException.class, () -> Files.createFile(dir.resolve("f")));
        // the files of this mount, not the image
        Command.run("snapshot", dir, "main@1").succeeded();
    }

    @Test
    void anImageThatIsRenamedReplacedOrDeletedIsStillThatOfItsMount() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Path renamed = Files.move(image, images.path("renamed"));
        Command.run("snapshot", dir, "main@1").succeeded();
        String info = Command.run("info", dir).succeeded().out();
        assertTrue(info.contains(renamed.toString()) && info.contains("was renamed"), info);

        // another one by the old name
        Path other = images.mountPoint("other");
        images.mount(images.image("image", "64M"), other);
        Command.run("snapshot", dir, "main@2").succeeded();
        assertEquals(List.of("main"), Command.run("list", "--json", other).refs());
        assertEquals(
                List.of("main", "main@1", "main@2"), Command.run("list", "--json", dir).refs());
        assertTrue(Command.run("umount", "--json", dir).succeeded().json().flag("closed"));
        assertEquals(
                List.of("main", "main@1", "main@2"), Command.run("list", "--json", renamed).refs());

        Files.delete(image);
        info = Command.run("info", other).succeeded().out();
        assertTrue(info.contains("WARNING   the image was deleted"), info);
        Command.run("snapshot", other, "main@3").succeeded();
        assertTrue(Command.run("umount", "--json", other).succeeded().json().flag("closed"));
    }

    @Test
    void anImageOnAReadOnlyMediumIsMountedReadOnly() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.writeString(dir.resolve("f"), "x");
        Command.run("umount", dir).succeeded();
        Path medium = images.mountPoint("medium");
        String place = medium.toString();
        Command.run(List.of("mount", "--bind", image.getParent().toString(), place)).succeeded();
        Command.run(List.of("mount", "-o", "remount,ro,bind", place)).succeeded();
        Path readOnly = medium.resolve("image");

        Command.run("mount", readOnly, dir).failed(1, "read-only file system", "-o ro");
        images.mount(readOnly, dir, "-o", "ro");
        assertEquals("x", Files.readString(dir.resolve("f")));
        assertThrows(FileSystemException.class, () -> Files.writeString(dir.resolve("g"), "x"));
        Command.run("snapshot", dir, "main@1").failed(1, "reading only");
        assertEquals(1, Command.run("list", dir).succeeded().out().lines().skip(1).count());
        Command.run("umount", dir).succeeded();
        Command.run("snapshot", readOnly, "main@1").failed(1, "read-only file system");
        Command.run("check", readOnly).succeeded();
    }

    @Test
    void aSubvolumeIsMountedOnceAndNotDeletedWhileItIs() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Command.run("mount", image, images.mountPoint("again"))
                .failed(1, "'main' is mounted on " + dir, "mount --bind");
        Command.run("mount", image, dir).failed(1, image + " is mounted on " + dir + " already");
        Command.run("delete", image, "main").failed(1, "mounted on " + dir, "cowfs umount");
        Command.run("mkfs", "--force", image).failed(1, "mounted on " + dir, "umount it first");
        Command.run("check", image).failed(1, "mounted on " + dir, "umount it first");
    }

    @Test
    void aRenamedSubvolumeStaysMounted() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.writeString(dir.resolve("f"), "x");
        Command.run("subvolume", "rename", dir, "main", "first").succeeded();
        Files.writeString(dir.resolve("f"), "y");
        JsonObject mount =
                Command.run("info", "--json", dir).succeeded().json().objects("mounts").getFirst();
        assertEquals("first", mount.text("ref"));
        Command.run("snapshot", dir, "first@1").succeeded();
        assertEquals("y", Files.readString(dir.resolve(".snapshots/1/f")));
    }

    @Test
    void anUnknownNameIsRefusedWithWhatIsNear() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        Command.run("mount", "--subvol", "mian", image, dir)
                .failed(1, "no subvolume 'mian'", "near: main");
        images.mount(image, dir);
        Command.run("snapshot", dir, "mian@1").failed(1, "no subvolume 'mian'", "near: main");
        Command.run("clone", dir, "main@1", "c").failed(1, "no snapshot 'main@1'");
        Command.run("delete", dir, "main@1").failed(1, "no snapshot 'main@1'");
        Command.run("mount", "--subvol", "x@y", image, images.mountPoint("other"))
                .failed(1, "no snapshot 'x@y'");
    }
}
