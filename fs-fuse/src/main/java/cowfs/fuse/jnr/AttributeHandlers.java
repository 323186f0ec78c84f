package cowfs.fuse.jnr;

import static cowfs.fuse.jnr.OperationTable.Field.GETATTR;
import static cowfs.fuse.jnr.OperationTable.Field.GETXATTR;
import static cowfs.fuse.jnr.OperationTable.Field.LISTXATTR;
import static cowfs.fuse.jnr.OperationTable.Field.READLINK;
import static cowfs.fuse.jnr.OperationTable.Field.REMOVEXATTR;
import static cowfs.fuse.jnr.OperationTable.Field.SETATTR;
import static cowfs.fuse.jnr.OperationTable.Field.SETXATTR;

import cowfs.file.AttributeChange;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.fuse.operation.AttributeBits;
import cowfs.fuse.operation.AttributeOperations;
import cowfs.fuse.operation.CallFlags;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import cowfs.fuse.operation.XattrOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Timespec;

/// The requests about attributes, extended ones, and the targets of symlinks.
final class AttributeHandlers {
    private final Requests requests;
    private final AttributeOperations attributes;
    private final XattrOperations xattrs;

    AttributeHandlers(Requests requests) {
        this.requests = requests;
        this.attributes = requests.operations().attributes();
        this.xattrs = requests.operations().xattrs();
    }

    void register(OperationTable table) {
        table.set(GETATTR, Callbacks.OnNodeAndPointer.class, this::getAttributes);
        table.set(SETATTR, Callbacks.SetAttributes.class, this::setAttributes);
        table.set(READLINK, Callbacks.OnNode.class, this::readLink);
        table.set(GETXATTR, Callbacks.GetXattr.class, this::getXattr);
        table.set(SETXATTR, Callbacks.SetXattr.class, this::setXattr);
        table.set(LISTXATTR, Callbacks.ListXattrs.class, this::listXattrs);
        table.set(REMOVEXATTR, Callbacks.OnNodeAndPointer.class, this::removeXattr);
    }

    private void getAttributes(long request, long node, long fileInfo) {
        requests.serve(request, answer -> answer.attributes(attributes.get(node)));
    }

    private void setAttributes(long request, long node, long stat, int which, long fileInfo) {
        requests.serve(
                request, answer -> answer.attributes(attributes.set(node, change(stat, which))));
    }

    private static AttributeChange change(long stat, int which) throws ErrnoException {
        return AttributeBits.change(
                which, new Given(FileStat.of(Pointer.wrap(Runtime.getSystemRuntime(), stat))));
    }

    private void readLink(long request, long node) {
        requests.serve(request, answer -> answer.linkTarget(attributes.readLink(node)));
    }

    private void getXattr(long request, long node, long name, long size) {
        requests.serve(
                request,
                answer -> {
                    byte[] value = xattrs.get(node, NativeMemory.getName(name));
                    if (fits(answer, value.length, size)) {
                        answer.buffer(value.length).put(value);
                        answer.bytes();
                    }
                });
    }

    private void setXattr(long request, long node, long name, long value, long size, int flags) {
        requests.serve(
                request,
                answer -> {
                    xattrs.set(
                            node,
                            NativeMemory.getName(name),
                            NativeMemory.getBytes(value, Math.toIntExact(size)),
                            CallFlags.xattrMode(flags),
                            SetIdBits.KEEP);
                    answer.ok();
                });
    }

    private void listXattrs(long request, long node, long size) {
        requests.serve(
                request,
                answer -> {
                    List<byte[]> names = xattrs.list(node);
                    int length = names.stream().mapToInt(name -> name.length + 1).sum();
                    if (fits(answer, length, size)) {
                        ByteBuffer list = answer.buffer(length);
                        names.forEach(name -> list.put(name).put((byte) 0));
                        answer.bytes();
                    }
                });
    }

    /// Answers what asks for the size only.
    ///
    /// @return whether the bytes themselves are to follow
    private static boolean fits(Answer answer, int length, long size) throws IOException {
        if (size == 0) {
            answer.xattrSize(length);
            return false;
        }
        if (length > size) {
            throw new ErrnoException(Errno.ERANGE, "the buffer is too small");
        }
        return true;
    }

    private void removeXattr(long request, long node, long name) {
        requests.serve(
                request,
                answer -> {
                    xattrs.remove(node, NativeMemory.getName(name));
                    answer.ok();
                });
    }

    /// The values of a request.
    private record Given(FileStat stat) implements AttributeBits.Values {
        @Override
        public int mode() {
            return stat.st_mode.intValue();
        }

        @Override
        public int uid() {
            return stat.st_uid.intValue();
        }

        @Override
        public int gid() {
            return stat.st_gid.intValue();
        }

        @Override
        public long sizeBytes() {
            return stat.st_size.longValue();
        }

        @Override
        public Timestamp accessed() throws ErrnoException {
            return time(stat.st_atim);
        }

        @Override
        public Timestamp modified() throws ErrnoException {
            return time(stat.st_mtim);
        }

        private static Timestamp time(Timespec given) throws ErrnoException {
            return AttributeBits.time(given.tv_sec.get(), given.tv_nsec.longValue());
        }
    }
}
