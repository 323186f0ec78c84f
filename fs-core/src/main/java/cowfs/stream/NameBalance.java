package cowfs.stream;

import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.InodeItem;
import cowfs.format.NameHash;
import java.nio.ByteBuffer;

/// What names and inodes say of each other, as amounts that add up to zero in a tree where they
/// agree: each entry has its ref, each inode as many entries of its type as its link count says,
/// each directory as many entries and subdirectories as it states.
///
/// Whoever changes an item takes away what the old one said and adds what the new one says. The
/// base of an increment adds up to zero, so it need not be looked at: the changes alone must.
///
/// Hashes have 64 bits under the secret seed of the receiving image, so nobody who makes a stream
/// can make wrong numbers cancel out. Immutable.
final class NameBalance {
    private static final byte NAMES = 1;
    private static final byte LINKS = 2;
    private static final byte ENTRIES = 3;
    private static final byte SUBDIRECTORIES = 4;
    private static final byte[] NO_NAME = new byte[0];

    private final NameHash hash;

    NameBalance(NameHash hash) {
        this.hash = hash;
    }

    /// What an inode item says.
    long inode(long number, byte[] page, int item) {
        int type = InodeItem.MODE.get(page, item) & Attributes.TYPE_MASK;
        long links = InodeItem.LINK_COUNT.getUnsigned(page, item);
        if (type != Attributes.DIRECTORY) {
            return -links * weigh(LINKS, number, type, NO_NAME);
        }
        long names = links == 0 || number == Volume.ROOT_INODE ? 0 : 1;
        long entries = InodeItem.SIZE_BYTES.get(page, item);
        return -names * weigh(LINKS, number, type, NO_NAME)
                - entries * weigh(ENTRIES, number, 0, NO_NAME)
                - Math.max(0, links - 2) * weigh(SUBDIRECTORIES, number, 0, NO_NAME);
    }

    /// What a directory entry says.
    ///
    /// @param type file type bits as in a mode
    long dirent(long directory, byte[] name, long child, int type) {
        long amount =
                weigh(NAMES, directory, child, name)
                        + weigh(LINKS, child, type, NO_NAME)
                        + weigh(ENTRIES, directory, 0, NO_NAME);
        return type == Attributes.DIRECTORY
                ? amount + weigh(SUBDIRECTORIES, directory, 0, NO_NAME)
                : amount;
    }

    /// What an inode ref says.
    long ref(long inode, long parent, byte[] name) {
        return -weigh(NAMES, parent, inode, name);
    }

    /// Odd, so that no number of equal ones cancels out.
    private long weigh(byte rule, long a, long b, byte[] name) {
        byte[] bytes =
                ByteBuffer.allocate(17 + name.length)
                        .put(rule)
                        .putLong(a)
                        .putLong(b)
                        .put(name)
                        .array();
        return hash.full(bytes) | 1;
    }
}
