package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Everything that can be read of an image, damaged as it may be, by path: type, content or target,
/// attributes. A symlink is its target: no item can say one without, so alone its attributes do not
/// count.
final class ReadableFiles {
    /// Marks a symlink that has attributes, but no target that can be read.
    static final String TARGET_LOST = " -> is lost, its path is to be listed";

    private ReadableFiles() {}

    static Map<String, byte[]> of(MemoryDevice image) throws IOException {
        Map<String, byte[]> found = new TreeMap<>();
        try (Pool pool = Images.open(image.copy(), OpenOptions.READ_ONLY)) {
            for (var each : pool.list()) {
                try {
                    Volume volume = pool.volume(each.ref());
                    read(volume, Volume.ROOT_INODE, each.ref() + ":", found);
                } catch (IOException lost) {
                    found.put(each.ref() + ": is lost", new byte[0]);
                }
            }
        } catch (CowException unreadable) {
            found.put("all is lost", new byte[0]);
        }
        found.keySet().removeIf(key -> key.endsWith("is lost"));
        return found;
    }

    private record Child(String name, long inode, int type) {}

    private static void read(
            Volume volume, long directory, String path, Map<String, byte[]> found) {
        List<Child> children = new ArrayList<>();
        try {
            volume.readDirectory(
                    directory,
                    2,
                    (name, inode, type, cookie) ->
                            children.add(
                                    new Child(
                                            new String(name, StandardCharsets.ISO_8859_1),
                                            inode,
                                            type)));
        } catch (IOException lost) {
            // those before the damage count
        }
        for (Child child : children) {
            String childPath = path + "/" + child.name;
            try {
                Attributes attributes = volume.getAttributes(child.inode);
                if (attributes.type() == Attributes.SYMLINK) {
                    found.put(childPath + TARGET_LOST, new byte[0]);
                    found.put(childPath + " ->", volume.readLink(child.inode));
                    found.remove(childPath + TARGET_LOST);
                }
                found.put(childPath, words(attributes));
                if (attributes.type() == Attributes.REGULAR) {
                    readContent(volume, attributes, childPath, found);
                }
                for (byte[] name : volume.listXattrs(child.inode)) {
                    found.put(
                            childPath + " " + new String(name, StandardCharsets.ISO_8859_1),
                            volume.getXattr(child.inode, name));
                }
            } catch (IOException lost) {
                continue;
            } finally {
                if (child.type == Attributes.DIRECTORY) {
                    read(volume, child.inode, childPath, found);
                }
            }
        }
    }

    /// What does not change when a neighbour is lost.
    private static byte[] words(Attributes attributes) {
        String size = attributes.isDirectory() ? "" : " " + attributes.sizeBytes();
        return (attributes.mode()
                        + " "
                        + attributes.uid()
                        + " "
                        + attributes.gid()
                        + " "
                        + attributes.modified()
                        + size)
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Block by block, so that one that is lost does not hide its neighbours.
    private static void readContent(
            Volume volume, Attributes file, String path, Map<String, byte[]> found) {
        for (long offset = 0; offset < file.sizeBytes(); offset += Blocks.SIZE) {
            ByteBuffer block =
                    ByteBuffer.allocate((int) Math.min(Blocks.SIZE, file.sizeBytes() - offset));
            try {
                volume.read(file.inode(), offset, block);
                found.put(path + " @" + offset, block.array());
            } catch (IOException lost) {
                assertTrue(offset < file.sizeBytes());
            }
        }
    }

    /// Whether an image still holds all of it.
    static void assertKept(Map<String, byte[]> before, MemoryDevice repaired) throws IOException {
        Map<String, byte[]> after = of(repaired);
        before.forEach(
                (path, content) -> {
                    assertTrue(after.containsKey(path), () -> "gone: " + path);
                    assertArrayEquals(content, after.get(path), path);
                });
    }
}
