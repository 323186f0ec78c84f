package cowfs.fuse.kernel;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.fuse.kernel.Fields.U32;
import cowfs.fuse.kernel.Fields.U64;
import cowfs.fuse.kernel.RequestFormat.GetXattr;
import cowfs.fuse.kernel.RequestFormat.SetAttributes;
import cowfs.fuse.kernel.RequestFormat.SetXattr;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import cowfs.fuse.operation.Operations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The requests about attributes, extended ones, and the targets of symlinks.
final class AttributeRequests {
    // FATTR_*
    private static final int SET_MODE = 1;
    private static final int SET_UID = 1 << 1;
    private static final int SET_GID = 1 << 2;
    private static final int SET_SIZE = 1 << 3;
    private static final int SET_ACCESSED = 1 << 4;
    private static final int SET_MODIFIED = 1 << 5;
    private static final int SET_ACCESSED_NOW = 1 << 7;
    private static final int SET_MODIFIED_NOW = 1 << 8;
    private static final int SET_CHANGED = 1 << 10;
    private static final int CLEAR_SET_IDS = 1 << 11;

    /// The handle and the lock owner, which say nothing about the file.
    private static final int OF_THE_CALLER = 1 << 6 | 1 << 9;

    // sys/xattr.h
    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;

    /// FUSE_SETXATTR_ACL_KILL_SGID
    private static final int CLEAR_SET_GROUP_ID = 1;

    private final Operations operations;

    AttributeRequests(Operations operations) {
        this.operations = operations;
    }

    void register(Map<Opcode, Dispatcher.Handler> handlers) {
        handlers.put(Opcode.GETATTR, this::getAttributes);
        handlers.put(Opcode.STATX, this::getStatx);
        handlers.put(Opcode.SETATTR, this::setAttributes);
        handlers.put(Opcode.READLINK, this::readLink);
        handlers.put(Opcode.GETXATTR, this::getXattr);
        handlers.put(Opcode.SETXATTR, this::setXattr);
        handlers.put(Opcode.LISTXATTR, this::listXattrs);
        handlers.put(Opcode.REMOVEXATTR, this::removeXattr);
    }

    private void getAttributes(Request request, Reply reply) throws IOException {
        reply.attributes(operations.getAttributes(request.node()));
    }

    private void getStatx(Request request, Reply reply) throws IOException {
        reply.statx(operations.getAttributes(request.node()));
    }

    private void setAttributes(Request request, Reply reply) throws IOException {
        int which = request.get(SetAttributes.WHICH);
        if ((which & ~OF_THE_CALLER) == (SET_MODIFIED | SET_CHANGED)) {
            keepTimes(request, reply);
            return;
        }
        AttributeChange change =
                new AttributeChange(
                        has(which, SET_MODE)
                                ? request.get(SetAttributes.MODE) & ~Attributes.TYPE_MASK
                                : null,
                        has(which, SET_UID) ? request.get(SetAttributes.UID) : null,
                        has(which, SET_GID) ? request.get(SetAttributes.GID) : null,
                        has(which, SET_SIZE) ? request.get(SetAttributes.SIZE) : null,
                        time(
                                request,
                                has(which, SET_ACCESSED),
                                has(which, SET_ACCESSED_NOW),
                                SetAttributes.ACCESSED,
                                SetAttributes.ACCESSED_NANOS),
                        time(
                                request,
                                has(which, SET_MODIFIED),
                                has(which, SET_MODIFIED_NOW),
                                SetAttributes.MODIFIED,
                                SetAttributes.MODIFIED_NANOS));
        boolean cleared = has(which, CLEAR_SET_IDS | SET_UID | SET_GID);
        reply.attributes(
                operations.setAttributes(request.node(), change.with(OpenFlags.bits(cleared))));
    }

    private void keepTimes(Request request, Reply reply) throws IOException {
        reply.attributes(
                operations.keepTimes(
                        request.node(),
                        time(request, SetAttributes.MODIFIED, SetAttributes.MODIFIED_NANOS),
                        time(request, SetAttributes.CHANGED, SetAttributes.CHANGED_NANOS)));
    }

    private static boolean has(int which, int bits) {
        return (which & bits) != 0;
    }

    private static @Nullable Timestamp time(
            Request request, boolean isSet, boolean isNow, U64 seconds, U32 nanos)
            throws IOException {
        if (isNow) {
            return Timestamp.now();
        }
        return isSet ? time(request, seconds, nanos) : null;
    }

    private static Timestamp time(Request request, U64 seconds, U32 nanos) throws IOException {
        int nano = request.get(nanos);
        if (nano < 0 || nano > 999_999_999) {
            throw new ErrnoException(Errno.EINVAL, "no such time");
        }
        return new Timestamp(request.get(seconds), nano);
    }

    private void readLink(Request request, Reply reply) throws IOException {
        reply.bytes(operations.readLink(request.node()));
    }

    private void getXattr(Request request, Reply reply) throws IOException {
        byte[] value = operations.getXattr(request.node(), request.takeName());
        if (fits(reply, value.length, request.get(GetXattr.SIZE))) {
            reply.bytes(value);
        }
    }

    private void setXattr(Request request, Reply reply) throws IOException {
        request.requireStructure(SetXattr.SHORT_BYTES);
        byte[] name = request.takeName();
        byte[] value = request.takeBytes(request.get(SetXattr.SIZE));
        boolean extended = request.structureBytes() >= SetXattr.BYTES;
        boolean clears =
                extended && (request.get(SetXattr.EXTENDED_FLAGS) & CLEAR_SET_GROUP_ID) != 0;
        operations.setXattr(
                request.node(),
                name,
                value,
                xattrMode(request.get(SetXattr.FLAGS)),
                OpenFlags.bits(clears));
        reply.ok();
    }

    private static Volume.XattrMode xattrMode(int flags) throws IOException {
        return switch (flags) {
            case 0 -> Volume.XattrMode.CREATE_OR_REPLACE;
            case XATTR_CREATE -> Volume.XattrMode.CREATE;
            case XATTR_REPLACE -> Volume.XattrMode.REPLACE;
            default -> throw new ErrnoException(Errno.EINVAL, "no such setxattr flags: " + flags);
        };
    }

    private void listXattrs(Request request, Reply reply) throws IOException {
        List<byte[]> names = operations.listXattrs(request.node());
        int length = names.stream().mapToInt(name -> name.length + 1).sum();
        if (fits(reply, length, request.get(GetXattr.SIZE))) {
            ByteBuffer list = reply.buffer(length);
            names.forEach(name -> list.put(name).put((byte) 0));
            reply.bytes();
        }
    }

    /// Answers what asks for the size only.
    ///
    /// @return whether the bytes themselves are to follow
    private static boolean fits(Reply reply, int lengthBytes, int size) throws IOException {
        if (size == 0) {
            reply.size(lengthBytes);
            return false;
        }
        if (lengthBytes > Integer.toUnsignedLong(size)) {
            throw new ErrnoException(Errno.ERANGE, "the buffer is too small");
        }
        return true;
    }

    private void removeXattr(Request request, Reply reply) throws IOException {
        operations.removeXattr(request.node(), request.takeName());
        reply.ok();
    }
}
