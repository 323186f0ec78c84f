package cowfs.dir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.CorruptException;
import cowfs.file.Volume;
import cowfs.format.NameHash;
import cowfs.fs.TreeFixture;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The way back from inodes to names, and up the tree of directories.
final class InodeRefsTest {
    private static final byte[] NAME = "name".getBytes(UTF_8);

    private TreeFixture fixture;
    private InodeRefs refs;

    @BeforeEach
    void open() throws IOException {
        fixture = new TreeFixture(4096, 1, 64 << 20);
        fixture.expectDamage();
        refs = new InodeRefs(fixture.tree(), new NameHash(fixture.tree().nameSeed()));
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Test
    void eachNameOfAnInodeHasItsRef() throws IOException {
        put(50, 10, NAME);
        put(50, 11, NAME);
        put(50, 10, "other".getBytes(UTF_8));
        long ref = fixture.tree().read(t -> refs.get(t, 50, 11, NAME));
        fixture.tree()
                .change(
                        1,
                        change -> {
                            refs.remove(change, 50, ref);
                            return ref;
                        });
        assertThrows(
                CorruptException.class, () -> fixture.tree().read(t -> refs.get(t, 50, 11, NAME)));
        assertTrue(fixture.tree().read(t -> refs.get(t, 50, 10, NAME)) > 0);
    }

    @Test
    void belowMeansAnywhereBelow() throws IOException {
        put(20, Volume.ROOT_INODE, NAME);
        for (long inode = 21; inode < 60; inode++) {
            put(inode, inode - 1, NAME);
        }
        put(70, Volume.ROOT_INODE, NAME);
        assertTrue(isBelow(59, 20));
        assertTrue(isBelow(59, Volume.ROOT_INODE));
        assertTrue(isBelow(20, 20));
        assertFalse(isBelow(20, 59));
        assertFalse(isBelow(59, 70));
        assertFalse(isBelow(Volume.ROOT_INODE, 20));
    }

    @Test
    void aCircleIsDamageAndNotAnEndlessWalk() throws IOException {
        for (long inode = 20; inode < 30; inode++) {
            put(inode, inode == 29 ? 22 : inode + 1, NAME);
        }
        put(40, 40, NAME);
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> {
                    assertThrows(CorruptException.class, () -> isBelow(20, 99));
                    assertThrows(CorruptException.class, () -> isBelow(25, 99));
                    assertThrows(CorruptException.class, () -> isBelow(40, 99));
                });
    }

    @Test
    void theRootIsItsOwnParent() throws IOException {
        long parent = fixture.tree().read(t -> refs.getParent(t, Volume.ROOT_INODE));
        assertEquals(Volume.ROOT_INODE, parent);
    }

    private boolean isBelow(long directory, long ancestor) throws IOException {
        return fixture.tree().read(t -> refs.isBelow(t, directory, ancestor));
    }

    private void put(long inode, long parent, byte[] name) throws IOException {
        fixture.tree()
                .change(
                        1,
                        change -> {
                            long place = refs.getFree(change.tree(), inode, parent, name);
                            refs.put(change, inode, place, parent, name);
                            return place;
                        });
    }
}
