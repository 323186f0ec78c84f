package cowfs.model;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.write;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FilePlace;
import cowfs.api.PathUsage;
import cowfs.api.Pool;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.SpaceUsage;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Tests of the pool's names: which there are, what refuses them, and what deleting one does.
public interface PoolNameContract {
    /// The pool of the running test: a new one with an empty `main` for each.
    Pool pool() throws IOException;

    /// Closes the pool, opens it again and returns it.
    Pool reopen() throws IOException;

    private static Ref ref(String text) throws IOException {
        return Ref.parse(text);
    }

    private List<String> listed() throws IOException {
        return pool().list().stream().map(info -> info.ref().toString()).toList();
    }

    @Test
    default void listingGoesByNameWithSnapshotsBehindTheirSubvolumeOldestFirst()
            throws IOException {
        pool().createSubvolume("zebra");
        pool().createSubvolume("apple");
        for (String snapshot : List.of("zebra@2", "main@b", "zebra@1", "main@a")) {
            pool().snapshot(ref(snapshot));
        }
        List<String> expected =
                List.of("apple", "main", "main@b", "main@a", "zebra", "zebra@2", "zebra@1");
        assertEquals(expected, listed());
        assertEquals(3, pool().info().subvolumeCount());
        assertEquals(4, pool().info().snapshotCount());
        reopen();
        assertEquals(expected, listed());
    }

    @Test
    default void listingTellsOriginAndTreeOfEach() throws IOException {
        pool().snapshot(ref("main@s"));
        pool().createSubvolume("plain");
        pool().cloneSubvolume(ref("main@s"), "clone");
        pool().cloneSubvolume(ref("plain"), "live");
        Set<Long> trees = new HashSet<>();
        for (SubvolumeInfo info : reopen().list()) {
            String origin = String.valueOf(info.origin());
            String expected =
                    switch (info.ref().toString()) {
                        case "clone" -> "main@s";
                        case "live" -> "plain";
                        default -> "null";
                    };
            assertEquals(expected, origin, info.ref().toString());
            assertEquals(info.ref().isSnapshot(), info.readOnly());
            assertTrue(trees.add(info.treeId()), "tree number used twice");
            assertEquals(info.treeId(), pool().volume(info.ref()).treeId());
        }
        pool().renameSubvolume("plain", "renamed");
        pool().delete(List.of(ref("main@s")));
        for (SubvolumeInfo info : pool().list()) {
            boolean live = info.ref().toString().equals("live");
            assertEquals(live ? "renamed" : "null", String.valueOf(info.origin()));
        }
    }

    @Test
    default void renamingASubvolumeTakesItsSnapshotsAlong() throws IOException {
        Volume old = pool().volume(pool().createSubvolume("old").ref());
        file(old, "f");
        pool().snapshot(ref("old@s"));
        pool().renameSubvolume("old", "new");
        file(old, "g");
        reopen();
        assertEquals(List.of("main", "new", "new@s"), listed());
        assertEquals(List.of("f"), names(pool().volume(ref("new@s")), ROOT));
        assertEquals(2, names(pool().volume(ref("new")), ROOT).size());
        assertFails(ErrorKind.NOT_FOUND, () -> pool().volume(ref("old")));
        pool().createSubvolume("old");
        assertEquals(List.of(), names(pool().volume(ref("old")), ROOT));
    }

    @Test
    default void takenNamesAreRefused() throws IOException {
        Pool pool = pool();
        pool.createSubvolume("other");
        pool.snapshot(ref("main@s"));
        assertFails(ErrorKind.EXISTS, () -> pool.createSubvolume("main"));
        assertFails(ErrorKind.EXISTS, () -> pool.snapshot(ref("main@s")));
        assertFails(ErrorKind.EXISTS, () -> pool.cloneSubvolume(ref("main@s"), "other"));
        assertFails(ErrorKind.EXISTS, () -> pool.renameSubvolume("other", "main"));
        pool.snapshot(ref("other@s"));
        assertEquals(List.of("main", "main@s", "other", "other@s"), listed());
    }

    @Test
    default void unknownNamesAreRefused() throws IOException {
        Pool pool = pool();
        assertFails(ErrorKind.NOT_FOUND, () -> pool.volume(ref("missing")));
        assertFails(ErrorKind.NOT_FOUND, () -> pool.volume(ref("main@missing")));
        assertFails(ErrorKind.NOT_FOUND, () -> pool.snapshot(ref("missing@s")));
        assertFails(ErrorKind.NOT_FOUND, () -> pool.cloneSubvolume(ref("main@missing"), "c"));
        assertFails(ErrorKind.NOT_FOUND, () -> pool.renameSubvolume("missing", "c"));
        assertFails(ErrorKind.NOT_FOUND, () -> pool.delete(List.of(ref("missing"))));
        assertEquals(List.of("main"), listed());
    }

    @Test
    default void namesThatNoRefCanHaveAreRefused() throws IOException {
        Pool pool = pool();
        for (String bad : List.of("", ".", "..", "a/b", "a@b", "a:b", "a\n", "n".repeat(201))) {
            ErrorKind kind = bad.length() > 200 ? ErrorKind.NAME_TOO_LONG : ErrorKind.INVALID;
            assertFails(kind, () -> pool.createSubvolume(bad));
            assertFails(kind, () -> pool.cloneSubvolume(Ref.MAIN, bad));
            assertFails(kind, () -> pool.renameSubvolume("main", bad));
        }
        assertFails(ErrorKind.INVALID, () -> pool.snapshot(Ref.MAIN));
        assertEquals(List.of("main"), listed());
        pool.createSubvolume("n".repeat(200));
        pool.createSubvolume("größe-日本");
        reopen();
        assertEquals(List.of("größe-日本", "main", "n".repeat(200)), listed());
    }

    @Test
    default void aSubvolumeWithSnapshotsIsDeletedOnlyTogetherWithThem() throws IOException {
        Pool pool = pool();
        pool.createSubvolume("x");
        pool.snapshot(ref("x@1"));
        pool.snapshot(ref("x@2"));
        List<Ref> some = List.of(ref("x"), ref("x@1"));
        assertThrows(CowException.class, () -> pool.delete(List.of(ref("x"))));
        assertThrows(CowException.class, () -> pool.delete(some));
        assertEquals(List.of("main", "x", "x@1", "x@2"), listed());
        pool.delete(List.of(ref("x@1"), ref("x"), ref("x@2")));
        assertEquals(List.of("main"), listed());
        reopen();
        assertEquals(List.of("main"), listed());
    }

    @Test
    default void deletingIsAllOrNone() throws IOException {
        Pool pool = pool();
        pool.snapshot(ref("main@1"));
        List<Ref> refs = List.of(ref("main@1"), ref("main@missing"));
        assertFails(ErrorKind.NOT_FOUND, () -> pool.delete(refs));
        assertEquals(List.of("main", "main@1"), listed());
    }

    @Test
    default void aDeletedNameIsFreeAndItsVolumesFail() throws IOException {
        Pool pool = pool();
        Volume old = pool.volume(pool.createSubvolume("x").ref());
        file(old, "f");
        pool.delete(List.of(ref("x")));
        assertThrows(CowException.class, () -> old.lookup(ROOT, VolumeFixture.name("f")));
        assertThrows(CowException.class, () -> file(old, "g"));
        pool.createSubvolume("x");
        Volume again = pool.volume(ref("x"));
        assertEquals(List.of(), names(again, ROOT));
        assertTrue(again.treeId() > old.treeId());
    }

    @Test
    default void theSpaceOfDeletedTreesComesBack() throws IOException {
        Pool pool = pool();
        pool.sync();
        long before = pool.info().freeBytes();
        Volume x = pool.volume(pool.createSubvolume("x").ref());
        long f = file(x, "f");
        write(x, f, 0, pattern(1, 1 << 20));
        pool.snapshot(ref("x@1"));
        write(x, f, 0, pattern(2, 1 << 20));
        pool.sync();
        long full = pool.info().freeBytes();
        assertTrue(
                full <= before - (2 << 20) + (1 << 18),
                before + " free before, " + full + " after");
        pool.delete(List.of(ref("x"), ref("x@1")));
        pool.awaitReclaim();
        await().until(
                        () -> {
                            pool.sync();
                            return pool.info().freeBytes() >= before - (1 << 18);
                        });
    }

    @Test
    default void exclusiveAndSharedMakeUpWhatIsReferenced() throws IOException {
        Pool pool = pool();
        Volume main = pool.volume(Ref.MAIN);
        long f = file(main, "f");
        write(main, f, 0, pattern(1, 1 << 20));
        pool.snapshot(ref("main@1"));
        write(main, f, 0, pattern(2, 1 << 19));
        pool.sync();
        List<SpaceUsage> all = pool.spaceUsage(List.of());
        assertEquals(List.of("main", "main@1"), all.stream().map(u -> u.ref().toString()).toList());
        for (SpaceUsage usage : all) {
            assertEquals(usage.referencedBytes(), usage.exclusiveBytes() + usage.sharedBytes());
            assertTrue(usage.referencedBytes() >= 1 << 20);
            assertTrue(usage.exclusiveBytes() >= 1 << 19);
        }
        assertEquals(1, pool.spaceUsage(List.of(ref("main@1"))).size());
        assertEquals(0, all.getFirst().cowBytes());
        assertFails(ErrorKind.NOT_FOUND, () -> pool.spaceUsage(List.of(ref("missing"))));
    }

    @Test
    default void thePathsOfAPoolTellWhatLiesThere() throws IOException {
        Pool pool = pool();
        Volume main = pool.volume(Ref.MAIN);
        long d = directory(main, ROOT, "d");
        directory(main, d, "empty");
        long f = file(main, d, "f");
        write(main, f, 0, pattern(1, 1 << 20));
        main.link(f, d, name("again"));
        file(main, ROOT, "g");
        FilePlace place = new FilePlace(Ref.MAIN, FilePath.of("/d"));
        FilePlace root = new FilePlace(Ref.MAIN, FilePath.ROOT);
        PathUsage usage = pool.pathUsage(List.of(root, place)).getLast();
        assertEquals(new PathUsage(place, 1, 2, 1 << 20, 1 << 20, 0, 0, 1 << 20, 1 << 20), usage);
        assertEquals(2, pool.pathUsage(List.of(root)).getFirst().files());
        pool.snapshot(ref("main@1"));
        FilePlace old = new FilePlace(ref("main@1"), FilePath.of("/d/again"));
        assertEquals(1 << 20, pool.pathUsage(List.of(old)).getFirst().referencedBytes());
        for (String missing : List.of("/x", "/d/x", "/d/f/x")) {
            FilePlace nowhere = new FilePlace(Ref.MAIN, FilePath.of(missing));
            assertFails(ErrorKind.NOT_FOUND, () -> pool.pathUsage(List.of(nowhere)));
        }
        FilePlace other = new FilePlace(ref("other"), FilePath.ROOT);
        assertFails(ErrorKind.NOT_FOUND, () -> pool.pathUsage(List.of(other)));
    }

    @Test
    default void propertiesGoWithASnapshotAndACloneAndHoldsDoNot() throws IOException {
        Pool pool = pool();
        pool.setProperty(Ref.MAIN, "comment", "first");
        pool.setProperty(Ref.MAIN, "backup:keep", "3");
        pool.hold(Ref.MAIN, "migration");
        pool.snapshot(ref("main@1"));
        pool.cloneSubvolume(ref("main@1"), "copy");
        pool.setProperty(Ref.MAIN, "comment", "second");
        pool.setProperty(Ref.MAIN, "backup:keep", null);
        Pool again = reopen();
        SortedMap<String, String> first =
                new TreeMap<>(Map.of("comment", "first", "backup:keep", "3"));
        assertEquals(first, again.properties(ref("main@1")));
        assertEquals(first, again.properties(ref("copy")));
        assertEquals(Set.of("comment", "hold:migration"), again.properties(Ref.MAIN).keySet());
        assertEquals("second", again.properties(Ref.MAIN).get("comment"));
    }

    @Test
    default void aFileMaySayForItselfHowItIsCompressedAndWhatIsMadeInADirectoryDoesAsThat()
            throws IOException {
        Pool pool = pool();
        Volume main = pool.volume(Ref.MAIN);
        long directory = main.create(1, name("d"), NewInode.directory(0755, 1, 2)).inode();
        main.create(1, name("f"), NewInode.regular(0644, 1, 2));
        main.symlink(1, name("link"), name("f"), NewInode.regular(0644, 1, 2));
        FilePlace place = new FilePlace(Ref.MAIN, FilePath.of("d"));
        pool.setProperty(place, "compress", "zstd:7");
        main.create(directory, name("inside"), NewInode.regular(0644, 1, 2));
        pool.setProperty(place, "compress", "lz4");
        pool.setProperty(new FilePlace(Ref.MAIN, FilePath.of("f")), "compress", "off");
        pool.snapshot(ref("main@1"));
        pool.setProperty(new FilePlace(Ref.MAIN, FilePath.of("f")), "compress", null);
        Pool again = reopen();
        Map<String, String> has = new TreeMap<>();
        for (String path : List.of("d", "d/inside", "f", "link")) {
            for (String ref : List.of("main", "main@1")) {
                FilePlace at = new FilePlace(ref(ref), FilePath.of(path));
                has.put(at.toString(), again.properties(at).toString());
            }
        }
        assertEquals(
                Map.of(
                        "main:/d", "{compress=lz4}",
                        "main@1:/d", "{compress=lz4}",
                        "main:/d/inside", "{compress=zstd:7}",
                        "main@1:/d/inside", "{compress=zstd:7}",
                        "main:/f", "{}",
                        "main@1:/f", "{compress=off}",
                        "main:/link", "{}",
                        "main@1:/link", "{}"),
                has);
    }

    @Test
    default void whatIsNoPropertyOfAFileIsRefused() throws IOException {
        Pool pool = pool();
        Volume main = pool.volume(Ref.MAIN);
        main.create(1, name("f"), NewInode.regular(0644, 1, 2));
        main.symlink(1, name("link"), name("f"), NewInode.regular(0644, 1, 2));
        pool.snapshot(ref("main@1"));
        FilePlace file = new FilePlace(Ref.MAIN, FilePath.of("f"));
        assertFails(ErrorKind.INVALID, () -> pool.setProperty(file, "comment", "x"));
        assertFails(ErrorKind.INVALID, () -> pool.setProperty(file, "compress", "zip"));
        assertFails(
                ErrorKind.NOT_FOUND,
                () ->
                        pool.setProperty(
                                new FilePlace(Ref.MAIN, FilePath.of("g")), "compress", "lz4"));
        assertFails(
                ErrorKind.INVALID,
                () ->
                        pool.setProperty(
                                new FilePlace(Ref.MAIN, FilePath.of("link")), "compress", "lz4"));
        assertFails(
                ErrorKind.READ_ONLY,
                () ->
                        pool.setProperty(
                                new FilePlace(ref("main@1"), FilePath.of("f")), "compress", "lz4"));
        assertEquals(Map.of(), pool.properties(file));
    }

    @Test
    default void whatIsHeldIsNotDeletedUntilEachHoldIsReleased() throws IOException {
        Pool pool = pool();
        pool.snapshot(ref("main@1"));
        pool.snapshot(ref("main@2"));
        pool.hold(ref("main@1"), "a");
        pool.hold(ref("main@1"), "b");
        assertFails(ErrorKind.EXISTS, () -> pool.hold(ref("main@1"), "a"));
        assertFails(ErrorKind.NOT_FOUND, () -> pool.release(ref("main@2"), "a"));
        assertFails(ErrorKind.BUSY, () -> pool.delete(List.of(ref("main@2"), ref("main@1"))));
        assertEquals(List.of("main", "main@1", "main@2"), listed());
        pool.release(ref("main@1"), "a");
        assertFails(ErrorKind.BUSY, () -> pool.delete(List.of(ref("main@1"))));
        pool.release(ref("main@1"), "b");
        pool.delete(List.of(ref("main@2"), ref("main@1")));
        assertEquals(List.of("main"), listed());
    }

    /// It may have come from the subvolume, and go; set on the snapshot it would mean nothing.
    @Test
    default void whatSaysSomethingOfWritesOrSnapshotsIsNotSetOnASnapshot() throws IOException {
        Pool pool = pool();
        pool.setProperty(Ref.MAIN, Property.QUOTA, Long.toString(1L << 40));
        pool.snapshot(ref("main@1"));
        for (String name : List.of("quota", "quota-inodes", "readonly", "policy", "compress")) {
            assertFails(ErrorKind.INVALID, () -> pool.setProperty(ref("main@1"), name, "1000000"));
            pool.setProperty(ref("main@1"), name, null);
        }
        assertEquals(Map.of(), pool.properties(ref("main@1")));
    }

    @Test
    default void whatCanBeNoPropertyIsRefused() throws IOException {
        Pool pool = pool();
        for (String name : List.of("", "colour", "hold:x", "A:b", "a b:c", ":" + "x".repeat(100))) {
            assertFails(ErrorKind.INVALID, () -> pool.setProperty(Ref.MAIN, name, "x"));
        }
        for (String value : List.of("x".repeat(501), "\0")) {
            assertFails(ErrorKind.INVALID, () -> pool.setProperty(Ref.MAIN, "a:b", value));
        }
        assertFails(ErrorKind.NOT_FOUND, () -> pool.setProperty(ref("other"), "a:b", "x"));
        assertEquals(Map.of(), pool.properties(Ref.MAIN));
    }

    @Test
    default void whatASetWouldFreeCountsEachOfItsMembersOnce() throws IOException {
        Pool pool = pool();
        Volume main = pool.volume(Ref.MAIN);
        write(main, file(main, "f"), 0, pattern(1, 1 << 20));
        pool.snapshot(ref("main@1"));
        long both = pool.freedByDeleting(List.of(Ref.MAIN, ref("main@1"))).totalBytes();
        assertTrue(both >= 1 << 20, both + " bytes");
        assertEquals(
                both,
                pool.freedByDeleting(List.of(Ref.MAIN, ref("main@1"), Ref.MAIN)).totalBytes());
        assertFails(ErrorKind.NOT_FOUND, () -> pool.freedByDeleting(List.of(ref("missing"))));
    }
}
