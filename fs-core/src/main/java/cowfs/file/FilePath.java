package cowfs.file;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The path of a file within its subvolume: names with a `/` before each, and `/` alone for the
/// root. Names are raw bytes, so a path may be no text. Immutable.
public final class FilePath implements Comparable<FilePath> {
    /// The root directory.
    public static final FilePath ROOT = new FilePath(new byte[] {'/'});

    private final byte[] bytes;

    private FilePath(byte[] bytes) {
        this.bytes = bytes;
    }

    /// A path as somebody wrote it: with or without a `/` in front or at the end, and with as many
    /// as there are in between. Neither `.` nor `..` mean anything.
    public static FilePath of(byte[] written) {
        FilePath path = ROOT;
        int from = 0;
        for (int i = 0; i <= written.length; i++) {
            if (i == written.length || written[i] == '/') {
                if (i > from) {
                    path = path.resolve(Arrays.copyOfRange(written, from, i));
                }
                from = i + 1;
            }
        }
        return path;
    }

    /// The same for text, in UTF-8.
    public static FilePath of(String written) {
        return of(written.getBytes(StandardCharsets.UTF_8));
    }

    /// The path of a name in this directory.
    public FilePath resolve(byte[] name) {
        int start = isRoot() ? 1 : bytes.length + 1;
        byte[] longer = Arrays.copyOf(bytes, start + name.length);
        longer[start - 1] = '/';
        System.arraycopy(name, 0, longer, start, name.length);
        return new FilePath(longer);
    }

    /// The directory that holds it; the root is its own.
    public FilePath parent() {
        int slash = lastSlash();
        return slash == 0 ? ROOT : new FilePath(Arrays.copyOf(bytes, slash));
    }

    /// The last name; empty for the root.
    public byte[] name() {
        return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
    }

    /// All names from the root on; none for the root itself.
    public List<byte[]> names() {
        List<byte[]> names = new ArrayList<>();
        for (FilePath at = this; !at.isRoot(); at = at.parent()) {
            names.addFirst(at.name());
        }
        return names;
    }

    private int lastSlash() {
        int slash = bytes.length - 1;
        while (bytes[slash] != '/') {
            slash--;
        }
        return slash;
    }

    public boolean isRoot() {
        return bytes.length == 1;
    }

    /// Whether this is `other` or lies below it.
    public boolean isWithin(FilePath other) {
        int length = other.bytes.length;
        return other.isRoot()
                || (bytes.length >= length
                        && Arrays.equals(bytes, 0, length, other.bytes, 0, length)
                        && (bytes.length == length || bytes[length] == '/'));
    }

    /// A copy of the bytes.
    public byte[] toBytes() {
        return bytes.clone();
    }

    public int lengthBytes() {
        return bytes.length;
    }

    /// Whether the bytes are UTF-8, so that {@link #toString} loses nothing.
    public boolean isText() {
        return NameText.isUtf8(bytes);
    }

    /// As it may go to a terminal, and comes back as an argument: see {@link NameText}.
    public String toPrintable() {
        return NameText.of(bytes);
    }

    @Override
    public int compareTo(FilePath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FilePath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// As text; what is no UTF-8 becomes replacement characters.
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
