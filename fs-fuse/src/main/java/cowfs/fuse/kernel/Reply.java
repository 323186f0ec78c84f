package cowfs.fuse.kernel;

import cowfs.file.Volume;
import cowfs.fuse.kernel.ReplyFormat.AttrReply;
import cowfs.fuse.kernel.ReplyFormat.Entry;
import cowfs.fuse.kernel.ReplyFormat.Status;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.Node;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// The answer to one request, put together where it is sent from: an error number, or a body.
///
/// Exactly one of the methods that answer is called for each request; a second one is a mistake of
/// the handler. Reused for request after request; used by one thread at a time.
final class Reply {
    /// Of a block of the filesystem.
    private static final int BLOCK_BYTES = 4096;

    private final MemorySegment memory;
    private final long bodyAt;
    private final ByteBuffer buffer;
    private final Generation generation;

    private boolean answered;
    private boolean silent;
    private int error;
    private int bodyBytes;

    /// @param bodyAt where in `memory` a body begins; it may go on to the end
    /// @param generation what entries and opened files are marked with
    Reply(MemorySegment memory, long bodyAt, Generation generation) {
        this.generation = generation;
        this.memory = memory;
        this.bodyAt = bodyAt;
        this.buffer = memory.asByteBuffer();
    }

    /// Starts on a new request.
    void begin() {
        answered = false;
        silent = false;
        error = 0;
        bodyBytes = 0;
    }

    boolean isAnswered() {
        return answered;
    }

    /// Whether the kernel expects no answer.
    boolean isSilent() {
        return silent;
    }

    /// The positive error number, or 0.
    int error() {
        return error;
    }

    /// The length of the body; 0 with an error.
    int bodyBytes() {
        return bodyBytes;
    }

    /// Nothing is sent: for requests that have no answer.
    void none() {
        answer(0);
        silent = true;
    }

    void ok() {
        answer(0);
    }

    void error(Errno errno) {
        answer(0);
        error = errno.number();
    }

    /// Room for bytes, for {@link #bytes}.
    ///
    /// @param sizeBytes what the kernel has asked for, unsigned; there is no more room than it has
    ///   been promised
    ByteBuffer buffer(int sizeBytes) {
        long capacity = memory.byteSize() - bodyAt;
        int limit = (int) Math.min(Integer.toUnsignedLong(sizeBytes), capacity);
        return buffer.limit((int) bodyAt + limit).position((int) bodyAt);
    }

    /// The memory that {@link #buffer} is a view of.
    MemorySegment memory() {
        return memory;
    }

    /// Answers with what is in {@link #buffer} up to its position.
    void bytes() {
        answer(buffer.position() - (int) bodyAt);
    }

    void bytes(byte[] value) {
        buffer(value.length).put(value);
        bytes();
    }

    void entry(Node node) {
        putEntry(bodyAt, node);
        answer(Entry.BYTES);
    }

    /// Puts an entry somewhere into {@link #memory}.
    void putEntry(long at, Node node) {
        Structures.putEntry(memory, at, node, generation.of(node.id()));
    }

    /// Lets the kernel believe for a while that a name does not exist.
    void missing(double seconds) {
        if (seconds == 0) {
            error(Errno.ENOENT);
            return;
        }
        Structures.putMissing(memory, bodyAt, seconds);
        answer(Entry.BYTES);
    }

    void created(Node node, int openFlags) {
        putEntry(bodyAt, node);
        putOpen(bodyAt + Entry.BYTES, node.id(), openFlags);
        answer(Entry.BYTES + ReplyFormat.Open.BYTES);
    }

    void opened(long node, int openFlags) {
        putOpen(bodyAt, node, openFlags);
        answer(ReplyFormat.Open.BYTES);
    }

    private void putOpen(long at, long node, int openFlags) {
        ReplyFormat.Open.HANDLE.set(memory, at, generation.handle(node));
        ReplyFormat.Open.FLAGS.set(memory, at, openFlags);
        ReplyFormat.Open.BACKING.set(memory, at, 0);
    }

    void attributes(Node node) {
        Structures.putAttributeReply(memory, bodyAt, node);
        answer(AttrReply.BYTES);
    }

    void statx(Node node) {
        Structures.putStatx(memory, bodyAt, node);
        answer(ReplyFormat.Statx.BYTES);
    }

    /// Answers with a count of bytes: those written, or those that an extended attribute has.
    void size(int sizeBytes) {
        ReplyFormat.Size.SIZE.set(memory, bodyAt, sizeBytes);
        ReplyFormat.Size.PADDING.set(memory, bodyAt, 0);
        answer(ReplyFormat.Size.BYTES);
    }

    /// Answers with a place in a file, or a count that may be as large.
    void offset(long offset) {
        ReplyFormat.Offset.OFFSET.set(memory, bodyAt, offset);
        answer(ReplyFormat.Offset.BYTES);
    }

    void status(Volume.VolumeStatus status) {
        memory.asSlice(bodyAt, Status.BYTES).fill((byte) 0);
        Status.BLOCKS.set(memory, bodyAt, status.blockCount());
        Status.FREE.set(memory, bodyAt, status.unusedBlockCount());
        Status.AVAILABLE.set(memory, bodyAt, status.freeBlockCount());
        Status.FILES.set(memory, bodyAt, status.inodeCount());
        Status.FREE_FILES.set(memory, bodyAt, status.freeInodeCount());
        Status.BLOCK_SIZE.set(memory, bodyAt, BLOCK_BYTES);
        Status.FRAGMENT_SIZE.set(memory, bodyAt, BLOCK_BYTES);
        Status.NAME_LENGTH.set(memory, bodyAt, Volume.MAX_NAME_BYTES);
        answer(Status.BYTES);
    }

    private void answer(int newBodyBytes) {
        if (answered) {
            throw new IllegalStateException("the request has been answered");
        }
        answered = true;
        bodyBytes = newBodyBytes;
    }
}
