package cowfs.fuse.operation;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import org.jspecify.annotations.Nullable;

/// What a request to set attributes says by its bits: which of the values that come with it count.
///
/// The bits are the same in the kernel's protocol (`FATTR_*`) and in libfuse (`FUSE_SET_ATTR_*`).
public final class AttributeBits {
    public static final int MODE = 1;
    public static final int UID = 1 << 1;
    public static final int GID = 1 << 2;
    public static final int SIZE = 1 << 3;
    public static final int ACCESSED = 1 << 4;
    public static final int MODIFIED = 1 << 5;
    public static final int ACCESSED_NOW = 1 << 7;
    public static final int MODIFIED_NOW = 1 << 8;

    private static final int MAX_NANOS = 999_999_999;

    private AttributeBits() {}

    /// The change that is asked for.
    ///
    /// @throws ErrnoException `EINVAL` for a time that is none
    public static AttributeChange change(int bits, Values values) throws ErrnoException {
        return new AttributeChange(
                has(bits, MODE) ? values.mode() & ~Attributes.TYPE_MASK : null,
                has(bits, UID) ? values.uid() : null,
                has(bits, GID) ? values.gid() : null,
                has(bits, SIZE) ? values.sizeBytes() : null,
                has(bits, ACCESSED_NOW) ? now() : has(bits, ACCESSED) ? values.accessed() : null,
                has(bits, MODIFIED_NOW) ? now() : has(bits, MODIFIED) ? values.modified() : null);
    }

    /// Whether one of some bits is set.
    public static boolean has(int bits, int some) {
        return (bits & some) != 0;
    }

    /// A time as it comes.
    ///
    /// @throws ErrnoException `EINVAL` unless there are 0 to 999,999,999 nanoseconds
    public static Timestamp time(long seconds, long nanos) throws ErrnoException {
        if (nanos < 0 || nanos > MAX_NANOS) {
            throw new ErrnoException(Errno.EINVAL, "no such time");
        }
        return new Timestamp(seconds, (int) nanos);
    }

    private static @Nullable Timestamp now() {
        return Timestamp.now();
    }

    /// The values that come with a request; asked for only where the bits say that they count.
    public interface Values {
        int mode();

        int uid();

        int gid();

        long sizeBytes();

        Timestamp accessed() throws ErrnoException;

        Timestamp modified() throws ErrnoException;
    }
}
