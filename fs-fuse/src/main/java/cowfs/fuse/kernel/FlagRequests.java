package cowfs.fuse.kernel;

import cowfs.file.AttributeChange;
import cowfs.file.InodeFlags;
import cowfs.fuse.kernel.Fields.U32;
import cowfs.fuse.kernel.RequestFormat.Ioctl;
import cowfs.fuse.operation.AttributeOperations;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Map;

/// The requests about the flags of inodes, which `chattr` and `lsattr` send as ioctls; all other
/// ioctls are none of this filesystem's.
///
/// The kernel checks who may set them.
final class FlagRequests {
    // linux/fs.h
    private static final int GET_FLAGS = 0x80086601;
    private static final int SET_FLAGS = 0x40086602;
    private static final int GET_EXTENDED = 0x801c581f;
    private static final int SET_EXTENDED = 0x401c5820;

    private static final int[][] EXTENDED_BITS = {
        {InodeFlags.IMMUTABLE, 0x8},
        {InodeFlags.APPEND, 0x10},
        {InodeFlags.NO_ATIME, 0x40},
        {InodeFlags.NO_DUMP, 0x80},
    };

    private final AttributeOperations attributes;

    FlagRequests(AttributeOperations attributes) {
        this.attributes = attributes;
    }

    void register(Map<Opcode, Dispatcher.Handler> handlers) {
        handlers.put(Opcode.IOCTL, this::control);
    }

    private void control(Request request, Reply reply) throws IOException {
        switch (request.get(Ioctl.COMMAND)) {
            case GET_FLAGS -> answer(request, reply, flags(request), Integer.BYTES);
            case SET_FLAGS -> {
                setFlags(request, takeNumber(request, Integer.BYTES));
                answer(request, reply, 0, 0);
            }
            case GET_EXTENDED -> answer(request, reply, toExtended(flags(request)), Extended.BYTES);
            case SET_EXTENDED -> {
                setFlags(request, fromExtended(takeNumber(request, Extended.BYTES)));
                answer(request, reply, 0, 0);
            }
            default -> throw new ErrnoException(Errno.ENOTTY, "no such ioctl");
        }
    }

    private int flags(Request request) throws IOException {
        return attributes.get(request.node()).attributes().flags();
    }

    private void setFlags(Request request, int flags) throws IOException {
        if ((flags & ~InodeFlags.ALL) != 0) {
            throw new ErrnoException(Errno.EOPNOTSUPP, "no such inode flags");
        }
        attributes.set(request.node(), AttributeChange.ofFlags(flags));
    }

    /// The first number of what goes in.
    private static int takeNumber(Request request, int structureBytes) throws IOException {
        long place = request.takePlace(structureBytes);
        return Extended.FLAGS.get(request.body(), place);
    }

    /// Answers with a structure that begins with a number and is zero otherwise.
    private static void answer(Request request, Reply reply, int number, int structureBytes)
            throws IOException {
        if (Integer.compareUnsigned(request.get(Ioctl.OUT_SIZE), structureBytes) < 0) {
            throw new ErrnoException(Errno.EINVAL, "no room for the answer");
        }
        ByteBuffer buffer = reply.buffer(ReplyFormat.Ioctl.BYTES + structureBytes);
        int start = buffer.position();
        MemorySegment memory = reply.memory();
        memory.asSlice(start, buffer.remaining()).fill((byte) 0);
        if (structureBytes > 0) {
            Extended.FLAGS.set(memory, (long) start + ReplyFormat.Ioctl.BYTES, number);
        }
        buffer.position(buffer.limit());
        reply.bytes();
    }

    private static int toExtended(int flags) {
        int extended = 0;
        for (int[] pair : EXTENDED_BITS) {
            extended |= (flags & pair[0]) == 0 ? 0 : pair[1];
        }
        return extended;
    }

    private static int fromExtended(int extended) throws ErrnoException {
        int flags = 0;
        int rest = extended;
        for (int[] pair : EXTENDED_BITS) {
            flags |= (extended & pair[1]) == 0 ? 0 : pair[0];
            rest &= ~pair[1];
        }
        if (rest != 0) {
            throw new ErrnoException(Errno.EOPNOTSUPP, "no such inode flags");
        }
        return flags;
    }

    /// `struct fsxattr`, of which the flags count; a plain number is its beginning.
    private static final class Extended {
        private static final Fields F = Fields.of("fsxattr");
        static final U32 FLAGS = F.u32();
        static final int BYTES = F.gap(24).size(28);

        private Extended() {}
    }
}
