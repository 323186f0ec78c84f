package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What access control lists do in the model: by classes of entries, as `acl(5)` tells it.
final class ModelAccess {
    static final String ACCESS = "system.posix_acl_access";
    static final String DEFAULT = "system.posix_acl_default";

    private ModelAccess() {}

    static boolean isList(String name) {
        return name.equals(ACCESS) || name.equals(DEFAULT);
    }

    /// A list as extended attributes hold it.
    ///
    /// @param entries tag, permissions and id of each
    static byte[] list(int[]... entries) {
        ByteBuffer value =
                ByteBuffer.allocate(4 + 8 * entries.length).order(ByteOrder.LITTLE_ENDIAN);
        value.putInt(2);
        for (int[] entry : entries) {
            value.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
        }
        return value.array();
    }

    static void set(ModelInode inode, String name, byte[] value, SetIdBits bits)
            throws RequestException {
        requireList(value);
        if (inode.type() == Attributes.SYMLINK) {
            throw new RequestException(ErrorKind.UNSUPPORTED, "a list of a symlink");
        }
        if (name.equals(DEFAULT) && !inode.isDirectory()) {
            throw new RequestException(ErrorKind.INVALID, "a default list of a file");
        }
        if (value.length == 0 || value.length == 4) {
            inode.xattrs.remove(name);
            return;
        }
        if (name.equals(ACCESS)) {
            inode.mode = (inode.mode & ~0777) | mode(value);
            if (bits == SetIdBits.CLEAR) {
                inode.mode &= ~02000;
            }
            if (value.length == 4 + 3 * 8) {
                inode.xattrs.remove(name);
                return;
            }
        }
        inode.xattrs.put(name, value.clone());
    }

    private static void requireList(byte[] value) throws RequestException {
        if (value.length == 0 || value.length == 4) {
            return;
        }
        StringBuilder tags = new StringBuilder();
        boolean sound = value.length % 8 == 4 && value[0] == 2;
        for (int at = 4; sound && at < value.length; at += 8) {
            int tag = value[at] & 0xff;
            sound = value[at + 2] >= 0 && value[at + 2] < 8 && Integer.bitCount(tag) == 1;
            tags.append("12481248".charAt(Integer.numberOfTrailingZeros(tag)));
            tags.append(tag >= 0x10 ? "h" : "l");
        }
        // user, named users, group, named groups, mask, others; names want a mask
        boolean matches = tags.toString().matches("1l((4l|(2l)*4l(8l)*1h)2h)");
        if (!sound || !matches) {
            throw new RequestException(ErrorKind.INVALID, "no access control list");
        }
    }

    /// Makes the list of an inode follow its mode.
    static void follow(ModelInode inode) {
        byte[] value = inode.xattrs.get(ACCESS);
        if (value != null) {
            inode.xattrs.put(ACCESS, withMode(value, inode.mode));
        }
    }

    static NewInode start(@Nullable ModelInode parent, NewInode start) {
        byte[] value = parent == null ? null : parent.xattrs.get(DEFAULT);
        int allowed = value == null ? ~start.umask() : ~0777 | mode(value);
        return new NewInode(start.mode() & allowed, start.uid(), start.gid(), start.device());
    }

    /// Gives a new inode the lists that it inherits.
    static void inherit(ModelInode parent, ModelInode made) {
        byte[] value = parent.xattrs.get(DEFAULT);
        if (value == null) {
            return;
        }
        if (value.length > 4 + 3 * 8) {
            made.xattrs.put(ACCESS, withMode(value, made.mode));
        }
        if (made.isDirectory()) {
            made.xattrs.put(DEFAULT, value.clone());
        }
    }

    private static int mode(byte[] value) {
        TreeMap<Integer, Integer> byTag = new TreeMap<>();
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 4; at < value.length; at += 8) {
            byTag.put((int) in.getShort(at), (int) in.getShort(at + 2));
        }
        int group = byTag.containsKey(0x10) ? byTag.get(0x10) : byTag.get(0x04);
        return byTag.get(0x01) << 6 | group << 3 | byTag.get(0x20);
    }

    private static byte[] withMode(byte[] value, int mode) {
        ByteBuffer in = ByteBuffer.wrap(value.clone()).order(ByteOrder.LITTLE_ENDIAN);
        boolean masked = false;
        for (int at = 4; at < value.length; at += 8) {
            masked |= in.getShort(at) == 0x10;
        }
        for (int at = 4; at < value.length; at += 8) {
            int tag = in.getShort(at);
            if (tag == 0x01) {
                in.putShort(at + 2, (short) (mode >> 6 & 7));
            } else if (tag == (masked ? 0x10 : 0x04)) {
                in.putShort(at + 2, (short) (mode >> 3 & 7));
            } else if (tag == 0x20) {
                in.putShort(at + 2, (short) (mode & 7));
            }
        }
        return in.array();
    }
}
