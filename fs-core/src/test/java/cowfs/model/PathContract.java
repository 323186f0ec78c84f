package cowfs.model;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.symlink;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FileVersion;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.InodeFlags;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What a pool does to one path over its snapshots, for a class that says what pool it is tried on.
public interface PathContract {
    /// The pool of the running test: a new one with an empty `main` for each.
    Pool pool() throws IOException;

    /// Closes the pool, opens it again and returns it.
    Pool reopen() throws IOException;

    private Volume main() throws IOException {
        return pool().volume(Ref.MAIN);
    }

    private void snapshot(String name) throws IOException {
        pool().snapshot(new Ref("main", name));
    }

    private List<String> history(String ref, String path) throws IOException {
        List<FileVersion> versions = pool().history(Ref.parse(ref), FilePath.of(path));
        assertEquals(
                VolumeHistory.text(new VolumeHistory(pool()).of(Ref.parse(ref), FilePath.of(path))),
                VolumeHistory.text(versions));
        List<String> lines = new ArrayList<>();
        for (FileVersion version : versions) {
            StringBuilder line = new StringBuilder();
            for (FileVersion.Holder each : version.holders()) {
                line.append(line.isEmpty() ? "" : " ").append(each.ref()).append(each.path());
            }
            lines.add(line.toString());
        }
        return lines;
    }

    @Test
    default void aHistoryFollowsAFileUnderOtherNamesAndWhereItWasWrittenAnew() throws IOException {
        long f = file(main(), "f");
        write(main(), f, 0, pattern(1, 10_000));
        snapshot("a");
        main().setAttributes(f, AttributeChange.ofMode(0600));
        snapshot("b");
        write(main(), f, 5000, pattern(2, 10));
        main().rename(ROOT, name("f"), ROOT, name("moved"), RenameMode.REPLACE);
        snapshot("c");
        pool().cloneSubvolume(Ref.parse("main@b"), "clone");
        Volume clone = pool().volume(Ref.parse("clone"));
        clone.unlink(ROOT, name("f"));
        write(clone, file(clone, "f"), 0, pattern(3, 100));
        assertEquals(
                List.of("clone/f", "main@c/moved main/moved", "main@a/f main@b/f"),
                history("main@a", "f"));
        assertEquals(
                List.of("main@c/moved main/moved", "main@a/f main@b/f"), history("main", "moved"));
        main().unlink(ROOT, name("moved"));
        assertEquals(List.of("clone/f", "main@c/moved", "main@a/f main@b/f"), history("main", "f"));
        assertFails(
                ErrorKind.NOT_FOUND, () -> pool().history(Ref.MAIN, FilePath.of("/none")).size());
        directory(main(), ROOT, "d");
        assertFails(
                ErrorKind.IS_A_DIRECTORY, () -> pool().history(Ref.MAIN, FilePath.of("/d")).size());
    }

    @Test
    default void theSameBytesAreOneVersionHoweverTheyAreStored() throws IOException {
        long f = file(main(), "f");
        write(main(), f, 0, pattern(1, 20_000));
        snapshot("a");
        write(main(), f, 0, pattern(1, 20_000));
        snapshot("b");
        main().setAttributes(f, AttributeChange.ofSize(100));
        main().setAttributes(f, AttributeChange.ofSize(1 << 20));
        snapshot("c");
        main().allocate(f, Volume.AllocateMode.ALLOCATE, 0, 1 << 20);
        write(main(), f, 8192, new byte[5000]);
        assertEquals(List.of("main@c/f main/f", "main@a/f main@b/f"), history("main", "f"));
    }

    @Test
    default void whatWasDeletedComesBackFromTheNewestSnapshotThatHasIt() throws IOException {
        long f = file(main(), "f");
        write(main(), f, 0, pattern(1, 50_000));
        snapshot("old");
        write(main(), f, 0, pattern(2, 50_000));
        main().setXattr(f, name("user.a"), name("b"), XattrMode.CREATE);
        main().setAttributes(f, AttributeChange.ofOwner(7, 8));
        main().setAttributes(f, AttributeChange.ofMode(04711));
        Timestamp time = new Timestamp(1_000_000_000, 5);
        main().setAttributes(f, AttributeChange.ofTimes(time, time));
        main().setAttributes(f, AttributeChange.ofFlags(InodeFlags.NO_DUMP));
        snapshot("new");
        main().unlink(ROOT, name("f"));
        snapshot("newest");
        assertEquals(Ref.parse("main@new"), pool().undelete(Ref.MAIN, FilePath.of("f")));
        reopen();
        long back = inodeOf(main(), "f");
        assertNotEquals(f, back);
        assertContent(main(), back, pattern(2, 50_000));
        Attributes attributes = main().getAttributes(back);
        assertEquals(04711, attributes.mode() & 07777);
        assertEquals(7, attributes.uid());
        assertEquals(8, attributes.gid());
        assertEquals(time, attributes.modified());
        assertEquals(InodeFlags.NO_DUMP, attributes.flags());
        assertArrayEquals(name("b"), main().getXattr(back, name("user.a")));
        assertFails(ErrorKind.EXISTS, () -> pool().undelete(Ref.MAIN, FilePath.of("f")));
        assertFails(ErrorKind.NOT_FOUND, () -> pool().undelete(Ref.MAIN, FilePath.of("g")));
        assertFails(
                ErrorKind.INVALID, () -> pool().undelete(Ref.parse("main@new"), FilePath.of("g")));
    }

    @Test
    default void aDirectoryComesBackWithAllThatWasInIt() throws IOException {
        long d = directory(main(), ROOT, "d");
        long e = directory(main(), d, "e");
        long f = file(main(), e, "f");
        write(main(), f, 0, pattern(1, 9000));
        main().link(f, d, name("g"));
        symlink(main(), "link", "somewhere");
        main().rename(ROOT, name("link"), e, name("link"), RenameMode.REPLACE);
        snapshot("a");
        VolumeDiff same = new VolumeDiff(pool().volume(Ref.parse("main@a")), main());
        assertEquals("", same.expected(FilePath.ROOT));
        main().unlink(e, name("link"));
        main().unlink(e, name("f"));
        main().unlink(d, name("g"));
        main().removeDirectory(d, name("e"));
        main().removeDirectory(ROOT, name("d"));
        assertFails(ErrorKind.NOT_FOUND, () -> pool().undelete(Ref.MAIN, FilePath.of("d/e")));
        pool().undelete(Ref.MAIN, FilePath.of("/d/"));
        assertEquals(List.of("d"), names(main(), ROOT));
        long back = main().lookup(inodeOf(main(), "d"), name("e")).inode();
        assertEquals(List.of("f", "link"), names(main(), back).stream().sorted().toList());
        long content = main().lookup(back, name("f")).inode();
        assertContent(main(), content, pattern(1, 9000));
        assertEquals(2, main().getAttributes(content).linkCount());
        assertEquals(content, main().lookup(inodeOf(main(), "d"), name("g")).inode());
    }

    @Test
    default void aCloneOfAPurgedSnapshotOutlivesIt() throws IOException {
        long d = directory(main(), ROOT, "d");
        for (int i = 0; i < 200; i++) {
            write(main(), file(main(), d, "f" + i), 0, pattern(i, 700));
        }
        snapshot("a");
        Ref purged = Ref.parse("main@a");
        pool().purge(FilePath.of("/d/f100"), List.of(purged));
        pool().cloneSubvolume(purged, "clone");
        pool().delete(List.of(purged));
        pool().awaitReclaim();
        // nodes that the purge made and that were taken for free are used again
        for (int i = 0; i < 200; i++) {
            write(main(), file(main(), "n" + i), 0, pattern(1000 + i, 700));
            pool().sync();
        }
        reopen();
        Volume clone = pool().volume(Ref.parse("clone"));
        assertEquals(199, names(clone, d).size());
        for (int i = 0; i < 200; i++) {
            if (i != 100) {
                assertContent(clone, clone.lookup(d, name("f" + i)).inode(), pattern(i, 700));
            }
        }
    }

    @Test
    default void whatIsPurgedIsGoneFromTheSnapshotsAndItsSpaceIsBack() throws IOException {
        long d = directory(main(), ROOT, "d");
        long secret = file(main(), d, "secret");
        write(main(), secret, 0, pattern(1, 2_000_000));
        write(main(), file(main(), "kept"), 0, pattern(2, 50_000));
        main().setAttributes(d, AttributeChange.ofFlags(InodeFlags.IMMUTABLE));
        snapshot("a");
        snapshot("b");
        Attributes before = pool().volume(Ref.parse("main@a")).getAttributes(d);
        main().setAttributes(d, AttributeChange.ofFlags(0));
        main().unlink(d, name("secret"));
        snapshot("c");
        pool().awaitReclaim();
        long used = pool().info().dataBytes();
        List<UUID> uuids = pool().list().stream().map(SubvolumeInfo::uuid).toList();
        Volume open = pool().volume(Ref.parse("main@a"));

        FilePath path = FilePath.of("/d/secret");
        assertEquals(
                List.of(Ref.parse("main@a"), Ref.parse("main@b")), pool().purge(path, List.of()));

        pool().awaitReclaim();
        assertFails(ErrorKind.STALE, () -> open.getAttributes(ROOT));
        for (String name : List.of("a", "b")) {
            Volume snapshot = pool().volume(new Ref("main", name));
            assertTrue(snapshot.readOnly());
            assertEquals(List.of(), names(snapshot, d));
            assertContent(snapshot, inodeOf(snapshot, "kept"), pattern(2, 50_000));
            assertEquals(before.modified(), snapshot.getAttributes(d).modified());
            assertEquals(InodeFlags.IMMUTABLE, snapshot.getAttributes(d).flags());
        }
        pool().sync();
        assertTrue(pool().info().dataBytes() <= used - 1_900_000, "its space is back");
        reopen();
        assertEquals(List.of(), names(pool().volume(Ref.parse("main@a")), d));
        List<SubvolumeInfo> after = pool().list();
        assertEquals(4, after.size());
        for (int i = 0; i < 4; i++) {
            boolean purged = List.of("main@a", "main@b").contains(after.get(i).ref().toString());
            assertEquals(
                    !purged, after.get(i).uuid().equals(uuids.get(i)), after.get(i).ref() + "");
        }
        assertFails(ErrorKind.NOT_FOUND, () -> pool().purge(path, List.of()));
    }

    @Test
    default void onlyTheChosenSnapshotsLoseADirectory() throws IOException {
        long d = directory(main(), ROOT, "d");
        for (int i = 0; i < 30; i++) {
            write(main(), file(main(), d, "f" + i), 0, pattern(i, 5000));
        }
        directory(main(), directory(main(), d, "e"), "deeper");
        snapshot("a");
        snapshot("b");
        pool().cloneSubvolume(Ref.parse("main@b"), "clone");
        List<Ref> chosen = List.of(Ref.parse("main@b"));
        assertEquals(chosen, pool().purge(FilePath.of("d"), chosen));
        pool().awaitReclaim();
        assertEquals(List.of(), names(pool().volume(Ref.parse("main@b")), ROOT));
        for (String ref : List.of("main", "main@a", "clone")) {
            Volume volume = pool().volume(Ref.parse(ref));
            assertEquals(31, names(volume, d).size(), ref);
            assertContent(volume, volume.lookup(d, name("f7")).inode(), pattern(7, 5000));
        }
    }

    @Test
    default void purgingRefusesBeforeItChangesAnything() throws IOException {
        file(main(), "f");
        snapshot("a");
        snapshot("b");
        FilePath path = FilePath.of("f");
        assertFails(ErrorKind.INVALID, () -> pool().purge(path, List.of(Ref.MAIN)));
        assertFails(ErrorKind.INVALID, () -> pool().purge(FilePath.ROOT, List.of()));
        assertFails(
                ErrorKind.NOT_FOUND,
                () -> pool().purge(path, List.of(Ref.parse("main@a"), Ref.parse("main@x"))));
        assertFalse(names(pool().volume(Ref.parse("main@a")), ROOT).isEmpty());
    }
}
