package cowfs.fuse.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Ref;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Snapshots in the mount: the virtual directory `.snapshots`.
public interface SnapshotContract extends MountContract {
    @Test
    default void makingADirectoryTakesASnapshot() throws IOException, InterruptedException {
        Files.writeString(at("f"), "old");
        Files.createDirectory(mounted().snapshot("mon"));
        Files.writeString(at("f"), "new");
        Files.createFile(at("later"));
        assertEquals("old", Files.readString(mounted().snapshot("mon/f")));
        assertFalse(Files.exists(mounted().snapshot("mon/later")));
        assertEquals("new", Files.readString(at("f")));
        assertEquals("f", Shell.in(mounted().snapshot("mon")).run("ls -A"));
        List<Ref> refs = mounted().operations().list().stream().map(info -> info.ref()).toList();
        assertEquals(List.of(Ref.MAIN, new Ref("main", "mon")), refs);
    }

    @Test
    default void theDirectoryIsNotListedButThere() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        Files.writeString(at("f"), "text");
        shell.run("mkdir .snapshots/b .snapshots/a");
        assertEquals("f", shell.run("ls -A"));
        assertEquals("b\na", shell.run("ls -U .snapshots"));
        assertEquals("./a/f\n./b/f", shell.run("cd .snapshots && find . -type f | sort"));
        Path copy = mounted().outside("copy");
        shell.run("cp -a . " + copy + " && diff -r . " + copy);
        assertEquals("f", shell.run("ls -A " + copy));
    }

    @Test
    default void removingADirectoryDeletesTheSnapshotFullAsItIs() throws Exception {
        Files.writeString(at("f"), "old");
        Files.createDirectory(mounted().snapshot("mon"));
        Files.writeString(at("f"), "newer");
        assertEquals("old", Files.readString(mounted().snapshot("mon/f")));
        Files.delete(mounted().snapshot("mon"));
        assertFalse(Files.exists(mounted().snapshot("mon")));
        assertEquals(1, mounted().operations().list().size());
        Files.createDirectory(mounted().snapshot("mon"));
        assertEquals("newer", Files.readString(mounted().snapshot("mon/f")));
    }

    @Test
    default void snapshotsTakenAndDeletedByCommandShowAtOnce() throws IOException {
        Ref mon = new Ref("main", "mon");
        Path shown = mounted().snapshot("mon");
        assertFalse(Files.exists(shown));
        Files.writeString(at("f"), "1");
        mounted().operations().snapshot(mon);
        assertEquals("1", Files.readString(shown.resolve("f")));
        mounted().operations().delete(List.of(mon));
        assertFalse(Files.exists(shown));
        Files.writeString(at("f"), "22");
        mounted().operations().snapshot(mon);
        assertEquals("22", Files.readString(shown.resolve("f")));
        mounted().operations().renameSubvolume("main", "other");
        assertEquals("22", Files.readString(shown.resolve("f")));
        Files.createDirectory(mounted().snapshot("tue"));
        assertEquals(new Ref("other", "tue"), mounted().operations().list().getLast().ref());
    }

    @Test
    default void aSnapshotCannotBeChanged() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("echo x > f; mkdir d; mkdir .snapshots/s");
        shell.fails("echo y > .snapshots/s/f", "Read-only file system");
        shell.fails("echo y >> .snapshots/s/f", "Read-only file system");
        shell.fails("touch .snapshots/s/new", "Read-only file system");
        shell.fails("rm .snapshots/s/f", "Read-only file system");
        shell.fails("rmdir .snapshots/s/d", "Read-only file system");
        shell.fails("mv .snapshots/s/f .snapshots/s/g", "Read-only file system");
        shell.fails("chmod 777 .snapshots/s/f", "Read-only file system");
        shell.fails("truncate -s 0 .snapshots/s/f", "Read-only file system");
        assertEquals("x", shell.run("cat .snapshots/s/f"));
    }

    @Test
    default void theDirectoryTakesOnlySnapshots() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("touch f; mkdir .snapshots/s");
        shell.fails("touch .snapshots/f", "not permitted");
        shell.fails("mv f .snapshots/f", "not permitted");
        shell.fails("mv .snapshots/s .snapshots/t", "not permitted");
        shell.fails("rmdir .snapshots", "not permitted");
        shell.fails("mv .snapshots other", "not permitted");
        shell.fails("chmod 777 .snapshots", "not permitted");
        shell.fails("mkdir .snapshots", "File exists");
        shell.fails("mkdir .snapshots/s", "File exists");
        shell.fails("mkdir .snapshots/a@b", "Invalid argument");
        shell.fails("rmdir .snapshots/none", "No such file");
        assertThrows(
                FileAlreadyExistsException.class,
                () -> Files.createDirectory(mounted().snapshot("s")));
    }

    @Test
    default void onlyTheOwnerOfTheRootTakesSnapshots() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("chmod 777 .");
        shell.fails(
                "setpriv --reuid 1234 --regid 77 --clear-groups mkdir .snapshots/s",
                "Permission denied");
        shell.run("chown 1234 .");
        shell.run("setpriv --reuid 1234 --regid 77 --clear-groups mkdir .snapshots/s");
    }

    @Test
    default void filesOfSnapshotsAreOtherFiles() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        Files.writeString(at("f"), "old");
        shell.run("mkdir .snapshots/a .snapshots/b; ln f g; rm g");
        assertNotEquals(shell.run("stat -c %i f"), shell.run("stat -c %i .snapshots/a/f"));
        assertEquals("3", shell.run("stat -c %i f .snapshots/*/f | sort -u | wc -l"));
        // cp refuses files that it takes for the same one.
        Files.writeString(at("f"), "new");
        shell.run("cp .snapshots/a/f f");
        assertEquals("old", Files.readString(at("f")));
        shell.fails("ln .snapshots/a/f h", "cross-device");
        shell.run("cd .snapshots/a && [ $(stat -c %i ..) = $(stat -c %i ../../.snapshots) ]");
    }

    @Test
    default void whatIsOpenInADeletedSnapshotFailsAndNothingElse() throws IOException {
        Files.write(at("f"), new byte[2_000_000]);
        Files.createDirectory(mounted().snapshot("s"));
        try (FileChannel open = FileChannel.open(mounted().snapshot("s/f"), READ)) {
            Files.delete(mounted().snapshot("s"));
            assertThrows(FileSystemException.class, () -> Files.size(mounted().snapshot("s/f")));
            assertThrows(IOException.class, () -> open.read(ByteBuffer.allocate(10), 1_500_000));
        }
        assertThrows(NoSuchFileException.class, () -> Files.size(mounted().snapshot("s/f")));
        assertEquals(2_000_000, Files.size(at("f")));
    }

    @Test
    default void whatWasWrittenThroughAMappingIsInTheSnapshot() throws Exception {
        for (int size : List.of(4096, 3 << 20)) {
            Path file = at("mapped" + size);
            Files.write(file, new byte[size]);
            try (MappingProcess mapping = MappingProcess.start(file)) {
                for (int round = 1; round <= 5; round++) {
                    for (int offset = 0; offset < size; offset += 4096) {
                        mapping.write(offset, round);
                    }
                    String name = "s" + size + "-" + round;
                    if (round % 2 == 0) {
                        mounted().operations().snapshot(new Ref("main", name));
                    } else {
                        Files.createDirectory(mounted().snapshot(name));
                    }
                    byte[] kept =
                            Files.readAllBytes(
                                    mounted().snapshot(name).resolve(file.getFileName()));
                    for (int offset = 0; offset < size; offset += 4096) {
                        assertEquals(round, kept[offset], "offset " + offset + " of " + size);
                    }
                }
            }
        }
    }

    @Test
    default void aCloneHasWhatWasWrittenThroughAMapping() throws Exception {
        Files.write(at("f"), new byte[10_000]);
        try (MappingProcess mapping = MappingProcess.start(at("f"))) {
            mapping.write(5000, 5);
            mounted().operations().cloneSubvolume(Ref.MAIN, "copy");
            mapping.write(5000, 6);
        }
        var copy = mounted().pool().volume(new Ref("copy", null));
        ByteBuffer bytes = ByteBuffer.allocate(10_000);
        copy.read(copy.lookup(1, "f".getBytes(UTF_8)).inode(), 0, bytes);
        assertEquals(5, bytes.get(5000));
    }

    @Test
    default void snapshotsAreTakenWhileManyWrite() throws Exception {
        Shell shell = Shell.in(mounted().root());
        shell.run(
                "for w in 1 2 3 4; do ( for i in $(seq 40); do head -c 300000 /dev/zero > w$w; sync w$w; done ) & done;"
                        + " for s in 1 2 3 4 5; do mkdir .snapshots/s$s; done; wait; ls .snapshots | wc -l");
        assertTrue(Files.isDirectory(mounted().snapshot("s5")));
        assertEquals("300000", shell.run("stat -c %s w4"));
    }
}
