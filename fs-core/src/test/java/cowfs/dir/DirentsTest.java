package cowfs.dir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.format.DirentItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.fs.TreeFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Directory entries whose names collide, and reading in the order of cookies. The directories here
/// have no inode: the room knows none.
final class DirentsTest {
    private static final long DIRECTORY = 77;
    private static final int FILE = 0100644;
    private static final byte[] NAME = "name".getBytes(UTF_8);

    private TreeFixture fixture;
    private NameHash hash;
    private Dirents dirents;

    @BeforeEach
    void open() throws IOException {
        fixture = new TreeFixture(4096, 1, 64 << 20);
        fixture.expectDamage();
        hash = new NameHash(fixture.tree().nameSeed());
        dirents = new Dirents(fixture.tree(), hash);
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Test
    void aNameGoesToTheFirstFreePlaceBehindItsHash() throws IOException {
        collide(0, "other", 5);
        collide(1, "another", 6);
        collide(3, "third", 7);
        long first = hash.offset(NAME);
        assertEquals(new Entry(first + 2, 0, 0), find(NAME));
        insert(NAME, 8);
        assertEquals(new Entry(first + 2, 8, FILE & 0170000), find(NAME));
        remove(first);
        assertEquals(8, find(NAME).child(), "found behind a gap");
    }

    @Test
    void aNameIsComparedInFull() throws IOException {
        collide(0, "nam", 5);
        collide(1, "namE", 6);
        collide(2, "name ", 7);
        assertFalse(find(NAME).exists());
    }

    @Test
    void aFreePlaceIsForNamesThatDoNotExist() throws IOException {
        insert(NAME, 8);
        assertEquals(
                ErrorKind.EXISTS,
                assertThrows(
                                CowException.class,
                                () -> fixture.tree().read(t -> dirents.getFree(t, DIRECTORY, NAME)))
                        .kind());
    }

    @Test
    void theHashOfADirectoryCanRunFull() throws IOException {
        for (int from = 0; from <= NameHash.MAX_DISAMBIGUATOR; from += 4096) {
            int start = from;
            fixture.tree()
                    .change(
                            4096,
                            change -> {
                                byte[] item = DirentItem.of(9, FILE, new byte[] {'x'});
                                for (int i = start; i < start + 4096; i++) {
                                    change.tree()
                                            .put(
                                                    DIRECTORY,
                                                    ItemKind.DIRENT.number(),
                                                    hash.offset(NAME) + i,
                                                    item);
                                }
                                return start;
                            });
        }
        CowException e =
                assertThrows(
                        CowException.class,
                        () -> fixture.tree().read(t -> dirents.getFree(t, DIRECTORY, NAME)));
        assertEquals(ErrorKind.NO_SPACE, e.kind());
    }

    @Test
    void readingReportsEachEntryOnceInTheOrderOfCookies() throws IOException {
        for (int i = 0; i < 1000; i++) {
            insert(("n" + i).getBytes(UTF_8), 100 + i);
        }
        DirectoryReader reader = new DirectoryReader(fixture.tree(), dirents);
        List<Long> cookies = new ArrayList<>();
        List<String> names = new ArrayList<>();
        reader.read(
                DIRECTORY,
                5,
                0,
                (name, inode, type, cookie) -> {
                    names.add(new String(name, UTF_8));
                    return cookies.add(cookie);
                });
        assertEquals(1002, names.size());
        assertEquals(List.of(".", ".."), names.subList(0, 2));
        assertEquals(List.of(1L, 2L), cookies.subList(0, 2));
        for (int i = 1; i < cookies.size(); i++) {
            assertTrue(cookies.get(i) > cookies.get(i - 1));
        }
        assertEquals(1002, names.stream().distinct().count());
    }

    @Test
    void directoryIsEmptyWhateverItsNeighboursHold() throws IOException {
        fixture.tree()
                .change(
                        2,
                        change -> {
                            byte[] item = DirentItem.of(9, FILE, NAME);
                            int kind = ItemKind.DIRENT.number();
                            change.tree().put(DIRECTORY - 1, kind, 1 << 20, item);
                            change.tree().put(DIRECTORY + 1, kind, 1 << 20, item);
                            return kind;
                        });
        assertTrue(isEmpty());
        insert(NAME, 4);
        assertFalse(isEmpty());
    }

    private boolean isEmpty() throws IOException {
        return fixture.tree().read(t -> dirents.isEmpty(t, DIRECTORY));
    }

    private Entry find(byte[] name) throws IOException {
        return fixture.tree().read(t -> dirents.find(t, DIRECTORY, name));
    }

    private void insert(byte[] name, long child) throws IOException {
        fixture.tree()
                .change(
                        1,
                        change -> {
                            Entry place = dirents.getFree(change.tree(), DIRECTORY, name);
                            dirents.put(change, DIRECTORY, place, name, child, FILE);
                            return place;
                        });
    }

    private void remove(long offset) throws IOException {
        fixture.tree()
                .change(
                        1,
                        change -> {
                            dirents.remove(change, DIRECTORY, new Entry(offset, 1, 0));
                            return offset;
                        });
    }

    /// Puts another name where {@link #NAME} would go.
    private void collide(int disambiguator, String name, long child) throws IOException {
        byte[] item = DirentItem.of(child, FILE, name.getBytes(UTF_8));
        long offset = hash.offset(NAME) + disambiguator;
        fixture.tree()
                .change(
                        1,
                        change -> {
                            change.tree().put(DIRECTORY, ItemKind.DIRENT.number(), offset, item);
                            return offset;
                        });
    }
}
