package cowfs.fuse.kernel;

import cowfs.fuse.kernel.ReplyFormat.Header;
import cowfs.fuse.kernel.ReplyFormat.InvalidateEntry;
import cowfs.fuse.kernel.ReplyFormat.InvalidateInode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What the kernel is told without having asked: that something it keeps is not true any more.
///
/// Thread safe.
final class Notices {
    // enum fuse_notify_code
    private static final int INVALIDATE_INODE = 2;
    private static final int INVALIDATE_ENTRY = 3;
    private static final int INCREASE_EPOCH = 8;

    private final Connection connection;

    Notices(Connection connection) {
        this.connection = connection;
    }

    /// The attributes of a node have changed. Takes no lock in the kernel, so a thread that serves
    /// requests may call it.
    void attributesChanged(long node) {
        invalidate(node, -1, 0);
    }

    /// The attributes, the content and the listing of a node have changed.
    ///
    /// The kernel first writes back what it has, so this waits for requests; nobody may call it who
    /// serves any.
    void contentChanged(long node) {
        invalidate(node, 0, -1);
    }

    private void invalidate(long node, long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment notice = begin(arena, INVALIDATE_INODE, InvalidateInode.BYTES);
            InvalidateInode.NODE.set(notice, Header.BYTES, node);
            InvalidateInode.OFFSET.set(notice, Header.BYTES, offset);
            InvalidateInode.LENGTH.set(notice, Header.BYTES, length);
            send(notice);
        }
    }

    /// A name stands for something else, or for nothing. The kernel locks the directory, so nobody
    /// may call it who serves requests.
    void nameChanged(long parent, byte[] name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment notice =
                    begin(arena, INVALIDATE_ENTRY, InvalidateEntry.BYTES + name.length + 1);
            InvalidateEntry.PARENT.set(notice, Header.BYTES, parent);
            InvalidateEntry.NAME_LENGTH.set(notice, Header.BYTES, name.length);
            MemorySegment.copy(
                    name,
                    0,
                    notice,
                    ValueLayout.JAVA_BYTE,
                    Header.BYTES + InvalidateEntry.BYTES,
                    name.length);
            send(notice);
        }
    }

    /// No name is known any more, nor that there is none. Takes no lock in the kernel.
    ///
    /// @return false when the kernel can't do that: before Linux 6.16
    boolean allNamesChanged() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment notice = begin(arena, INCREASE_EPOCH, 0);
            return connection.tryWrite(notice.address(), notice.byteSize()) >= 0;
        }
    }

    private static MemorySegment begin(Arena arena, int code, int bodyBytes) {
        MemorySegment notice = arena.allocate(Header.BYTES + bodyBytes, Long.BYTES);
        Header.LENGTH.set(notice, 0, Header.BYTES + bodyBytes);
        Header.ERROR.set(notice, 0, code);
        return notice;
    }

    /// That the kernel does not know the node (`ENOENT`) is as good as its having forgotten it.
    private void send(MemorySegment notice) {
        connection.write(notice.address(), notice.byteSize(), null);
    }
}
