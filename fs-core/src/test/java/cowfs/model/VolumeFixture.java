package cowfs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.function.Executable;

/// A writable, empty volume for one test, and the words that the contracts share.
public interface VolumeFixture {
    long ROOT = Volume.ROOT_INODE;
    int BLOCK = 4096;

    /// The volume of the running test, always the same one between calls of {@link #reopen}.
    Volume volume() throws IOException;

    /// Closes the image, opens it again and returns the same subvolume. Holds are gone then.
    Volume reopen() throws IOException;

    static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Bytes that no other place or seed has, none of them zero.
    static byte[] pattern(long seed, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; i < lengthBytes; i++) {
            if (bytes[i] == 0) {
                bytes[i] = 1;
            }
        }
        return bytes;
    }

    static long file(Volume volume, String name) throws IOException {
        return file(volume, ROOT, name);
    }

    static long file(Volume volume, long directory, String name) throws IOException {
        return volume.create(directory, name(name), NewInode.regular(0644, 1, 2)).inode();
    }

    static long directory(Volume volume, long parent, String name) throws IOException {
        return volume.create(parent, name(name), NewInode.directory(0755, 1, 2)).inode();
    }

    static long symlink(Volume volume, String name, String target) throws IOException {
        NewInode start = new NewInode(Attributes.SYMLINK | 0777, 1, 2, 0);
        return volume.symlink(ROOT, name(name), name(target), start).inode();
    }

    static long inodeOf(Volume volume, String... path) throws IOException {
        long at = ROOT;
        for (String part : path) {
            at = volume.lookup(at, name(part)).inode();
        }
        return at;
    }

    static void write(Volume volume, long inode, long offset, byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        volume.write(inode, offset, source);
        assertEquals(0, source.remaining(), "bytes left in the source of a write");
    }

    /// Reads up to `lengthBytes`, checking that what `read` returns and what it fills agree.
    static byte[] read(Volume volume, long inode, long offset, int lengthBytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(lengthBytes);
        int count = volume.read(inode, offset, target);
        assertEquals(count, target.position(), "bytes that read filled");
        return Arrays.copyOf(target.array(), count);
    }

    static byte[] readAll(Volume volume, long inode) throws IOException {
        int size = Math.toIntExact(volume.getAttributes(inode).sizeBytes());
        return read(volume, inode, 0, size + 1);
    }

    static void assertContent(Volume volume, long inode, byte[] expected) throws IOException {
        assertEquals(expected.length, volume.getAttributes(inode).sizeBytes(), "size");
        assertArrayEquals(expected, readAll(volume, inode));
    }

    /// Names in a directory in the order of cookies, without `.` and `..`.
    static List<String> names(Volume volume, long directory) throws IOException {
        List<String> names = new ArrayList<>();
        volume.readDirectory(
                directory,
                0,
                (name, inode, type, cookie) -> {
                    names.add(new String(name, StandardCharsets.UTF_8));
                    return true;
                });
        assertEquals(List.of(".", ".."), names.subList(0, 2), "the first two entries");
        return names.subList(2, names.size());
    }

    static void assertFails(ErrorKind kind, Executable action) {
        assertEquals(kind, assertThrows(CowException.class, action).kind());
    }

    /// For what one standard allows to be refused in more than one way.
    static void assertFailsWithOneOf(List<ErrorKind> kinds, Executable action) {
        ErrorKind kind = assertThrows(CowException.class, action).kind();
        assertEquals(true, kinds.contains(kind), kind + ", expected one of " + kinds);
    }
}
