package cowfs.fuse.kernel;

import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.fuse.kernel.ReplyFormat.Attr;
import cowfs.fuse.kernel.ReplyFormat.AttrReply;
import cowfs.fuse.kernel.ReplyFormat.Entry;
import cowfs.fuse.kernel.ReplyFormat.Statx;
import cowfs.fuse.operation.Node;
import java.lang.foreign.MemorySegment;

/// Files as the kernel's structures describe them.
final class Structures {
    /// What programs are told to read and write at once.
    private static final int BLOCK_BYTES = 4096;

    private static final double NANOS_PER_SECOND = 1e9;

    // linux/stat.h: STATX_BASIC_STATS and STATX_BTIME
    private static final int STATX_ALL = 0x7ff | 0x800;

    // The kernel's device number of 32 bits: minor 0..7, major 8..19, minor 20..31.
    private static final int MAJOR_SHIFT = 8;
    private static final int MAJOR_MASK = 0xfff;
    private static final int LOW_MINOR_MASK = 0xff;
    private static final int HIGH_MINOR_MASK = 0xfff00;
    private static final int HIGH_MINOR_SHIFT = 12;

    private Structures() {}

    static void putEntry(MemorySegment memory, long at, Node node, long generation) {
        Entry.NODE.set(memory, at, node.id());
        Entry.GENERATION.set(memory, at, generation);
        Entry.ENTRY_SECONDS.set(memory, at, seconds(node.entrySeconds()));
        Entry.ENTRY_NANOS.set(memory, at, nanos(node.entrySeconds()));
        Entry.ATTR_SECONDS.set(memory, at, seconds(node.attributeSeconds()));
        Entry.ATTR_NANOS.set(memory, at, nanos(node.attributeSeconds()));
        putAttributes(memory, at + Entry.ATTR, node);
    }

    /// An entry that says that there is nothing.
    static void putMissing(MemorySegment memory, long at, double seconds) {
        putNothing(memory, at);
        Entry.ENTRY_SECONDS.set(memory, at, seconds(seconds));
        Entry.ENTRY_NANOS.set(memory, at, nanos(seconds));
    }

    /// An entry that says nothing.
    static void putNothing(MemorySegment memory, long at) {
        memory.asSlice(at, Entry.BYTES).fill((byte) 0);
    }

    static void putAttributeReply(MemorySegment memory, long at, Node node) {
        AttrReply.SECONDS.set(memory, at, seconds(node.attributeSeconds()));
        AttrReply.NANOS.set(memory, at, nanos(node.attributeSeconds()));
        putAttributes(memory, at + AttrReply.ATTR, node);
    }

    private static void putAttributes(MemorySegment memory, long at, Node node) {
        Attributes from = node.attributes();
        Attr.NODE.set(memory, at, node.id());
        Attr.SIZE.set(memory, at, from.sizeBytes());
        Attr.BLOCKS.set(memory, at, from.blockCount());
        Attr.ACCESSED.set(memory, at, from.accessed().seconds());
        Attr.MODIFIED.set(memory, at, from.modified().seconds());
        Attr.CHANGED.set(memory, at, from.changed().seconds());
        Attr.ACCESSED_NANOS.set(memory, at, from.accessed().nanos());
        Attr.MODIFIED_NANOS.set(memory, at, from.modified().nanos());
        Attr.CHANGED_NANOS.set(memory, at, from.changed().nanos());
        Attr.MODE.set(memory, at, from.mode());
        Attr.LINKS.set(memory, at, from.linkCount());
        Attr.UID.set(memory, at, from.uid());
        Attr.GID.set(memory, at, from.gid());
        Attr.DEVICE.set(memory, at, (int) from.device());
        Attr.BLOCK_SIZE.set(memory, at, BLOCK_BYTES);
        Attr.FLAGS.set(memory, at, 0);
    }

    static void putStatx(MemorySegment memory, long at, Node node) {
        Attributes from = node.attributes();
        memory.asSlice(at, Statx.BYTES).fill((byte) 0);
        Statx.SECONDS.set(memory, at, seconds(node.attributeSeconds()));
        Statx.NANOS.set(memory, at, nanos(node.attributeSeconds()));
        Statx.MASK.set(memory, at, STATX_ALL);
        Statx.BLOCK_SIZE.set(memory, at, BLOCK_BYTES);
        Statx.LINKS.set(memory, at, from.linkCount());
        Statx.UID.set(memory, at, from.uid());
        Statx.GID.set(memory, at, from.gid());
        Statx.MODE.set(memory, at, from.mode());
        Statx.NODE.set(memory, at, node.id());
        Statx.SIZE.set(memory, at, from.sizeBytes());
        Statx.BLOCKS.set(memory, at, from.blockCount());
        put(memory, at, Statx.ACCESSED, from.accessed());
        put(memory, at, Statx.BORN, from.born());
        put(memory, at, Statx.CHANGED, from.changed());
        put(memory, at, Statx.MODIFIED, from.modified());
        int device = (int) from.device();
        Statx.DEVICE_MAJOR.set(memory, at, (device >>> MAJOR_SHIFT) & MAJOR_MASK);
        Statx.DEVICE_MINOR.set(
                memory,
                at,
                (device & LOW_MINOR_MASK) | ((device >>> HIGH_MINOR_SHIFT) & HIGH_MINOR_MASK));
    }

    private static void put(MemorySegment memory, long at, Statx.Time field, Timestamp time) {
        field.seconds().set(memory, at, time.seconds());
        field.nanos().set(memory, at, time.nanos());
    }

    private static long seconds(double seconds) {
        return (long) seconds;
    }

    private static int nanos(double seconds) {
        return (int) ((seconds - Math.floor(seconds)) * NANOS_PER_SECOND);
    }
}
