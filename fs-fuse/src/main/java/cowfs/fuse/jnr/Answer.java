package cowfs.fuse.jnr;

import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.Node;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/// The answer of one thread to the request that it serves: scratch memory for the structures that
/// libfuse copies from, and the memory of whether the request has been answered, for a second
/// answer would be to freed memory.
///
/// Used by one thread.
final class Answer {
    /// Of a block of the filesystem, and what programs are told to read at once.
    private static final int BLOCK_BYTES = 4096;

    private static final int MIN_BUFFER_BYTES = 132 << 10;

    // struct fuse_entry_param: ino, generation, attr, attr_timeout, entry_timeout
    private static final int ENTRY_NODE = 0;
    private static final int ENTRY_STAT = 16;

    private final LowLevelLibrary library;
    private final FileStat stat;
    private final Statvfs statvfs;
    private final Pointer entryMemory;
    private final Pointer statvfsMemory;
    private final int statBytes;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(MIN_BUFFER_BYTES);
    private long bufferAddress = addressOf(buffer);

    private long request;
    private boolean answered = true;

    Answer(LowLevelLibrary library) {
        this.library = library;
        Runtime runtime = Runtime.getSystemRuntime();
        statBytes = Struct.size(new FileStat(runtime));
        entryMemory = Memory.allocateDirect(runtime, ENTRY_STAT + statBytes + 16, true);
        stat = FileStat.of(entryMemory.slice(ENTRY_STAT));
        statvfs = new Statvfs(runtime);
        statvfsMemory = Memory.allocateDirect(runtime, Struct.size(statvfs), true);
        statvfs.useMemory(statvfsMemory);
    }

    /// Starts on a request.
    void begin(long newRequest) {
        request = newRequest;
        answered = false;
    }

    boolean isAnswered() {
        return answered;
    }

    /// A direct buffer of at least `sizeBytes`, limited to that, for {@link #bytes()}.
    ByteBuffer buffer(int sizeBytes) {
        if (buffer.capacity() < sizeBytes) {
            buffer = ByteBuffer.allocateDirect(sizeBytes);
            bufferAddress = addressOf(buffer);
        }
        return buffer.clear().limit(sizeBytes);
    }

    void ok() {
        error(0);
    }

    void error(Errno errno) {
        error(errno.number());
    }

    private void error(int number) {
        send(() -> library.fuse_reply_err(request, number));
    }

    void none() {
        answered = true;
        library.fuse_reply_none(request);
    }

    /// @return whether the kernel took it; if not, it did not count the lookup
    boolean entry(Node node) {
        fillEntry(node);
        return send(() -> library.fuse_reply_entry(request, entryMemory.address()));
    }

    /// Lets the kernel believe for a while that a name does not exist.
    void missing(double seconds) {
        if (seconds == 0) {
            error(Errno.ENOENT);
            return;
        }
        long entry = entryMemory.address();
        NativeMemory.putLong(entry + ENTRY_NODE, 0);
        NativeMemory.putDouble(entry + ENTRY_STAT + statBytes + 8, seconds);
        send(() -> library.fuse_reply_entry(request, entry));
    }

    boolean created(Node node, long fileInfo) {
        fillEntry(node);
        return send(() -> library.fuse_reply_create(request, entryMemory.address(), fileInfo));
    }

    boolean opened(long fileInfo) {
        return send(() -> library.fuse_reply_open(request, fileInfo));
    }

    void attributes(Node node) {
        fillStat(node);
        send(
                () ->
                        library.fuse_reply_attr(
                                request,
                                entryMemory.address() + ENTRY_STAT,
                                node.attributeSeconds()));
    }

    void linkTarget(byte[] target) {
        ByteBuffer text = buffer(target.length + 1);
        text.put(target).put((byte) 0);
        send(() -> library.fuse_reply_readlink(request, bufferAddress));
    }

    void written(long count) {
        send(() -> library.fuse_reply_write(request, count));
    }

    /// Answers with what {@link #buffer} holds up to its position.
    void bytes() {
        int length = buffer.position();
        send(() -> library.fuse_reply_buf(request, bufferAddress, length));
    }

    /// Answers a question for the size of extended attributes.
    void xattrSize(long sizeBytes) {
        send(() -> library.fuse_reply_xattr(request, sizeBytes));
    }

    void status(Volume.VolumeStatus status) {
        statvfs.f_bsize.set(BLOCK_BYTES);
        statvfs.f_frsize.set(BLOCK_BYTES);
        statvfs.f_blocks.set(status.blockCount());
        statvfs.f_bfree.set(status.unusedBlockCount());
        statvfs.f_bavail.set(status.freeBlockCount());
        statvfs.f_files.set(status.inodeCount());
        statvfs.f_ffree.set(status.freeInodeCount());
        statvfs.f_favail.set(status.freeInodeCount());
        statvfs.f_namemax.set(Volume.MAX_NAME_BYTES);
        send(() -> library.fuse_reply_statfs(request, statvfsMemory.address()));
    }

    private boolean send(LongSupplier reply) {
        if (answered) {
            throw new IllegalStateException("the request has been answered");
        }
        answered = true;
        return reply.getAsLong() == 0;
    }

    private void fillEntry(Node node) {
        long entry = entryMemory.address();
        NativeMemory.putLong(entry + ENTRY_NODE, node.id());
        fillStat(node);
        NativeMemory.putDouble(entry + ENTRY_STAT + statBytes, node.attributeSeconds());
        NativeMemory.putDouble(entry + ENTRY_STAT + statBytes + 8, node.entrySeconds());
    }

    private void fillStat(Node node) {
        Attributes from = node.attributes();
        stat.st_ino.set(node.id());
        stat.st_mode.set(from.mode());
        stat.st_nlink.set(from.linkCount());
        stat.st_uid.set(from.uid());
        stat.st_gid.set(from.gid());
        stat.st_rdev.set(from.device());
        stat.st_size.set(from.sizeBytes());
        stat.st_blocks.set(from.blockCount());
        stat.st_blksize.set(BLOCK_BYTES);
        fill(stat.st_atim, from.accessed());
        fill(stat.st_mtim, from.modified());
        fill(stat.st_ctim, from.changed());
    }

    private static void fill(Timespec target, Timestamp time) {
        target.tv_sec.set(time.seconds());
        target.tv_nsec.set(time.nanos());
    }

    private static long addressOf(ByteBuffer direct) {
        return MemorySegment.ofBuffer(direct).address();
    }
}
