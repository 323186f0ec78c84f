package cowfs.model;

import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.symlink;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Tests of making, removing and reading directories.
public interface DirectoryContract extends VolumeFixture {
    record Seen(String name, long inode, int type, long cookie) {}

    /// Up to `limit` entries above a cookie.
    static List<Seen> entries(Volume volume, long directory, long cookie, int limit)
            throws IOException {
        List<Seen> seen = new ArrayList<>();
        volume.readDirectory(
                directory,
                cookie,
                (name, inode, type, at) -> {
                    if (seen.size() == limit) {
                        return false;
                    }
                    seen.add(new Seen(new String(name, StandardCharsets.UTF_8), inode, type, at));
                    return true;
                });
        return seen;
    }

    @Test
    default void subdirectoriesCountAsLinksOfTheirParent() throws IOException {
        Volume volume = volume();
        long a = directory(volume, ROOT, "a");
        directory(volume, ROOT, "b");
        file(volume, "f");
        assertEquals(4, volume.getAttributes(ROOT).linkCount());
        assertEquals(3, volume.getAttributes(ROOT).sizeBytes());
        assertEquals(2, volume.getAttributes(a).linkCount());
        assertEquals(ROOT, volume.getParent(a));
        volume.removeDirectory(ROOT, name("b"));
        assertEquals(3, volume.getAttributes(ROOT).linkCount());
        assertEquals(2, reopen().getAttributes(ROOT).sizeBytes());
        assertEquals(3, volume().getAttributes(ROOT).linkCount());
    }

    @Test
    default void onlyAnEmptyDirectoryIsRemoved() throws IOException {
        Volume volume = volume();
        long a = directory(volume, ROOT, "a");
        file(volume, a, "f");
        assertFails(ErrorKind.NOT_EMPTY, () -> volume.removeDirectory(ROOT, name("a")));
        volume.unlink(a, name("f"));
        directory(volume, a, "b");
        assertFails(ErrorKind.NOT_EMPTY, () -> volume.removeDirectory(ROOT, name("a")));
        volume.removeDirectory(a, name("b"));
        volume.removeDirectory(ROOT, name("a"));
        assertEquals(List.of(), names(volume, ROOT));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(a));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.removeDirectory(ROOT, name("a")));
    }

    @Test
    default void removingUsesTheCallForTheType() throws IOException {
        Volume volume = volume();
        long file = file(volume, "f");
        directory(volume, ROOT, "d");
        symlink(volume, "s", "d");
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> volume.removeDirectory(ROOT, name("f")));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> volume.removeDirectory(ROOT, name("s")));
        assertFails(ErrorKind.IS_A_DIRECTORY, () -> volume.unlink(ROOT, name("d")));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.unlink(ROOT, name("missing")));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> volume.unlink(file, name("x")));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> volume.removeDirectory(file, name("x")));
        assertEquals(3, names(volume, ROOT).size());
    }

    @Test
    default void anInodeNumberIsNeverUsedAgain() throws IOException {
        Volume volume = volume();
        Set<Long> used = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            assertTrue(used.add(file(volume, "f")), "inode number used again");
            volume.unlink(ROOT, name("f"));
            if (i % 5 == 4) {
                volume = reopen();
            }
        }
    }

    @Test
    default void readingReportsEveryEntryWithItsInodeAndType() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        long f = file(volume, d, "f");
        long e = directory(volume, d, "e");
        Map<String, Seen> seen = new HashMap<>();
        List<Seen> entries = entries(volume, d, 0, 100);
        entries.forEach(entry -> seen.put(entry.name(), entry));
        assertEquals(4, entries.size());
        assertEquals(".", entries.get(0).name());
        assertEquals("..", entries.get(1).name());
        assertEquals(d, seen.get(".").inode());
        assertEquals(ROOT, seen.get("..").inode());
        assertEquals(f, seen.get("f").inode());
        assertEquals(e, seen.get("e").inode());
        assertEquals(Attributes.REGULAR, seen.get("f").type());
        assertEquals(Attributes.DIRECTORY, seen.get("e").type());
        assertEquals(Attributes.DIRECTORY, seen.get("..").type());
        long before = 0;
        for (Seen entry : entries) {
            assertTrue(entry.cookie() > before, "cookies rise from 1: " + entries);
            before = entry.cookie();
        }
    }

    @Test
    default void readingResumesAfterAnyCookie() throws IOException {
        Volume volume = volume();
        for (int i = 0; i < 50; i++) {
            file(volume, "f" + i);
        }
        List<Seen> all = entries(volume, ROOT, 0, 1000);
        assertEquals(52, all.size());
        for (int i = 0; i < all.size(); i++) {
            long cookie = all.get(i).cookie();
            assertEquals(all.subList(i + 1, all.size()), entries(volume, ROOT, cookie, 1000));
        }
        List<Seen> inSteps = new ArrayList<>();
        long cookie = 0;
        for (List<Seen> step = entries(volume, ROOT, cookie, 7);
                !step.isEmpty();
                step = entries(volume, ROOT, cookie, 7)) {
            inSteps.addAll(step);
            cookie = step.getLast().cookie();
        }
        assertEquals(all, inSteps);
    }

    @Test
    default void readingIsStableWhileNamesComeAndGo() throws IOException {
        Volume volume = volume();
        for (int i = 0; i < 300; i++) {
            file(volume, "stay" + i);
            file(volume, "go" + i);
        }
        List<String> seen = new ArrayList<>();
        Set<String> removed = new HashSet<>();
        long cookie = 0;
        int round = 0;
        for (List<Seen> step = entries(volume, ROOT, cookie, 10);
                !step.isEmpty();
                step = entries(volume, ROOT, cookie, 10)) {
            for (Seen entry : step) {
                seen.add(entry.name());
                if (entry.name().startsWith("go")) {
                    volume.unlink(ROOT, name(entry.name()));
                    removed.add(entry.name());
                }
            }
            cookie = step.getLast().cookie();
            if (round < 40) {
                file(volume, "new" + round++);
            }
        }
        assertEquals(seen.size(), new HashSet<>(seen).size(), "an entry was reported twice");
        for (int i = 0; i < 300; i++) {
            assertTrue(seen.contains("stay" + i), "not reported: stay" + i);
        }
        assertEquals(300, removed.size());
        assertEquals(300 + round, names(volume, ROOT).size());
    }

    @Test
    default void aCookieOutlivesItsEntryAndReopening() throws IOException {
        Volume volume = volume();
        for (int i = 0; i < 30; i++) {
            file(volume, "f" + i);
        }
        List<Seen> all = entries(volume, ROOT, 0, 1000);
        for (int i = 0; i <= 16; i++) {
            if (i >= 2) {
                volume.unlink(ROOT, name(all.get(i).name()));
            }
        }
        volume = reopen();
        assertEquals(
                all.subList(17, all.size()), entries(volume, ROOT, all.get(16).cookie(), 1000));
    }

    @Test
    default void aVisitorThatFailsEndsTheReading() throws IOException {
        Volume volume = volume();
        IOException failure = new IOException("the visitor's own");
        assertSame(
                failure,
                assertThrows(
                        IOException.class,
                        () ->
                                volume.readDirectory(
                                        ROOT,
                                        0,
                                        (name, inode, type, cookie) -> {
                                            throw failure;
                                        })));
        file(volume, "f");
        assertEquals(List.of("f"), names(volume, ROOT));
    }

    @Test
    default void onlyADirectoryIsRead() throws IOException {
        Volume volume = volume();
        long file = file(volume, "f");
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> entries(volume, file, 0, 10));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> volume.getParent(file));
    }

    @Test
    default void tenThousandEntriesComeBackAndGo() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        Map<String, Long> made = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            made.put("entry-" + i, file(volume, d, "entry-" + i));
        }
        volume = reopen();
        assertEquals(10_000, volume.getAttributes(d).sizeBytes());
        Map<String, Long> found = new HashMap<>();
        for (Seen entry : entries(volume, d, 0, 20_000)) {
            found.put(entry.name(), entry.inode());
        }
        found.remove(".");
        found.remove("..");
        assertEquals(made, found);
        for (int i = 0; i < 10_000; i++) {
            if (i % 100 != 0) {
                volume.unlink(d, name("entry-" + i));
            }
        }
        assertEquals(100, names(volume, d).size());
        assertEquals(made.get("entry-9900"), inodeOf(volume, "d", "entry-9900"));
        assertFails(ErrorKind.NOT_FOUND, () -> inodeOf(volume(), "d", "entry-9901"));
        for (int i = 0; i < 10_000; i += 100) {
            volume.unlink(d, name("entry-" + i));
        }
        volume.removeDirectory(ROOT, name("d"));
    }

    @Test
    default void directoriesNestAThousandDeep() throws IOException {
        Volume volume = volume();
        long at = ROOT;
        for (int i = 0; i < 1000; i++) {
            at = directory(volume, at, "d");
        }
        file(volume, at, "bottom");
        volume = reopen();
        long below = ROOT;
        for (int i = 0; i < 1000; i++) {
            below = volume.lookup(below, name("d")).inode();
        }
        assertEquals(at, below);
        assertEquals(List.of("bottom"), names(volume, below));
    }

    @Test
    default void attributesComeWithEntries() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        for (int i = 0; i < 700; i++) {
            long f = volume.create(d, name("file-" + i), NewInode.regular(0600, i, 7)).inode();
            if (i % 3 == 0) {
                directory(volume, d, "directory-" + i);
            }
            if (i % 5 == 0) {
                volume.link(f, d, name("link-" + i));
            }
        }
        for (int expected : new int[] {0, 1, 3, 100, 100_000}) {
            Map<String, Attributes> found = new TreeMap<>();
            List<Long> cookies = new ArrayList<>();
            volume.readDirectoryWithAttributes(
                    d,
                    0,
                    expected,
                    (name, attributes, cookie) -> {
                        cookies.add(cookie);
                        return found.put(ModelTree.text(name), attributes) == null;
                    });
            List<Long> plain = new ArrayList<>();
            volume.readDirectory(
                    d, 0, (name, inode, type, cookie) -> plain.add(cookie) && inode > 0);
            assertEquals(plain, cookies);
            assertEquals(volume.getAttributes(d), found.remove("."));
            assertEquals(volume.getAttributes(ROOT), found.remove(".."));
            assertEquals(700 + 234 + 140, found.size());
            for (Map.Entry<String, Attributes> each : found.entrySet()) {
                assertEquals(volume.lookup(d, name(each.getKey())), each.getValue());
            }
        }
    }

    @Test
    default void readingWithAttributesGoesOnAfterACookie() throws IOException {
        Volume volume = volume();
        for (int i = 0; i < 300; i++) {
            file(volume, "file-" + i);
        }
        List<String> all = new ArrayList<>();
        long[] last = {0};
        int before;
        do {
            before = all.size();
            int stop = before + 17;
            volume.readDirectoryWithAttributes(
                    ROOT,
                    last[0],
                    17,
                    (name, attributes, cookie) -> {
                        if (all.size() == stop) {
                            return false;
                        }
                        last[0] = cookie;
                        return all.add(ModelTree.text(name));
                    });
        } while (all.size() > before);
        assertEquals(302, all.size());
        assertEquals(302, Set.copyOf(all).size());
        long f = file(volume, "f");
        assertFails(
                ErrorKind.NOT_A_DIRECTORY,
                () -> volume.readDirectoryWithAttributes(f, 0, 9, (n, a, c) -> true));
    }
}
