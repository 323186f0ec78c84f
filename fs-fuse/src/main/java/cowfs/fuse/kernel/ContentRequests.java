package cowfs.fuse.kernel;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.fuse.kernel.Fields.U64;
import cowfs.fuse.kernel.RequestFormat.Allocate;
import cowfs.fuse.kernel.RequestFormat.CopyRange;
import cowfs.fuse.kernel.RequestFormat.Open;
import cowfs.fuse.kernel.RequestFormat.Read;
import cowfs.fuse.kernel.RequestFormat.Release;
import cowfs.fuse.kernel.RequestFormat.Seek;
import cowfs.fuse.kernel.RequestFormat.Sync;
import cowfs.fuse.kernel.RequestFormat.Write;
import cowfs.fuse.operation.CallFlags;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import cowfs.fuse.operation.NodeId;
import cowfs.fuse.operation.Opening;
import cowfs.fuse.operation.Operations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// The requests about the content of files, and about the whole filesystem.
final class ContentRequests {
    // linux/fs.h
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    /// FUSE_WRITE_CACHE: written back later, for nobody who waits.
    private static final int FROM_CACHE = 1;

    /// FUSE_WRITE_KILL_SUIDGID
    private static final int CLEAR_SET_IDS = 1 << 2;

    /// As `write(2)` has it: 2 GiB without a page.
    private static final long MAX_SMALL_COPY_BYTES = 0x7fff_f000L;

    /// FUSE_FSYNC_FDATASYNC
    private static final int DATA_ONLY = 1;

    private final Operations operations;
    private final KernelOptions options;
    private final Kernel kernel;
    private final Generation generation;

    ContentRequests(
            Operations operations, KernelOptions options, Kernel kernel, Generation generation) {
        this.operations = operations;
        this.options = options;
        this.kernel = kernel;
        this.generation = generation;
    }

    void register(Map<Opcode, Dispatcher.Handler> handlers) {
        if (options.answersOpen()) {
            handlers.put(Opcode.OPEN, this::open);
        }
        handlers.put(Opcode.RELEASE, this::release);
        handlers.put(Opcode.READ, this::read);
        handlers.put(Opcode.WRITE, this::write);
        handlers.put(Opcode.FSYNC, this::sync);
        handlers.put(Opcode.FSYNCDIR, this::sync);
        handlers.put(Opcode.SYNCFS, this::syncAll);
        handlers.put(Opcode.FALLOCATE, this::allocate);
        handlers.put(Opcode.COPY_FILE_RANGE, this::copy);
        handlers.put(Opcode.COPY_FILE_RANGE_64, this::copyLarge);
        handlers.put(Opcode.LSEEK, this::seek);
        handlers.put(Opcode.STATFS, this::status);
        handlers.put(Opcode.DESTROY, (request, reply) -> reply.ok());
    }

    private void open(Request request, Reply reply) throws IOException {
        Opening how = OpenFlags.opening(request.get(Open.FLAGS), request.get(Open.OPEN_FLAGS));
        operations.opens().open(request.node(), how);
        if (how.truncates() && how.bits() == SetIdBits.CLEAR) {
            kernel.attributesChanged(request.node()); // of which the answer says nothing
        }
        reply.opened(request.node(), OpenFlags.KEEP_CACHE);
    }

    private void release(Request request, Reply reply) throws IOException {
        operations.opens().close(request.node(), OpenFlags.forWriting(request.get(Release.FLAGS)));
        reply.ok();
    }

    private void read(Request request, Reply reply) throws IOException {
        requireCurrent(request, Read.HANDLE);
        ByteBuffer target = reply.buffer(request.get(Read.SIZE));
        int start = target.position();
        int count = operations.content().read(request.node(), request.get(Read.OFFSET), target);
        target.position(start + count);
        reply.bytes();
    }

    private void write(Request request, Reply reply) throws IOException {
        requireCurrent(request, Write.HANDLE);
        int size = request.get(Write.SIZE);
        ByteBuffer source = request.takeView(size);
        boolean clears = (request.get(Write.WRITE_FLAGS) & CLEAR_SET_IDS) != 0;
        boolean changes = clears && operations.attributes().hasSetIdBits(request.node());
        try {
            operations
                    .content()
                    .write(
                            request.node(),
                            request.get(Write.OFFSET),
                            source,
                            OpenFlags.bits(clears));
        } catch (CowException e) {
            throw (request.get(Write.WRITE_FLAGS) & FROM_CACHE) == 0 ? e : told(e);
        }
        if (changes) {
            kernel.attributesChanged(request.node()); // of which the answer says nothing
        }
        reply.size(size);
    }

    /// What becomes of a refusal that the kernel keeps for `close`: there it knows want of space,
    /// and makes an input/output error of all else, which sounds like a failing disk.
    private static IOException told(CowException refusal) {
        return refusal.kind() == ErrorKind.QUOTA
                ? new ErrnoException(Errno.ENOSPC, String.valueOf(refusal.getMessage()))
                : refusal;
    }

    private void sync(Request request, Reply reply) throws IOException {
        requireCurrent(request, Sync.HANDLE);
        operations.content().fsync(request.node(), (request.get(Sync.FLAGS) & DATA_ONLY) != 0);
        reply.ok();
    }

    private void syncAll(Request request, Reply reply) throws IOException {
        operations.content().fsync(NodeId.ROOT, false);
        reply.ok();
    }

    private void allocate(Request request, Reply reply) throws IOException {
        requireCurrent(request, Allocate.HANDLE);
        boolean changes = mayClear(request, request.node());
        operations
                .content()
                .allocate(
                        request.node(),
                        CallFlags.allocateMode(request.get(Allocate.MODE)),
                        request.get(Allocate.OFFSET),
                        request.get(Allocate.LENGTH),
                        OpenFlags.bits(changes));
        if (changes) {
            kernel.attributesChanged(request.node());
        }
        reply.ok();
    }

    private void copy(Request request, Reply reply) throws IOException {
        // The answer has room for 32 bits.
        reply.size((int) copyUpTo(request, MAX_SMALL_COPY_BYTES));
    }

    private void copyLarge(Request request, Reply reply) throws IOException {
        reply.offset(copyUpTo(request, Long.MAX_VALUE));
    }

    private long copyUpTo(Request request, long limitBytes) throws IOException {
        long target = request.get(CopyRange.NODE_OUT);
        requireCurrent(request, CopyRange.HANDLE_IN);
        generation.requireCurrent(target, request.get(CopyRange.HANDLE_OUT));
        boolean changes = mayClear(request, target);
        long copied =
                operations
                        .content()
                        .copyRange(
                                request.node(),
                                request.get(CopyRange.OFFSET_IN),
                                target,
                                request.get(CopyRange.OFFSET_OUT),
                                Math.min(request.get(CopyRange.LENGTH), limitBytes),
                                OpenFlags.bits(changes));
        if (changes) {
            kernel.attributesChanged(target);
        }
        return copied;
    }

    /// Whether a change of a file's content takes its set-id bits away: these requests, unlike
    /// WRITE, do not say it, so anybody but root loses them.
    private boolean mayClear(Request request, long node) throws IOException {
        return request.caller().uid() != 0 && operations.attributes().hasSetIdBits(node);
    }

    /// Whether the kernel may have data for a file that matter to a seek and that it has not handed
    /// over: it seeks without doing so first. Where the engine already has data there are data.
    boolean needsWriteBack(Request request) {
        if (!options.writeback()
                || request.structureBytes() < Seek.BYTES
                || !operations.opens().writers().isOpen(request.node())) {
            return false;
        }
        long offset = request.get(Seek.OFFSET);
        try {
            return request.get(Seek.WHENCE) != SEEK_DATA
                    || operations.content().seek(request.node(), offset, Volume.SeekTarget.DATA)
                            != offset;
        } catch (IOException e) {
            return true;
        }
    }

    private void seek(Request request, Reply reply) throws IOException {
        requireCurrent(request, Seek.HANDLE);
        Volume.SeekTarget what =
                switch (request.get(Seek.WHENCE)) {
                    case SEEK_DATA -> Volume.SeekTarget.DATA;
                    case SEEK_HOLE -> Volume.SeekTarget.HOLE;
                    default -> throw new ErrnoException(Errno.EINVAL, "no such place to seek");
                };
        if (request.isApart()) {
            kernel.writeBack();
        }
        reply.offset(operations.content().seek(request.node(), request.get(Seek.OFFSET), what));
    }

    private void requireCurrent(Request request, U64 handle) throws ErrnoException {
        generation.requireCurrent(request.node(), request.get(handle));
    }

    private void status(Request request, Reply reply) throws IOException {
        reply.status(operations.status());
    }
}
