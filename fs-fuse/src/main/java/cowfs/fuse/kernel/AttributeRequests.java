package cowfs.fuse.kernel;

import cowfs.file.AttributeChange;
import cowfs.file.Timestamp;
import cowfs.fuse.kernel.Fields.U32;
import cowfs.fuse.kernel.Fields.U64;
import cowfs.fuse.kernel.RequestFormat.GetXattr;
import cowfs.fuse.kernel.RequestFormat.SetAttributes;
import cowfs.fuse.kernel.RequestFormat.SetXattr;
import cowfs.fuse.operation.AttributeBits;
import cowfs.fuse.operation.AttributeOperations;
import cowfs.fuse.operation.CallFlags;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import cowfs.fuse.operation.XattrOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/// The requests about attributes, extended ones, and the targets of symlinks.
final class AttributeRequests {
    // FATTR_*, beyond what AttributeBits has
    private static final int SET_CHANGED = 1 << 10;
    private static final int CLEAR_SET_IDS = 1 << 11;

    private static final int BY_HANDLE = 1 << 6;

    /// The handle and the lock owner, which say nothing about the file.
    private static final int OF_THE_CALLER = BY_HANDLE | 1 << 9;

    /// FUSE_SETXATTR_ACL_KILL_SGID
    private static final int CLEAR_SET_GROUP_ID = 1;

    private final AttributeOperations attributes;
    private final XattrOperations xattrs;
    private final Generation generation;

    AttributeRequests(
            AttributeOperations attributes, XattrOperations xattrs, Generation generation) {
        this.attributes = attributes;
        this.xattrs = xattrs;
        this.generation = generation;
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
        reply.attributes(attributes.get(request.node()));
    }

    private void getStatx(Request request, Reply reply) throws IOException {
        reply.statx(attributes.get(request.node()));
    }

    private void setAttributes(Request request, Reply reply) throws IOException {
        int which = request.get(SetAttributes.WHICH);
        if ((which & BY_HANDLE) != 0) {
            generation.requireCurrent(request.node(), request.get(SetAttributes.HANDLE));
        }
        if ((which & ~OF_THE_CALLER) == (AttributeBits.MODIFIED | SET_CHANGED)) {
            keepTimes(request, reply);
            return;
        }
        AttributeChange change = AttributeBits.change(which, new Given(request));
        boolean cleared =
                AttributeBits.has(which, CLEAR_SET_IDS | AttributeBits.UID | AttributeBits.GID);
        reply.attributes(attributes.set(request.node(), change.with(OpenFlags.bits(cleared))));
    }

    private void keepTimes(Request request, Reply reply) throws IOException {
        reply.attributes(
                attributes.keepTimes(
                        request.node(),
                        time(request, SetAttributes.MODIFIED, SetAttributes.MODIFIED_NANOS),
                        time(request, SetAttributes.CHANGED, SetAttributes.CHANGED_NANOS)));
    }

    private static Timestamp time(Request request, U64 seconds, U32 nanos) throws ErrnoException {
        return AttributeBits.time(request.get(seconds), Integer.toUnsignedLong(request.get(nanos)));
    }

    private void readLink(Request request, Reply reply) throws IOException {
        reply.bytes(attributes.readLink(request.node()));
    }

    private void getXattr(Request request, Reply reply) throws IOException {
        byte[] value = xattrs.get(request.node(), request.takeName());
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
        xattrs.set(
                request.node(),
                name,
                value,
                CallFlags.xattrMode(request.get(SetXattr.FLAGS)),
                OpenFlags.bits(clears));
        reply.ok();
    }

    private void listXattrs(Request request, Reply reply) throws IOException {
        List<byte[]> names = xattrs.list(request.node());
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
        xattrs.remove(request.node(), request.takeName());
        reply.ok();
    }

    /// The values of a request.
    private record Given(Request request) implements AttributeBits.Values {
        @Override
        public int mode() {
            return request.get(SetAttributes.MODE);
        }

        @Override
        public int uid() {
            return request.get(SetAttributes.UID);
        }

        @Override
        public int gid() {
            return request.get(SetAttributes.GID);
        }

        @Override
        public long sizeBytes() {
            return request.get(SetAttributes.SIZE);
        }

        @Override
        public Timestamp accessed() throws ErrnoException {
            return time(request, SetAttributes.ACCESSED, SetAttributes.ACCESSED_NANOS);
        }

        @Override
        public Timestamp modified() throws ErrnoException {
            return time(request, SetAttributes.MODIFIED, SetAttributes.MODIFIED_NANOS);
        }
    }
}
