package cowfs.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What a bookmark is made of, what it outlives and what it goes with.
final class BookmarksTest {
    private static final long SIZE_BYTES = 64 << 20;
    private static final Ref MONDAY = new Ref("main", "monday");

    private MemoryDevice device = new MemoryDevice(SIZE_BYTES);

    @BeforeEach
    void format() throws IOException {
        Images.format(device, FormatOptions.ofSize(SIZE_BYTES));
    }

    private Pool open() throws IOException {
        device = device.copy();
        return Images.open(device, OpenOptions.DEFAULTS);
    }

    private void check() throws IOException {
        assertEquals(List.of(), Images.check(device.copy(), (done, total) -> {}).findings());
    }

    private static void make(Pool pool, String name) throws IOException {
        pool.volume(Ref.MAIN)
                .create(Volume.ROOT_INODE, name.getBytes(UTF_8), NewInode.regular(0644, 0, 0));
    }

    private static List<String> names(Pool pool) throws IOException {
        return pool.bookmarks().stream().map(each -> each.ref().toString()).toList();
    }

    private static void assertRefused(ErrorKind kind, Executable body) {
        assertEquals(kind, assertThrows(CowException.class, body).kind());
    }

    @Test
    void aBookmarkOutlivesItsSnapshotAndAReopen() throws IOException {
        BookmarkInfo made;
        try (Pool pool = open()) {
            make(pool, "file");
            SubvolumeInfo snapshot = pool.snapshot(MONDAY);
            made = pool.createBookmark(MONDAY, "monday");
            assertEquals(snapshot.uuid(), made.snapshot());
            assertEquals(snapshot.createdTxg(), made.txg());
            assertEquals(snapshot.created(), made.created());
            pool.delete(List.of(MONDAY));
        }
        check();
        try (Pool pool = open()) {
            assertEquals(List.of(made), pool.bookmarks());
            pool.deleteBookmarks(List.of(made.ref()));
            assertEquals(List.of(), pool.bookmarks());
        }
        check();
    }

    @Test
    void aSubvolumeTakesItsBookmarksWithIt() throws IOException {
        try (Pool pool = open()) {
            pool.createSubvolume("work");
            Ref snapshot = pool.snapshot(Ref.parse("work@a")).ref();
            pool.createBookmark(snapshot, "a");
            pool.createBookmark(snapshot, "b");
            pool.renameSubvolume("work", "play");
            assertEquals(List.of("play#a", "play#b"), names(pool));
            pool.delete(List.of(Ref.parse("play@a"), Ref.parse("play")));
            assertEquals(List.of(), names(pool));
        }
        check();
    }

    @Test
    void whatCanBeNoBaseIsNotBookmarked() throws IOException {
        try (Pool pool = open()) {
            make(pool, "secret");
            pool.snapshot(MONDAY);
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            pool.streams().send(SendRequest.of(MONDAY), stream);
            pool.streams().receive("copy", new ByteArrayInputStream(stream.toByteArray()));
            assertRefused(
                    ErrorKind.UNSUPPORTED,
                    () -> pool.createBookmark(Ref.parse("copy@monday"), "monday"));
            pool.createBookmark(MONDAY, "before");
            pool.purge(FilePath.of("/secret"), List.of(MONDAY));
            assertRefused(ErrorKind.UNSUPPORTED, () -> pool.createBookmark(MONDAY, "after"));
            assertRefused(ErrorKind.INVALID, () -> pool.createBookmark(Ref.MAIN, "live"));
            assertEquals(List.of("main#before"), names(pool));
        }
        check();
    }

    @Test
    void aRollbackEndsTheUseOfEarlierBookmarks() throws IOException {
        try (Pool pool = open()) {
            pool.snapshot(MONDAY);
            make(pool, "file");
            Ref tuesday = pool.snapshot(new Ref("main", "tuesday")).ref();
            BookmarkRef before = pool.createBookmark(tuesday, "tuesday").ref();
            Ref kept = new Ref("main", "kept");
            pool.rollback(MONDAY, kept);
            BookmarkRef keptBefore = pool.createBookmark(kept, "kept").ref();
            Ref first = pool.snapshot(new Ref("main", "first")).ref();
            BookmarkRef after = pool.createBookmark(first, "first").ref();
            Ref second = pool.snapshot(new Ref("main", "second")).ref();
            for (BookmarkRef each : List.of(before, keptBefore)) {
                assertRefused(ErrorKind.INVALID, () -> send(pool, second, each));
            }
            assertRefused(ErrorKind.INVALID, () -> send(pool, MONDAY, before));
            assertRefused(ErrorKind.INVALID, () -> send(pool, first, after));
            send(pool, kept, before);
            send(pool, second, after);
        }
    }

    private static void send(Pool pool, Ref snapshot, BookmarkRef bookmark) throws IOException {
        pool.streams().send(SendRequest.of(snapshot, bookmark), OutputStream.nullOutputStream());
    }

    @Test
    void namesAreTakenOnceAndAreNames() throws IOException {
        try (Pool pool = open()) {
            pool.snapshot(MONDAY);
            pool.createBookmark(MONDAY, "one");
            assertRefused(ErrorKind.EXISTS, () -> pool.createBookmark(MONDAY, "one"));
            for (String bad : List.of("", "a#b", "a@b", "a/b", "..", "a:b")) {
                assertRefused(ErrorKind.INVALID, () -> pool.createBookmark(MONDAY, bad));
            }
            List<BookmarkRef> oneIsNotThere =
                    List.of(BookmarkRef.parse("main#one"), BookmarkRef.parse("main#two"));
            assertRefused(ErrorKind.NOT_FOUND, () -> pool.deleteBookmarks(oneIsNotThere));
            assertEquals(List.of("main#one"), names(pool));
        }
        check();
    }

    @Test
    void aSubvolumeHasOnlySoManyBookmarks() throws IOException {
        try (Pool pool = open()) {
            pool.snapshot(MONDAY);
            for (int i = 0; i < 1000; i++) {
                pool.createBookmark(MONDAY, "b" + i);
            }
            assertRefused(ErrorKind.NO_SPACE, () -> pool.createBookmark(MONDAY, "more"));
            pool.deleteBookmarks(List.of(BookmarkRef.parse("main#b500")));
            pool.createBookmark(MONDAY, "more");
        }
        check();
    }
}
