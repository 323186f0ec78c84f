package cowfs.inode;

import cowfs.error.CountText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// A POSIX access control list (POSIX 1003.1e draft 17) in the form in which Linux passes it in
/// `system.posix_acl_access` and `system.posix_acl_default`, with what it does to the mode of an
/// inode and the mode to it (as `acl(5)` describes).
///
/// ```
///   u32 version = 2, then for each entry: u16 tag, u16 permissions (rwx = 4 2 1), u32 user or group
/// ```
///
/// Immutable.
final class AccessList {
    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    private static final int ENTRY_BYTES = 8;

    private static final int USER_OBJ = 0x01;
    private static final int USER = 0x02;
    private static final int GROUP_OBJ = 0x04;
    private static final int GROUP = 0x08;
    private static final int MASK = 0x10;
    private static final int OTHER = 0x20;

    private final byte[] bytes;

    private AccessList(byte[] bytes) {
        this.bytes = bytes;
    }

    /// A list of this mode after it was applied, or no list when the mode says it all.
    ///
    /// @param list null when the mode says it all
    record Applied(int mode, @Nullable AccessList list) {}

    /// What is wrong with a value that should be a list, or null. An empty list is none and not
    /// asked about here.
    static @Nullable String check(byte[] value) {
        int count = (value.length - HEADER_BYTES) / ENTRY_BYTES;
        if (count < 3 || value.length != HEADER_BYTES + count * ENTRY_BYTES) {
            return "it has " + CountText.of(value.length, "byte") + ", which no list has";
        }
        AccessList list = new AccessList(value);
        if (list.buffer().getInt(0) != VERSION) {
            return "its version is not " + VERSION;
        }
        int seen = 0;
        boolean named = false;
        int last = 0;
        for (int i = 0; i < count; i++) {
            int tag = list.tag(i);
            if ((list.permissions(i) & ~7) != 0) {
                return "entry " + i + " has unknown permissions";
            }
            boolean repeatable = tag == USER || tag == GROUP;
            if (!repeatable && tag != USER_OBJ && tag != GROUP_OBJ && tag != MASK && tag != OTHER) {
                return "entry " + i + " has an unknown tag";
            }
            if (tag < last || (tag == last && !repeatable)) {
                return "entry " + i + " is out of order";
            }
            named |= repeatable;
            seen |= tag;
            last = tag;
        }
        int needed = USER_OBJ | GROUP_OBJ | OTHER | (named ? MASK : 0);
        return (seen & needed) == needed ? null : "it lacks an entry that every list has";
    }

    /// Whether a value is a list without entries: as good as none.
    static boolean isEmpty(byte[] value) {
        return value.length == 0 || value.length == HEADER_BYTES;
    }

    /// A list from a value that {@link #check} accepts.
    static AccessList of(byte[] value) {
        return new AccessList(value.clone());
    }

    byte[] value() {
        return bytes.clone();
    }

    /// What the mode of an inode becomes that gets this list.
    Applied applyTo(int mode) {
        int result = mode & ~0777;
        for (int i = 0; i < count(); i++) {
            switch (tag(i)) {
                case USER_OBJ -> result |= permissions(i) << 6;
                case GROUP_OBJ -> result |= groupEntry() == i ? permissions(i) << 3 : 0;
                case MASK -> result |= permissions(i) << 3;
                case OTHER -> result |= permissions(i);
                default -> {}
            }
        }
        return new Applied(result, isMode() ? null : this);
    }

    /// What a new inode gets in a directory with this as its default: its mode and list grant what
    /// both allow.
    Applied inherit(int mode) {
        AccessList list = new AccessList(bytes.clone());
        int result = mode;
        for (int i = 0; i < count(); i++) {
            int shift = shift(i);
            if (shift >= 0) {
                int allowed = permissions(i) & (mode >> shift) & 7;
                list.setPermissions(i, allowed);
                result = (result & ~(7 << shift)) | (allowed << shift);
            }
        }
        return new Applied(result, isMode() ? null : list);
    }

    /// This list for an inode whose mode was set.
    AccessList withMode(int mode) {
        AccessList list = new AccessList(bytes.clone());
        for (int i = 0; i < count(); i++) {
            int shift = shift(i);
            if (shift >= 0) {
                list.setPermissions(i, (mode >> shift) & 7);
            }
        }
        return list;
    }

    /// Where in a mode the permissions of an entry stand, or -1 for those that it does not show.
    private int shift(int i) {
        return switch (tag(i)) {
            case USER_OBJ -> 6;
            case OTHER -> 0;
            case GROUP_OBJ, MASK -> groupEntry() == i ? 3 : -1;
            default -> -1;
        };
    }

    /// The entry that the mode shows for the group: the mask if there is one.
    private int groupEntry() {
        int found = -1;
        for (int i = 0; i < count(); i++) {
            found = tag(i) == GROUP_OBJ || tag(i) == MASK ? i : found;
        }
        return found;
    }

    /// Whether the three entries of a mode are all.
    private boolean isMode() {
        return count() == 3;
    }

    private int count() {
        return (bytes.length - HEADER_BYTES) / ENTRY_BYTES;
    }

    private int tag(int i) {
        return buffer().getShort(HEADER_BYTES + i * ENTRY_BYTES) & 0xffff;
    }

    private int permissions(int i) {
        return buffer().getShort(HEADER_BYTES + i * ENTRY_BYTES + 2) & 0xffff;
    }

    private void setPermissions(int i, int permissions) {
        buffer().putShort(HEADER_BYTES + i * ENTRY_BYTES + 2, (short) permissions);
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
