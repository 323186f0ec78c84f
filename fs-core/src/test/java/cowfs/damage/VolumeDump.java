package cowfs.damage;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/// Everything that a pool's volumes say about their files, as lines `path aspect = value`. What
/// can't be read is a line whose value begins with `!` and the kind of the error.
///
/// Bounded whatever the image says: a walk that never ends, as of a directory below itself, is cut
/// off and fails. Names, targets and sizes that a kernel must not see fail at once.
final class VolumeDump {
    /// What an error's value begins with.
    static final String ERROR = "!";

    private static final int MAX_ENTRIES = 5000;
    private static final int MAX_PIECES = 200;
    private static final int PIECE_BYTES = 1 << 18;

    private final Map<String, String> lines = new TreeMap<>();
    private final List<String> messages = new ArrayList<>();
    private int entryCount;

    private record Place(String path, long inode) {}

    /// A dump of all subvolumes and snapshots.
    static VolumeDump of(Pool pool) throws IOException {
        VolumeDump dump = new VolumeDump();
        List<Ref> refs = pool.list().stream().map(SubvolumeInfo::ref).toList();
        dump.lines.put("refs", refs.toString());
        for (Ref ref : refs) {
            dump.attempt(ref + ":", "volume", () -> dump.tree(ref + ":", pool.volume(ref)));
        }
        return dump;
    }

    /// A dump of one subvolume or snapshot, whose root has the path `root`.
    static VolumeDump of(Pool pool, Ref ref, String root) throws IOException {
        VolumeDump dump = new VolumeDump();
        dump.attempt(root, "volume", () -> dump.tree(root, pool.volume(ref)));
        return dump;
    }

    /// The lines by path and aspect.
    Map<String, String> lines() {
        return lines;
    }

    /// The messages of all errors met.
    Collection<String> errors() {
        return messages;
    }

    /// What differs from the sound state other than by an error in its place.
    ///
    /// @return one line for each, none when every byte given out was right
    List<String> lies(VolumeDump sound) {
        List<String> lies = new ArrayList<>();
        lines.forEach(
                (key, value) -> {
                    String want = sound.lines.get(key);
                    if (!value.startsWith(ERROR) && !value.equals(want)) {
                        lies.add(key + " has " + value + " want " + want);
                    }
                });
        sound.lines.forEach(
                (key, value) -> {
                    if (!lines.containsKey(key) && !hasErrorAbove(key)) {
                        lies.add(key + " is missing");
                    }
                });
        return lies;
    }

    /// Whether the path of a line, or a directory above it, could not be read.
    private boolean hasErrorAbove(String key) {
        String path = key.substring(0, key.lastIndexOf(' '));
        while (true) {
            for (String aspect : List.of("entries", "attributes", "lookup", "volume")) {
                if (lines.getOrDefault(path + " " + aspect, "").startsWith(ERROR)) {
                    return true;
                }
            }
            int slash = path.lastIndexOf('/');
            if (slash < 0) {
                return false;
            }
            path = path.substring(0, slash);
        }
    }

    private interface Body {
        void run() throws IOException;
    }

    private void attempt(String path, String aspect, Body body) {
        try {
            body.run();
        } catch (CowException known) {
            lines.put(path + " " + aspect, ERROR + known.kind());
            messages.add(String.valueOf(known.getMessage()));
        } catch (IOException device) {
            lines.put(path + " " + aspect, ERROR + "IO");
            messages.add(String.valueOf(device.getMessage()));
        }
    }

    private void put(String path, String aspect, Object value) {
        lines.put(path + " " + aspect, value.toString());
    }

    private void tree(String root, Volume volume) {
        Deque<Place> todo = new ArrayDeque<>(List.of(new Place(root, Volume.ROOT_INODE)));
        while (!todo.isEmpty()) {
            Place place = todo.pop();
            attempt(place.path, "attributes", () -> inode(volume, place, todo));
        }
    }

    private void inode(Volume volume, Place place, Deque<Place> todo) throws IOException {
        Attributes found = volume.getAttributes(place.inode);
        require(found.sizeBytes() >= 0 && found.linkCount() >= 0, place.path, found);
        put(place.path, "attributes", text(found));
        attempt(place.path, "xattrs", () -> xattrs(volume, place));
        if (found.isDirectory()) {
            attempt(place.path, "entries", () -> entries(volume, place, todo));
            attempt(
                    place.path,
                    "parent",
                    () -> put(place.path, "parent", volume.getParent(place.inode)));
        } else if (found.isSymlink()) {
            attempt(place.path, "target", () -> target(volume, place));
        } else if (found.isRegular()) {
            attempt(place.path, "content", () -> content(volume, place, found.sizeBytes()));
        }
    }

    private void xattrs(Volume volume, Place place) throws IOException {
        Map<String, String> all = new TreeMap<>();
        for (byte[] name : volume.listXattrs(place.inode)) {
            require(name.length > 0 && indexOf(name, 0) < 0, place.path, "an attribute's name");
            all.put(text(name), digest(volume.getXattr(place.inode, name)));
        }
        put(place.path, "xattrs", all);
    }

    private void entries(Volume volume, Place place, Deque<Place> todo) throws IOException {
        Map<String, Long> all = new TreeMap<>();
        long[] last = {0};
        volume.readDirectory(
                place.inode,
                0,
                (name, inode, type, cookie) -> {
                    String text = text(name);
                    boolean dots = text.equals(".") || text.equals("..");
                    require(cookie > last[0], place.path, "cookies that do not rise");
                    require(dots == (cookie <= 2), place.path, "the name " + text);
                    require(
                            name.length > 0 && indexOf(name, '/') < 0 && indexOf(name, 0) < 0,
                            place.path,
                            "the name " + text);
                    require(++entryCount <= MAX_ENTRIES, place.path, "too many entries");
                    last[0] = cookie;
                    all.put(text + " type " + type, inode);
                    if (!dots) {
                        String path = place.path + "/" + text;
                        attempt(path, "lookup", () -> lookup(volume, place, path, name, todo));
                    }
                    return true;
                });
        put(place.path, "entries", all);
    }

    private void lookup(Volume volume, Place directory, String path, byte[] name, Deque<Place> todo)
            throws IOException {
        Attributes found = volume.lookup(directory.inode, name);
        put(path, "lookup", found.inode());
        todo.push(new Place(path, found.inode()));
    }

    private void target(Volume volume, Place place) throws IOException {
        byte[] target = volume.readLink(place.inode);
        require(
                target.length > 0
                        && target.length <= Volume.MAX_TARGET_BYTES
                        && indexOf(target, 0) < 0,
                place.path,
                "a symlink's target of " + target.length + " bytes");
        put(place.path, "target", text(target));
    }

    private void content(Volume volume, Place place, long sizeBytes) throws IOException {
        StringBuilder pieces = new StringBuilder();
        long at = 0;
        for (int i = 0; i < MAX_PIECES && at < sizeBytes; i++) {
            long from = seek(volume, place.inode, at, SeekTarget.DATA, sizeBytes);
            if (from == sizeBytes) {
                break;
            }
            long to = seek(volume, place.inode, from, SeekTarget.HOLE, sizeBytes);
            require(from >= at && to > from && to <= sizeBytes, place.path, "seek");
            to = Math.min(to, from + PIECE_BYTES);
            pieces.append(from).append('-').append(to).append('=');
            pieces.append(digest(read(volume, place.inode, from, (int) (to - from)))).append(' ');
            at = to;
        }
        // what holes and the end give must be zeros, or the same as before
        int count = (int) Math.min(sizeBytes, PIECE_BYTES);
        pieces.append("first=").append(digest(read(volume, place.inode, 0, count)));
        long tail = Math.max(0, sizeBytes - 5000);
        byte[] end = read(volume, place.inode, tail, 8192);
        require(end.length == sizeBytes - tail, place.path, "read at the end: " + end.length);
        pieces.append(" last=").append(digest(end));
        put(place.path, "content", pieces);
    }

    private static long seek(Volume volume, long inode, long at, SeekTarget what, long none)
            throws IOException {
        try {
            return volume.seek(inode, at, what);
        } catch (CowException e) {
            if (e.kind() == ErrorKind.NO_SUCH_OFFSET) {
                return none;
            }
            throw e;
        }
    }

    private static byte[] read(Volume volume, long inode, long offset, int lengthBytes)
            throws IOException {
        ByteBuffer target = ByteBuffer.allocate(lengthBytes);
        volume.read(inode, offset, target);
        byte[] bytes = new byte[target.position()];
        target.get(0, bytes);
        return bytes;
    }

    private static String digest(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return bytes.length + ":" + HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static int indexOf(byte[] bytes, int wanted) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /// The attributes in words that stay the same, whatever a record's own text becomes.
    private static String text(Attributes of) {
        return String.format(
                "inode=%d mode=%o links=%d owner=%d:%d size=%d sectors=%d device=%d accessed=%s"
                        + " modified=%s changed=%s born=%s",
                of.inode(),
                of.mode(),
                of.linkCount(),
                of.uid(),
                of.gid(),
                of.sizeBytes(),
                of.blockCount(),
                of.device(),
                text(of.accessed()),
                text(of.modified()),
                text(of.changed()),
                text(of.born()));
    }

    private static String text(Timestamp time) {
        return time.seconds() + "." + time.nanos();
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static void require(boolean condition, String path, Object what) {
        if (!condition) {
            throw new AssertionError(path + ": a kernel must not see " + what);
        }
    }
}
