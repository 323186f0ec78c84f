package cowfs.model;

import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// A comparison of a whole subvolume or snapshot with the model's: names, types, attributes, times,
/// contents, holes, symlink targets, extended attributes, and which names are one inode.
///
/// Fails with an {@link AssertionError} that names the place and what differs.
final class TreeComparison {
    private final ModelVolume expected;
    private final Volume actual;
    private final StepClock clock;
    private final Map<Long, Long> actualOfExpected = new HashMap<>();
    private final Map<Long, Long> expectedOfActual = new HashMap<>();

    private record Pair(String path, long expected, long actual) {}

    private record Entry(long inode, int type) {}

    TreeComparison(ModelVolume expected, Volume actual, StepClock clock) {
        this.expected = expected;
        this.actual = actual;
        this.clock = clock;
    }

    /// Compares everything that has a name.
    void compareAll() throws IOException {
        Deque<Pair> todo = new ArrayDeque<>();
        String root = expected.name() + ":/";
        todo.add(new Pair(root, Volume.ROOT_INODE, Volume.ROOT_INODE));
        while (!todo.isEmpty()) {
            Pair pair = todo.removeLast();
            Long known = actualOfExpected.put(pair.expected(), pair.actual());
            Long knownBack = expectedOfActual.put(pair.actual(), pair.expected());
            require(pair.path(), "new inode (or hard link)", known == null, knownBack == null);
            if (known != null) {
                require(pair.path(), "inode of a hard link", known, pair.actual());
                continue;
            }
            compareInode(pair.path(), pair.expected(), pair.actual());
            if (expected.getAttributes(pair.expected()).isDirectory()) {
                compareEntries(pair, todo);
            }
        }
        require(root, "read-only", expected.readOnly(), actual.readOnly());
    }

    /// Compares one inode, which may be unlinked and held.
    void compareInode(String path, long expectedInode, long actualInode) throws IOException {
        Attributes wanted = expected.getAttributes(expectedInode);
        Attributes found = actual.getAttributes(actualInode);
        require(path, "inode number", actualInode, found.inode());
        require(path, "attributes", Step.text(wanted), Step.text(found));
        requireTime(path, "modification time", wanted.modified(), found.modified());
        requireTime(path, "change time", wanted.changed(), found.changed());
        requireTime(path, "birth time", wanted.born(), found.born());
        requireTime(path, "access time", wanted.accessed(), found.accessed());
        compareXattrs(path, expectedInode, actualInode);
        if (wanted.isSymlink()) {
            byte[] target = actual.readLink(actualInode);
            require(path, "target", Step.text(expected.readLink(expectedInode)), Step.text(target));
        } else if (wanted.isRegular()) {
            ModelContent content = expected.content(expectedInode);
            new ContentComparison(path, content, actual, actualInode).compare();
            if (found.blockCount() > wanted.blockCount()) {
                fail(path, "more blocks than are in use", wanted.blockCount(), found.blockCount());
            }
        }
    }

    private void compareEntries(Pair directory, Deque<Pair> todo) throws IOException {
        Map<String, Entry> wanted = entries(expected, directory.path(), directory.expected());
        Map<String, Entry> found = entries(actual, directory.path(), directory.actual());
        require(directory.path(), "names", names(wanted), names(found));
        require(
                directory.path(),
                "inode of '..'",
                actual.getParent(directory.actual()),
                Objects.requireNonNull(found.get("..")).inode());
        require(
                directory.path(),
                "inode of '.'",
                directory.actual(),
                Objects.requireNonNull(found.get(".")).inode());
        for (Map.Entry<String, Entry> each : wanted.entrySet()) {
            String name = each.getKey();
            Entry other = Objects.requireNonNull(found.get(name));
            String slash = directory.path().endsWith("/") ? "" : "/";
            String path = directory.path() + slash + Place.readable(name);
            require(path, "type in its directory", each.getValue().type(), other.type());
            if (!name.equals(".") && !name.equals("..")) {
                long looked = actual.lookup(directory.actual(), ModelTree.bytes(name)).inode();
                require(path, "inode that lookup finds", other.inode(), looked);
                todo.add(new Pair(path, each.getValue().inode(), other.inode()));
            }
        }
    }

    private static String names(Map<String, Entry> entries) {
        StringBuilder text = new StringBuilder();
        entries.keySet().forEach(name -> text.append(Place.readable(name)).append(' '));
        return text.toString();
    }

    private static Map<String, Entry> entries(Volume volume, String path, long directory)
            throws IOException {
        Map<String, Entry> entries = new TreeMap<>();
        volume.readDirectory(
                directory,
                0,
                (name, inode, type, cookie) -> {
                    Entry old = entries.put(ModelTree.text(name), new Entry(inode, type));
                    if (old != null) {
                        throw new AssertionError(path + ": reported twice: " + cookie);
                    }
                    return true;
                });
        return entries;
    }

    private void compareXattrs(String path, long expectedInode, long actualInode)
            throws IOException {
        Map<String, String> wanted = xattrs(expected, expectedInode);
        Map<String, String> found = xattrs(actual, actualInode);
        require(path, "extended attributes", wanted, found);
    }

    private static Map<String, String> xattrs(Volume volume, long inode) throws IOException {
        Map<String, String> all = new TreeMap<>();
        for (byte[] name : volume.listXattrs(inode)) {
            all.put(ModelTree.text(name), Step.text(volume.getXattr(inode, name)));
        }
        return all;
    }

    private void requireTime(String path, String what, Timestamp wanted, Timestamp found) {
        if (!clock.agree(wanted, found)) {
            fail(path, what, StepClock.text(wanted), found);
        }
    }

    static void require(String path, String what, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            fail(path, what, wanted, found);
        }
    }

    static void requireBytes(String path, long offset, byte[] wanted, byte[] found) {
        int at = Arrays.mismatch(wanted, found);
        if (at >= 0) {
            String wantedByte = at < wanted.length ? Integer.toHexString(wanted[at] & 0xff) : "end";
            String foundByte = at < found.length ? Integer.toHexString(found[at] & 0xff) : "end";
            fail(path, "byte at " + (offset + at), wantedByte, foundByte);
        }
    }

    private static void fail(String path, String what, Object wanted, Object found) {
        throw new AssertionError(path + ": " + what + ": expected " + wanted + ", was " + found);
    }
}
