package cowfs.model;

import static cowfs.model.PoolContract.SNAPSHOT;
import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.RollbackReport;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What setting a subvolume back to one of its snapshots does, for a class that says what pool it
/// is tried on.
public interface RollbackContract {
    /// The pool of the running test: a new one with an empty `main` for each.
    Pool pool() throws IOException;

    /// Closes the pool, opens it again and returns it.
    Pool reopen() throws IOException;

    private Volume main() throws IOException {
        return pool().volume(Ref.MAIN);
    }

    private static List<String> sorted(Volume volume) throws IOException {
        return names(volume, ROOT).stream().sorted().toList();
    }

    private List<String> listed() throws IOException {
        return pool().list().stream().map(info -> info.ref().toString()).toList();
    }

    private SubvolumeInfo infoOfMain() throws IOException {
        return pool().list().getFirst();
    }

    @Test
    default void theContentIsThatOfTheSnapshotAndNewerSnapshotsStay() throws IOException {
        long f = file(main(), "f");
        write(main(), f, 0, pattern(1, 40_000));
        directory(main(), ROOT, "d");
        pool().snapshot(SNAPSHOT);
        write(main(), f, 10_000, pattern(2, 10_000));
        main().removeDirectory(ROOT, name("d"));
        file(main(), "new");
        pool().snapshot(Ref.parse("main@newer"));
        main().unlink(ROOT, name("f"));
        long id = infoOfMain().treeId();

        Ref kept = Ref.parse("main@before");
        RollbackReport report = pool().rollback(SNAPSHOT, kept);

        assertEquals(List.of("d", "f"), sorted(main()));
        assertContent(main(), inodeOf(main(), "f"), pattern(1, 40_000));
        assertEquals(id, infoOfMain().treeId());
        assertEquals(kept, report.kept());
        assertEquals(List.of("main", "main@one", "main@newer", kept.toString()), listed());
        assertEquals(List.of("new"), sorted(pool().volume(kept)));
        assertEquals(List.of("f", "new"), sorted(pool().volume(Ref.parse("main@newer"))));
        reopen();
        assertEquals(List.of("d", "f"), sorted(main()));
        assertEquals(List.of("new"), sorted(pool().volume(kept)));
        write(main(), inodeOf(main(), "f"), 0, pattern(3, 5000));
        assertContent(
                pool().volume(SNAPSHOT), inodeOf(pool().volume(SNAPSHOT), "f"), pattern(1, 40_000));
    }

    @Test
    default void theStateBeforeCanBeRolledBackToInTurn() throws IOException {
        file(main(), "first");
        pool().snapshot(SNAPSHOT);
        file(main(), "second");
        Ref kept = Ref.parse("main@kept");
        pool().rollback(SNAPSHOT, kept);
        file(main(), "third");
        Ref keptAgain = Ref.parse("main@again");
        pool().rollback(kept, keptAgain);
        assertEquals(List.of("first", "second"), sorted(main()));
        assertEquals(List.of("first", "third"), sorted(pool().volume(keptAgain)));
    }

    @Test
    default void theStateBeforeCanBeDiscarded() throws IOException {
        pool().snapshot(SNAPSHOT);
        write(main(), file(main(), "large"), 0, pattern(1, 3_000_000));
        pool().sync();
        long used = pool().info().dataBytes();
        assertNull(pool().rollback(SNAPSHOT, null).kept());
        pool().awaitReclaim();
        assertEquals(List.of("main", "main@one"), listed());
        assertEquals(List.of(), sorted(main()));
        assertTrue(pool().info().dataBytes() <= used - 2_900_000, "its space is back");
        file(main(), "again");
        assertNull(pool().rollback(SNAPSHOT, null).kept());
        pool().awaitReclaim();
    }

    @Test
    default void numbersOfInodesAreNotUsedAgain() throws IOException {
        pool().snapshot(SNAPSHOT);
        long before = file(main(), "before");
        pool().rollback(SNAPSHOT, null);
        long after = file(main(), "after");
        assertTrue(after > before, after + " comes after " + before);
        reopen();
        pool().rollback(SNAPSHOT, null);
        assertTrue(file(main(), "last") > after);
    }

    @Test
    default void whatWasOpenIsStaleAndChangesNothing() throws IOException {
        Volume old = main();
        long f = file(old, "f");
        write(old, f, 0, pattern(1, 5000));
        pool().snapshot(SNAPSHOT);
        old.hold(f);
        old.unlink(ROOT, name("f"));
        pool().rollback(SNAPSHOT, Ref.parse("main@kept"));
        assertFails(ErrorKind.STALE, () -> old.getAttributes(ROOT));
        assertFails(ErrorKind.STALE, () -> write(old, f, 0, pattern(2, 100)));
        assertFails(ErrorKind.STALE, () -> file(old, "new"));
        assertContent(main(), f, pattern(1, 5000));
        assertEquals(List.of("f"), sorted(main()));
    }

    @Test
    default void onlySnapshotsOfTheSubvolumeCanBeRolledBackTo() throws IOException {
        pool().snapshot(SNAPSHOT);
        assertFails(ErrorKind.INVALID, () -> pool().rollback(Ref.MAIN, null));
        assertFails(ErrorKind.NOT_FOUND, () -> pool().rollback(Ref.parse("main@two"), null));
        assertFails(ErrorKind.NOT_FOUND, () -> pool().rollback(Ref.parse("none@one"), null));
        assertFails(ErrorKind.EXISTS, () -> pool().rollback(SNAPSHOT, SNAPSHOT));
        assertEquals(List.of("main", "main@one"), listed());
    }

    @Test
    default void clonesAndSnapshotsOfARolledBackSubvolumeGoTheirOwnWay() throws IOException {
        long f = file(main(), "f");
        write(main(), f, 0, pattern(1, 20_000));
        pool().snapshot(SNAPSHOT);
        pool().cloneSubvolume(Ref.MAIN, "clone");
        write(main(), f, 0, pattern(2, 20_000));
        pool().rollback(SNAPSHOT, null);
        pool().snapshot(Ref.parse("main@after"));
        write(main(), f, 0, pattern(3, 10_000));
        pool().delete(List.of(SNAPSHOT));
        pool().awaitReclaim();
        assertContent(pool().volume(Ref.parse("main@after")), f, pattern(1, 20_000));
        assertContent(pool().volume(Ref.parse("clone")), f, pattern(1, 20_000));
    }
}
