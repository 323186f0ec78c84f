package cowfs.fuse.operation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Directory entries in the kernel's layout (`struct fuse_dirent`): node id, cookie, name length,
/// type, name, and zeros up to a multiple of eight bytes.
///
/// Not thread safe.
public final class DirectoryBuffer {
    private static final int HEADER_BYTES = 24;
    private static final int ALIGNMENT_BYTES = 8;
    private static final int TYPE_SHIFT = 12;

    private final ByteBuffer target;

    /// @param target where entries go, up to its limit
    public DirectoryBuffer(ByteBuffer target) {
        this.target = target.order(ByteOrder.nativeOrder());
    }

    /// Adds an entry.
    ///
    /// @param type file type bits of the mode
    /// @return false when it does not fit; the buffer is then as it was
    public boolean add(byte[] name, long node, int type, long cookie) {
        int padding = -name.length & (ALIGNMENT_BYTES - 1);
        if (target.remaining() < HEADER_BYTES + name.length + padding) {
            return false;
        }
        target.putLong(node).putLong(cookie);
        target.putInt(name.length).putInt(type >>> TYPE_SHIFT);
        target.put(name);
        for (int i = 0; i < padding; i++) {
            target.put((byte) 0);
        }
        return true;
    }
}
