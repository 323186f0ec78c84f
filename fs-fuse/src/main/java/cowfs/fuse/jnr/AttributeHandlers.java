package cowfs.fuse.jnr;

import static cowfs.fuse.jnr.OperationTable.Field.GETATTR;
import static cowfs.fuse.jnr.OperationTable.Field.GETXATTR;
import static cowfs.fuse.jnr.OperationTable.Field.LISTXATTR;
import static cowfs.fuse.jnr.OperationTable.Field.READLINK;
import static cowfs.fuse.jnr.OperationTable.Field.REMOVEXATTR;
import static cowfs.fuse.jnr.OperationTable.Field.SETATTR;
import static cowfs.fuse.jnr.OperationTable.Field.SETXATTR;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import cowfs.fuse.operation.Operations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Timespec;

/// The requests about attributes, extended ones, and the targets of symlinks.
final class AttributeHandlers {
    // FUSE_SET_ATTR_* of fuse_lowlevel.h
    private static final int SET_MODE = 1;
    private static final int SET_UID = 1 << 1;
    private static final int SET_GID = 1 << 2;
    private static final int SET_SIZE = 1 << 3;
    private static final int SET_ACCESSED = 1 << 4;
    private static final int SET_MODIFIED = 1 << 5;
    private static final int SET_ACCESSED_NOW = 1 << 7;
    private static final int SET_MODIFIED_NOW = 1 << 8;

    // sys/xattr.h
    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;

    private final Requests requests;
    private final Operations operations;

    AttributeHandlers(Requests requests) {
        this.requests = requests;
        this.operations = requests.operations();
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
        requests.serve(request, answer -> answer.attributes(operations.getAttributes(node)));
    }

    private void setAttributes(long request, long node, long stat, int which, long fileInfo) {
        requests.serve(
                request,
                answer -> answer.attributes(operations.setAttributes(node, change(stat, which))));
    }

    private static AttributeChange change(long address, int which) {
        FileStat stat = FileStat.of(Pointer.wrap(Runtime.getSystemRuntime(), address));
        return new AttributeChange(
                has(which, SET_MODE) ? stat.st_mode.intValue() & ~Attributes.TYPE_MASK : null,
                has(which, SET_UID) ? stat.st_uid.intValue() : null,
                has(which, SET_GID) ? stat.st_gid.intValue() : null,
                has(which, SET_SIZE) ? stat.st_size.longValue() : null,
                time(stat.st_atim, has(which, SET_ACCESSED), has(which, SET_ACCESSED_NOW)),
                time(stat.st_mtim, has(which, SET_MODIFIED), has(which, SET_MODIFIED_NOW)));
    }

    private static boolean has(int which, int bit) {
        return (which & bit) != 0;
    }

    private static @Nullable Timestamp time(Timespec given, boolean isSet, boolean isNow) {
        if (isNow) {
            return Timestamp.now();
        }
        return isSet ? new Timestamp(given.tv_sec.get(), given.tv_nsec.intValue()) : null;
    }

    private void readLink(long request, long node) {
        requests.serve(request, answer -> answer.linkTarget(operations.readLink(node)));
    }

    private void getXattr(long request, long node, long name, long size) {
        requests.serve(
                request,
                answer -> {
                    byte[] value = operations.getXattr(node, NativeMemory.getName(name));
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
                    operations.setXattr(
                            node,
                            NativeMemory.getName(name),
                            NativeMemory.getBytes(value, Math.toIntExact(size)),
                            xattrMode(flags));
                    answer.ok();
                });
    }

    private static Volume.XattrMode xattrMode(int flags) throws IOException {
        return switch (flags) {
            case 0 -> Volume.XattrMode.CREATE_OR_REPLACE;
            case XATTR_CREATE -> Volume.XattrMode.CREATE;
            case XATTR_REPLACE -> Volume.XattrMode.REPLACE;
            default -> throw new ErrnoException(Errno.EINVAL, "no such setxattr flags: " + flags);
        };
    }

    private void listXattrs(long request, long node, long size) {
        requests.serve(
                request,
                answer -> {
                    List<byte[]> names = operations.listXattrs(node);
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
                    operations.removeXattr(node, NativeMemory.getName(name));
                    answer.ok();
                });
    }
}
