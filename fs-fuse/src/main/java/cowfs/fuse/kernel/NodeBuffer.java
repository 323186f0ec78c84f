package cowfs.fuse.kernel;

import cowfs.fuse.kernel.ReplyFormat.Dirent;
import cowfs.fuse.kernel.ReplyFormat.Entry;
import cowfs.fuse.operation.DirectoryBuffer;
import cowfs.fuse.operation.Node;
import java.nio.ByteBuffer;

/// Directory entries in the kernel's layout, each with the attributes of what it leads to (`struct
/// fuse_direntplus`).
///
/// Not thread safe.
final class NodeBuffer {
    /// With a name of 16 bytes.
    static final int TYPICAL_ENTRY_BYTES = Entry.BYTES + Dirent.BYTES + 16;

    private final Reply reply;
    private final ByteBuffer target;
    private final DirectoryBuffer names;

    /// @param target the part of the reply's memory where entries go, up to its limit
    NodeBuffer(Reply reply, ByteBuffer target) {
        this.reply = reply;
        this.target = target;
        this.names = new DirectoryBuffer(target);
    }

    /// Adds an entry.
    ///
    /// @return false when it does not fit; the buffer is then as it was
    boolean add(byte[] name, Node node, long cookie) {
        int start = target.position();
        if (target.remaining() < Entry.BYTES + Dirent.BYTES) {
            return false;
        }
        target.position(start + Entry.BYTES);
        if (!names.add(name, node.id(), node.attributes().type(), cookie)) {
            target.position(start);
            return false;
        }
        if (isDots(name)) {
            // The kernel counts no lookup for these, and must be told nothing of them.
            Structures.putNothing(reply.memory(), start);
        } else {
            reply.putEntry(start, node);
        }
        return true;
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }
}
