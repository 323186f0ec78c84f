package cowfs.fuse.kernel;

import cowfs.fuse.kernel.RequestFormat.Header;
import cowfs.fuse.operation.Caller;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One request of the kernel, decoded in place: a header, the structure of its opcode, and a
/// *payload* of names and data.
///
///     loop   | header | structure | payload        one stretch of memory, as read
///     ring   | header | structure |   + payload     two, as the kernel fills them
///
/// Every length is checked against what has come. What is too short is refused with `EIO`, and what
/// lies beyond it is never looked at.
///
/// Reused for request after request; used by one thread at a time.
final class Request {
    private final MemorySegment head;
    private final long headerAt;
    private final MemorySegment body;
    private final ByteBuffer bodyBytes;

    private @Nullable Opcode opcode;
    private long structureAt;
    private int structureBytes;
    private long next;
    private long end;
    private boolean apart;

    /// @param head holds the header at `headerAt`
    /// @param body holds the payload; the same memory as `head` for a stream
    Request(MemorySegment head, long headerAt, MemorySegment body) {
        this.head = head;
        this.headerAt = headerAt;
        this.body = body;
        this.bodyBytes = body.asByteBuffer();
    }

    /// Takes what has been read from the device.
    ///
    /// @return false when it is no request at all: shorter than a header, or of another length than
    ///   the header says
    boolean takeStream(int lengthBytes, boolean extendedXattr) {
        if (lengthBytes < Header.BYTES || Header.LENGTH.get(head, headerAt) != lengthBytes) {
            return false;
        }
        opcode = Opcode.lookup(opcodeNumber());
        structureAt = headerAt + Header.BYTES;
        // Extensions come last, and none has been asked for.
        int bytes = lengthBytes - Header.BYTES;
        structureBytes =
                Math.min(bytes, opcode == null ? 0 : structureBytes(opcode, extendedXattr));
        next = structureAt + structureBytes;
        end = structureAt + bytes;
        return true;
    }

    private static int structureBytes(Opcode opcode, boolean extendedXattr) {
        return opcode == Opcode.SETXATTR && !extendedXattr
                ? RequestFormat.SetXattr.SHORT_BYTES
                : opcode.structureBytes();
    }

    /// Takes what the kernel has put into a ring's memory. It does not say how long the structure
    /// is: there is room for any.
    void takeRing(long newStructureAt, int payloadBytes, boolean extendedXattr) {
        opcode = Opcode.lookup(opcodeNumber());
        structureAt = newStructureAt;
        structureBytes = opcode == null ? 0 : structureBytes(opcode, extendedXattr);
        next = 0;
        end = payloadBytes;
    }

    /// Whether it is served by a thread that nobody waits for, so that it may wait for others.
    boolean isApart() {
        return apart;
    }

    void setApart(boolean isApart) {
        apart = isApart;
    }

    /// Null if it is one that nobody knows.
    @Nullable Opcode opcode() {
        return opcode;
    }

    int opcodeNumber() {
        return Header.OPCODE.get(head, headerAt);
    }

    /// What the answer is to be marked with.
    long unique() {
        return Header.UNIQUE.get(head, headerAt);
    }

    long node() {
        return Header.NODE.get(head, headerAt);
    }

    /// Who asks, by the kernel's word.
    Caller caller() {
        return new Caller(Header.UID.get(head, headerAt), Header.GID.get(head, headerAt));
    }

    /// Who asks to make something.
    ///
    /// @param umask what the new inode does not get
    Caller caller(int umask) {
        return new Caller(Header.UID.get(head, headerAt), Header.GID.get(head, headerAt), umask);
    }

    /// The thread that asks, 0 when the kernel asks for itself.
    int thread() {
        return Header.THREAD.get(head, headerAt);
    }

    /// The bytes that have come for the opcode's structure.
    int structureBytes() {
        return structureBytes;
    }

    /// Checks that the whole structure of the opcode has come.
    void requireStructure(int neededBytes) throws ErrnoException {
        if (structureBytes < neededBytes) {
            throw tooShort();
        }
    }

    int get(Fields.U32 field) {
        return field.get(head, structureAt);
    }

    long get(Fields.U64 field) {
        return field.get(head, structureAt);
    }

    /// Payload bytes that have not been taken yet.
    int remaining() {
        return (int) (end - next);
    }

    /// Takes the next name of the payload: bytes up to a NUL.
    byte[] takeName() throws ErrnoException {
        for (long at = next; at < end; at++) {
            if (body.get(ValueLayout.JAVA_BYTE, at) == 0) {
                byte[] name = takeBytes((int) (at - next));
                next++;
                return name;
            }
        }
        throw tooShort();
    }

    /// Takes a copy of the next bytes of the payload.
    byte[] takeBytes(int count) throws ErrnoException {
        byte[] bytes = new byte[count(count)];
        MemorySegment.copy(body, ValueLayout.JAVA_BYTE, next, bytes, 0, count);
        next += count;
        return bytes;
    }

    /// Takes the next bytes of the payload in place; they are valid until the request is answered.
    ByteBuffer takeView(int count) throws ErrnoException {
        int start = (int) next;
        next += count(count);
        return bodyBytes.limit(start + count).position(start);
    }

    /// The place in the payload's memory where the next bytes lie, which are taken.
    long takePlace(int count) throws ErrnoException {
        long place = next;
        next += count(count);
        return place;
    }

    MemorySegment body() {
        return body;
    }

    private int count(int count) throws ErrnoException {
        if (count < 0 || count > remaining()) {
            throw tooShort();
        }
        return count;
    }

    private ErrnoException tooShort() {
        return new ErrnoException(
                Errno.EIO, "the kernel's request " + opcode + " is too short for what it says");
    }
}
