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
import static cowfs.model.VolumeFixture.readAll;
import static cowfs.model.VolumeFixture.symlink;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Tests of what snapshots and clones hold, for a class that says what pool they run on.
///
/// An implementation that owns an image closes and checks it after each test.
public interface PoolContract {
    Ref SNAPSHOT = new Ref("main", "one");

    /// The pool of the running test: a new one with an empty `main` for each.
    Pool pool() throws IOException;

    /// Closes the pool, opens it again and returns it.
    Pool reopen() throws IOException;

    private Volume main() throws IOException {
        return pool().volume(Ref.MAIN);
    }

    static byte[] content(int version) {
        return pattern(version, 40_000);
    }

    @Test
    default void aNewPoolHasAnEmptyMain() throws IOException {
        Volume main = main();
        assertEquals(List.of(), names(main, ROOT));
        assertFalse(main.readOnly());
        assertEquals("main", main.name());
        assertEquals(1, pool().list().size());
        assertEquals(Ref.MAIN, pool().list().getFirst().ref());
        assertEquals(1, pool().info().subvolumeCount());
    }

    @Test
    default void snapshotsTakenTogetherAreOfOneMomentOrNotTaken() throws IOException {
        pool().createSubvolume("other");
        Ref other = new Ref("other", "one");
        List<SubvolumeInfo> taken = pool().snapshot(List.of(SNAPSHOT, other));
        assertEquals(List.of(SNAPSHOT, other), taken.stream().map(SubvolumeInfo::ref).toList());
        assertEquals(taken.get(0).createdTxg(), taken.get(1).createdTxg());
        Ref two = new Ref("main", "two");
        int count = pool().list().size();
        assertFails(ErrorKind.EXISTS, () -> pool().snapshot(List.of(two, other)));
        assertFails(ErrorKind.INVALID, () -> pool().snapshot(List.of(two, two)));
        assertFails(
                ErrorKind.NOT_FOUND, () -> pool().snapshot(List.of(two, new Ref("none", "two"))));
        assertEquals(count, pool().list().size(), "none was taken");
    }

    @Test
    default void snapshotSurvivesOverwriteOfItsSource() throws IOException {
        Volume main = main();
        long f = file(main, "f");
        write(main, f, 0, content(1));
        pool().snapshot(SNAPSHOT);
        write(main, f, 10_000, pattern(2, 10_000));
        main.setAttributes(f, AttributeChange.ofSize(30_000));
        Volume snapshot = pool().volume(SNAPSHOT);
        assertContent(snapshot, inodeOf(snapshot, "f"), content(1));
        Pool again = reopen();
        assertContent(again.volume(SNAPSHOT), f, content(1));
        assertEquals(30_000, again.volume(Ref.MAIN).getAttributes(f).sizeBytes());
    }

    @Test
    default void snapshotKeepsWhatIsRemovedAndRenamedLater() throws IOException {
        Volume main = main();
        long d = directory(main, ROOT, "d");
        long f = file(main, d, "f");
        symlink(main, "s", "d/f");
        main.setXattr(f, name("user.a"), content(3), XattrMode.CREATE);
        main.link(f, ROOT, name("g"));
        pool().snapshot(SNAPSHOT);
        main.unlink(ROOT, name("g"));
        main.unlink(ROOT, name("s"));
        main.removeXattr(f, name("user.a"));
        main.rename(d, name("f"), ROOT, name("moved"), RenameMode.REPLACE);
        main.removeDirectory(ROOT, name("d"));
        Volume snapshot = reopen().volume(SNAPSHOT);
        assertEquals(Set.of("d", "g", "s"), Set.copyOf(names(snapshot, ROOT)));
        assertEquals(2, snapshot.getAttributes(inodeOf(snapshot, "d", "f")).linkCount());
        assertEquals(40_000, snapshot.getXattr(f, name("user.a")).length);
        assertEquals(List.of("moved"), names(main(), ROOT));
        assertEquals(1, main().getAttributes(f).linkCount());
    }

    @Test
    default void aSnapshotRefusesEveryChange() throws IOException {
        Volume main = main();
        long d = directory(main, ROOT, "d");
        long f = file(main, "f");
        write(main, f, 0, content(1));
        main.setXattr(f, name("user.a"), name("x"), XattrMode.CREATE);
        pool().snapshot(SNAPSHOT);
        Volume snapshot = pool().volume(SNAPSHOT);
        assertTrue(snapshot.readOnly());
        NewInode start = NewInode.regular(0600, 0, 0);
        byte[] one = name("f");
        byte[] other = name("other");
        assertReadOnly(() -> snapshot.create(ROOT, other, start));
        assertReadOnly(() -> snapshot.symlink(ROOT, other, other, start));
        assertReadOnly(() -> snapshot.link(f, ROOT, other));
        assertReadOnly(() -> snapshot.unlink(ROOT, one));
        assertReadOnly(() -> snapshot.removeDirectory(ROOT, name("d")));
        assertReadOnly(() -> snapshot.rename(ROOT, one, d, other, RenameMode.REPLACE));
        assertReadOnly(() -> write(snapshot, f, 0, content(2)));
        assertReadOnly(() -> snapshot.setAttributes(f, AttributeChange.ofSize(0)));
        assertReadOnly(() -> snapshot.setAttributes(f, AttributeChange.ofMode(0)));
        assertReadOnly(() -> snapshot.allocate(f, AllocateMode.PUNCH_HOLE, 0, 5000));
        assertReadOnly(() -> snapshot.setXattr(f, other, one, XattrMode.CREATE));
        assertReadOnly(() -> snapshot.removeXattr(f, name("user.a")));
        snapshot.hold(f);
        assertContent(snapshot, f, content(1));
        snapshot.fsync(f, false);
        snapshot.release(f, 1);
        assertEquals(main.getAttributes(f), snapshot.getAttributes(f));
    }

    private static void assertReadOnly(Executable change) {
        assertFails(ErrorKind.READ_ONLY, change);
    }

    @Test
    default void aCloneGoesItsOwnWay() throws IOException {
        Volume main = main();
        long f = file(main, "f");
        write(main, f, 0, content(1));
        pool().snapshot(SNAPSHOT);
        pool().cloneSubvolume(SNAPSHOT, "clone");
        pool().cloneSubvolume(Ref.MAIN, "live");
        Volume clone = pool().volume(new Ref("clone", null));
        assertNotEquals(main.treeId(), clone.treeId());
        assertFalse(clone.readOnly());
        write(clone, f, 0, pattern(2, 5000));
        file(clone, "only-clone");
        write(main, f, 35_000, pattern(3, 10_000));
        file(main, "only-main");
        Pool again = reopen();
        byte[] expected = content(1);
        System.arraycopy(pattern(2, 5000), 0, expected, 0, 5000);
        assertContent(again.volume(new Ref("clone", null)), f, expected);
        assertContent(again.volume(new Ref("live", null)), f, content(1));
        assertContent(again.volume(SNAPSHOT), f, content(1));
        assertEquals(45_000, main().getAttributes(f).sizeBytes());
        assertFails(ErrorKind.NOT_FOUND, () -> inodeOf(main(), "only-clone"));
        assertFails(ErrorKind.NOT_FOUND, () -> inodeOf(pool().volume(SNAPSHOT), "only-main"));
    }

    @Test
    default void aCloneSurvivesTheDeletionOfItsOrigin() throws IOException {
        Volume source = pool().volume(pool().createSubvolume("source").ref());
        long f = file(source, "f");
        write(source, f, 0, content(1));
        Ref snapshot = new Ref("source", "one");
        pool().snapshot(snapshot);
        pool().cloneSubvolume(snapshot, "clone");
        pool().delete(List.of(snapshot));
        pool().delete(List.of(new Ref("source", null)));
        pool().awaitReclaim();
        Pool again = reopen();
        Volume clone = again.volume(new Ref("clone", null));
        assertContent(clone, f, content(1));
        write(clone, f, 0, content(2));
        again.delete(List.of(new Ref("clone", null)));
        again.awaitReclaim();
        assertEquals(1, again.list().size());
    }

    @Test
    default void clonesOfClonesKeepEachStage() throws IOException {
        int depth = 12;
        long f = file(main(), "f");
        String at = "main";
        for (int i = 0; i < depth; i++) {
            write(pool().volume(new Ref(at, null)), f, i * 3000L, pattern(i, 3000));
            pool().snapshot(new Ref(at, "stage"));
            pool().cloneSubvolume(new Ref(at, "stage"), "clone" + i);
            at = "clone" + i;
        }
        Pool again = reopen();
        for (int i = 0; i < depth; i++) {
            Volume stage = again.volume(new Ref(i == 0 ? "main" : "clone" + (i - 1), "stage"));
            assertEquals((i + 1) * 3000L, stage.getAttributes(f).sizeBytes());
            for (int j = 0; j <= i; j++) {
                byte[] found = VolumeFixture.read(stage, f, j * 3000L, 3000);
                assertArrayEquals(pattern(j, 3000), found);
            }
        }
    }

    @Test
    default void manySnapshotsEachKeepTheirState() throws IOException {
        Volume main = main();
        long f = file(main, "f");
        for (int i = 0; i < 60; i++) {
            write(main, f, (i % 7) * 4000L, pattern(i, 6000));
            file(main, "f" + i);
            pool().snapshot(new Ref("main", "s" + i));
        }
        List<Ref> even = new ArrayList<>();
        for (int i = 0; i < 60; i += 2) {
            even.add(new Ref("main", "s" + i));
        }
        pool().delete(even);
        pool().awaitReclaim();
        Pool again = reopen();
        byte[] expected = new byte[30_000];
        for (int i = 0; i < 60; i++) {
            System.arraycopy(pattern(i, 6000), 0, expected, (i % 7) * 4000, 6000);
            Ref ref = new Ref("main", "s" + i);
            if (i % 2 == 0) {
                assertFails(ErrorKind.NOT_FOUND, () -> again.volume(ref));
                continue;
            }
            Volume snapshot = again.volume(ref);
            assertEquals(i + 2, names(snapshot, ROOT).size());
            int size = Math.min(30_000, Math.toIntExact(snapshot.getAttributes(f).sizeBytes()));
            assertContent(snapshot, f, Arrays.copyOf(expected, size));
        }
    }

    @Test
    default void anUnlinkedFileThatIsHeldIsNoPartOfAClone() throws IOException {
        Volume main = main();
        long f = file(main, "f");
        write(main, f, 0, content(1));
        main.hold(f);
        main.unlink(ROOT, name("f"));
        pool().cloneSubvolume(Ref.MAIN, "clone");
        Volume clone = pool().volume(new Ref("clone", null));
        assertEquals(List.of(), names(clone, ROOT));
        assertContent(main, f, content(1));
        main.release(f, 1);
        Volume again = reopen().volume(new Ref("clone", null));
        assertFails(ErrorKind.NOT_FOUND, () -> again.getAttributes(f));
    }

    @Test
    default void aReaderOfADeletedSnapshotGetsItsBytesOrAnError() throws IOException {
        byte[] old = pattern(1, 1 << 20);
        Volume main = main();
        long f = file(main, "f");
        write(main, f, 0, old);
        long d = directory(main, ROOT, "d");
        for (int i = 0; i < 500; i++) {
            file(main, d, "entry" + i);
        }
        pool().snapshot(SNAPSHOT);
        Volume snapshot = pool().volume(SNAPSHOT);
        write(main, f, 0, pattern(2, old.length));
        CountDownLatch reading = new CountDownLatch(ConcurrencyContract.THREADS - 1);
        ConcurrencyContract.together(
                thread -> {
                    if (thread == 0) {
                        await(reading);
                        pool().delete(List.of(SNAPSHOT));
                        pool().awaitReclaim();
                        for (int i = 3; i < 8; i++) {
                            write(main, f, 0, pattern(i, old.length)); // on what came back
                        }
                        return;
                    }
                    CowException end =
                            assertThrows(
                                    CowException.class,
                                    () -> {
                                        while (true) {
                                            assertArrayEquals(old, readAll(snapshot, f));
                                            assertEquals(500, names(snapshot, d).size());
                                            reading.countDown();
                                        }
                                    });
                    assertEquals(ErrorKind.NOT_FOUND, end.kind());
                });
        assertContent(main, f, pattern(7, old.length));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(ConcurrencyContract.TIMEOUT_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    default void numbersOfTreesAndInodesAreNeverUsedAgain() throws IOException {
        Set<Long> trees = new HashSet<>(Set.of(main().treeId()));
        Set<Long> inodes = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            assertTrue(trees.add(pool().snapshot(SNAPSHOT).treeId()));
            assertTrue(trees.add(pool().cloneSubvolume(SNAPSHOT, "clone").treeId()));
            Volume clone = pool().volume(new Ref("clone", null));
            long made = file(clone, "made");
            assertTrue(inodes.stream().allMatch(each -> each < made), "made in main before");
            clone.unlink(ROOT, name("made"));
            assertTrue(file(clone, "again") > made);
            long f = file(main(), "f");
            assertTrue(inodes.add(f));
            main().unlink(ROOT, name("f"));
            pool().delete(List.of(new Ref("clone", null), SNAPSHOT));
            reopen();
        }
    }
}
