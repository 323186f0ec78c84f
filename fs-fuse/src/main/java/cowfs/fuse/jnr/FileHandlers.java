package cowfs.fuse.jnr;

import static cowfs.fuse.jnr.OperationTable.Field.FALLOCATE;
import static cowfs.fuse.jnr.OperationTable.Field.FSYNC;
import static cowfs.fuse.jnr.OperationTable.Field.FSYNCDIR;
import static cowfs.fuse.jnr.OperationTable.Field.OPEN;
import static cowfs.fuse.jnr.OperationTable.Field.READ;
import static cowfs.fuse.jnr.OperationTable.Field.READDIR;
import static cowfs.fuse.jnr.OperationTable.Field.RELEASE;
import static cowfs.fuse.jnr.OperationTable.Field.STATFS;
import static cowfs.fuse.jnr.OperationTable.Field.WRITE;

import cowfs.file.SetIdBits;
import cowfs.fuse.operation.CallFlags;
import cowfs.fuse.operation.DirectoryBuffer;
import cowfs.fuse.operation.Operations;
import java.nio.ByteBuffer;

/// The requests about the content of files and directories.
final class FileHandlers {
    private final Requests requests;
    private final Operations operations;

    FileHandlers(Requests requests) {
        this.requests = requests;
        this.operations = requests.operations();
    }

    void register(OperationTable table) {
        table.set(OPEN, Callbacks.OnNodeAndPointer.class, this::open);
        table.set(RELEASE, Callbacks.OnNodeAndPointer.class, this::release);
        table.set(READ, Callbacks.Read.class, this::read);
        table.set(WRITE, Callbacks.Write.class, this::write);
        table.set(FSYNC, Callbacks.Sync.class, this::sync);
        table.set(FSYNCDIR, Callbacks.Sync.class, this::sync);
        table.set(FALLOCATE, Callbacks.Allocate.class, this::allocate);
        table.set(READDIR, Callbacks.Read.class, this::readDirectory);
        table.set(STATFS, Callbacks.OnNode.class, this::status);
    }

    private void open(long request, long node, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    boolean forWriting = FileInfo.forWriting(fileInfo);
                    operations.opens().open(node, FileInfo.opening(fileInfo));
                    FileInfo.keepCache(fileInfo);
                    if (!answer.opened(fileInfo)) {
                        operations.opens().close(node, forWriting);
                    }
                });
    }

    private void release(long request, long node, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    operations.opens().close(node, FileInfo.forWriting(fileInfo));
                    answer.ok();
                });
    }

    private void read(long request, long node, long size, long offset, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    ByteBuffer target = answer.buffer(Math.toIntExact(size));
                    int count = operations.content().read(node, offset, target);
                    target.position(count);
                    answer.bytes();
                });
    }

    private void write(long request, long node, long bytes, long size, long offset, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    int length = Math.toIntExact(size);
                    operations
                            .content()
                            .write(node, offset, NativeMemory.view(bytes, length), SetIdBits.KEEP);
                    answer.written(length);
                });
    }

    private void sync(long request, long node, int dataOnly, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    operations.content().fsync(node, dataOnly != 0);
                    answer.ok();
                });
    }

    private void allocate(
            long request, long node, int mode, long offset, long length, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    operations
                            .content()
                            .allocate(
                                    node,
                                    CallFlags.allocateMode(mode),
                                    offset,
                                    length,
                                    SetIdBits.KEEP);
                    answer.ok();
                });
    }

    private void readDirectory(long request, long node, long size, long offset, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    DirectoryBuffer entries =
                            new DirectoryBuffer(answer.buffer(Math.toIntExact(size)));
                    operations.listings().read(node, offset, entries::add);
                    answer.bytes();
                });
    }

    private void status(long request, long node) {
        requests.serve(request, answer -> answer.status(operations.status()));
    }
}
