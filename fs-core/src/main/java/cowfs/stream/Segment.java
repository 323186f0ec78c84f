package cowfs.stream;

import java.util.Arrays;

/// The records between two seals, verified; they are read in place. Used anew for each segment. Not
/// thread safe.
final class Segment {
    private byte[] bytes = new byte[2 << 20];
    private int used;
    private int[] starts = new int[256];
    private int count;

    void clear() {
        used = 0;
        count = 0;
    }

    /// Makes room for a record at the end.
    ///
    /// @return where it goes in {@link #bytes}
    int add(int lengthBytes) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
        }
        starts[count++] = used;
        grow(lengthBytes);
        return used - lengthBytes;
    }

    /// Makes the last record longer.
    void grow(int lengthBytes) {
        if (used + lengthBytes > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, used + lengthBytes));
        }
        used += lengthBytes;
    }

    /// How many bytes all records have.
    int used() {
        return used;
    }

    byte[] bytes() {
        return bytes;
    }

    int count() {
        return count;
    }

    /// Where a record begins.
    int start(int index) {
        return starts[index];
    }

    RecordKind kind(int index) {
        RecordKind kind = RecordKind.lookup(StreamRecord.KIND.get(bytes, starts[index]));
        if (kind == null) {
            throw new IllegalStateException("an unknown record was let through");
        }
        return kind;
    }

    long inode(int index) {
        return StreamRecord.INODE.get(bytes, starts[index]);
    }

    long offset(int index) {
        return StreamRecord.OFFSET.get(bytes, starts[index]);
    }

    /// Where what follows the common fields begins.
    int body(int index) {
        return starts[index] + StreamRecord.LAYOUT.sizeBytes();
    }

    int bodyBytes(int index) {
        return StreamRecord.LENGTH.get(bytes, starts[index]) - StreamRecord.LAYOUT.sizeBytes();
    }
}
