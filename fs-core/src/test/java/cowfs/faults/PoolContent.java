package cowfs.faults;

import cowfs.api.Pool;
import cowfs.api.SubvolumeInfo;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// All that a user sees of a pool, as text: one line for each subvolume and each name in it, with
/// type, mode, links, owner, size, content, target and extended attributes. Two names of one inode
/// say so. Times and inode numbers are left out, so that the same operations give the same text.
public final class PoolContent {
    private PoolContent() {}

    /// The content of all subvolumes and snapshots.
    public static String of(Pool pool) throws IOException {
        StringBuilder text = new StringBuilder();
        for (SubvolumeInfo each : pool.list()) {
            text.append(each.ref()).append('\n');
            text.append(of(pool.volume(each.ref())));
        }
        return text.toString();
    }

    private record Place(String path, long inode) {}

    /// The content of one subvolume or snapshot.
    public static String of(Volume volume) throws IOException {
        StringBuilder text = new StringBuilder();
        Map<Long, String> seen = new HashMap<>();
        Deque<Place> todo = new ArrayDeque<>();
        todo.add(new Place("/", Volume.ROOT_INODE));
        while (!todo.isEmpty()) {
            Place place = todo.removeFirst();
            String first = seen.putIfAbsent(place.inode, place.path);
            text.append(place.path);
            if (first != null) {
                text.append(" is ").append(first).append('\n');
                continue;
            }
            Attributes attributes = volume.getAttributes(place.inode);
            text.append(
                    String.format(
                            " %o links=%d %d:%d size=%d",
                            attributes.mode(),
                            attributes.linkCount(),
                            attributes.uid(),
                            attributes.gid(),
                            attributes.sizeBytes()));
            if (attributes.isSymlink()) {
                text.append(" -> ").append(string(volume.readLink(place.inode)));
            } else if (attributes.isRegular()) {
                text.append(" crc=").append(contentCrc(volume, place.inode));
            }
            xattrs(volume, place.inode)
                    .forEach((name, crc) -> text.append(' ').append(name).append('=').append(crc));
            text.append('\n');
            if (attributes.isDirectory()) {
                children(volume, place).values().forEach(todo::add);
            }
        }
        return text.toString();
    }

    private static Map<String, Place> children(Volume volume, Place directory) throws IOException {
        Map<String, Place> children = new TreeMap<>();
        volume.readDirectory(
                directory.inode,
                0,
                (name, inode, type, cookie) -> {
                    String text = string(name);
                    if (!text.equals(".") && !text.equals("..")) {
                        String path = directory.path + (directory.inode == 1 ? "" : "/") + text;
                        children.put(text, new Place(path, inode));
                    }
                    return true;
                });
        return children;
    }

    private static Map<String, Long> xattrs(Volume volume, long inode) throws IOException {
        Map<String, Long> values = new TreeMap<>();
        for (byte[] name : volume.listXattrs(inode)) {
            byte[] value = volume.getXattr(inode, name);
            CRC32C crc = new CRC32C();
            crc.update(value, 0, value.length);
            values.put(string(name), crc.getValue() << 20 | value.length);
        }
        return values;
    }

    private static long contentCrc(Volume volume, long inode) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocate(1 << 16);
        long offset = 0;
        for (int count = volume.read(inode, 0, piece);
                count > 0;
                count = volume.read(inode, offset, piece)) {
            crc.update(Arrays.copyOf(piece.array(), count), 0, count);
            offset += count;
            piece.clear();
        }
        return crc.getValue();
    }

    private static String string(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
