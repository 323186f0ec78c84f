package cowfs.fuse.kernel;

import cowfs.file.Attributes;
import cowfs.file.Volume.RenameMode;
import cowfs.fuse.kernel.RequestFormat.BatchForget;
import cowfs.fuse.kernel.RequestFormat.Create;
import cowfs.fuse.kernel.RequestFormat.Forget;
import cowfs.fuse.kernel.RequestFormat.ForgetOne;
import cowfs.fuse.kernel.RequestFormat.Link;
import cowfs.fuse.kernel.RequestFormat.MakeDirectory;
import cowfs.fuse.kernel.RequestFormat.MakeNode;
import cowfs.fuse.kernel.RequestFormat.Rename;
import cowfs.fuse.kernel.RequestFormat.RenameWithFlags;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import cowfs.fuse.operation.NameOperations;
import cowfs.fuse.operation.Node;
import cowfs.fuse.operation.OpenOperations;
import java.io.IOException;
import java.util.Map;

/// The requests about names.
final class NameRequests {
    // linux/fs.h
    private static final int RENAME_NOREPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;
    private static final int RENAME_WHITEOUT = 4;

    private final NameOperations names;
    private final OpenOperations opens;

    NameRequests(NameOperations names, OpenOperations opens) {
        this.names = names;
        this.opens = opens;
    }

    void register(Map<Opcode, Dispatcher.Handler> handlers) {
        handlers.put(Opcode.LOOKUP, this::lookup);
        handlers.put(Opcode.FORGET, this::forget);
        handlers.put(Opcode.BATCH_FORGET, this::forgetMany);
        handlers.put(Opcode.MKNOD, this::makeNode);
        handlers.put(Opcode.MKDIR, this::makeDirectory);
        handlers.put(Opcode.CREATE, this::create);
        handlers.put(Opcode.TMPFILE, this::createUnlinked);
        handlers.put(Opcode.SYMLINK, this::symlink);
        handlers.put(Opcode.LINK, this::link);
        handlers.put(Opcode.UNLINK, this::unlink);
        handlers.put(Opcode.RMDIR, this::removeDirectory);
        handlers.put(Opcode.RENAME, this::rename);
        handlers.put(Opcode.RENAME2, this::renameWithFlags);
    }

    private void lookup(Request request, Reply reply) throws IOException {
        Node found = names.lookup(request.node(), request.takeName());
        if (found == null) {
            reply.missing(names.missingSeconds(request.node()));
        } else {
            reply.entry(found);
        }
    }

    private void forget(Request request, Reply reply) throws IOException {
        reply.none();
        names.forget(request.node(), request.get(Forget.LOOKUPS));
    }

    private void forgetMany(Request request, Reply reply) throws IOException {
        reply.none();
        int count = request.get(BatchForget.COUNT);
        for (int i = 0; i < count; i++) {
            long one = request.takePlace(ForgetOne.BYTES);
            names.forget(
                    ForgetOne.NODE.get(request.body(), one),
                    ForgetOne.LOOKUPS.get(request.body(), one));
        }
    }

    private void makeNode(Request request, Reply reply) throws IOException {
        reply.entry(
                names.create(
                        request.node(),
                        request.takeName(),
                        request.get(MakeNode.MODE),
                        Integer.toUnsignedLong(request.get(MakeNode.DEVICE)),
                        request.caller(request.get(MakeNode.UMASK))));
    }

    private void makeDirectory(Request request, Reply reply) throws IOException {
        int permissions = request.get(MakeDirectory.MODE) & ~Attributes.TYPE_MASK;
        reply.entry(
                names.create(
                        request.node(),
                        request.takeName(),
                        Attributes.DIRECTORY | permissions,
                        0,
                        request.caller(request.get(MakeDirectory.UMASK))));
    }

    private void create(Request request, Reply reply) throws IOException {
        int flags = request.get(Create.FLAGS);
        Node made =
                opens.createAndOpen(
                        request.node(),
                        request.takeName(),
                        request.get(Create.MODE),
                        request.caller(request.get(Create.UMASK)),
                        OpenFlags.opening(flags, request.get(Create.OPEN_FLAGS)),
                        OpenFlags.mustBeNew(flags));
        reply.created(made, OpenFlags.KEEP_CACHE);
    }

    /// The kernel sends a name too, which means nothing.
    private void createUnlinked(Request request, Reply reply) throws IOException {
        Node made =
                opens.createUnlinkedAndOpen(
                        request.node(),
                        request.get(Create.MODE),
                        request.caller(request.get(Create.UMASK)),
                        OpenFlags.opening(
                                request.get(Create.FLAGS), request.get(Create.OPEN_FLAGS)));
        reply.created(made, OpenFlags.KEEP_CACHE);
    }

    private void symlink(Request request, Reply reply) throws IOException {
        byte[] name = request.takeName();
        byte[] target = request.takeName();
        reply.entry(names.symlink(request.node(), name, target, request.caller()));
    }

    private void link(Request request, Reply reply) throws IOException {
        reply.entry(names.link(request.get(Link.NODE), request.node(), request.takeName()));
    }

    private void unlink(Request request, Reply reply) throws IOException {
        names.unlink(request.node(), request.takeName());
        reply.ok();
    }

    private void removeDirectory(Request request, Reply reply) throws IOException {
        names.removeDirectory(request.node(), request.takeName());
        reply.ok();
    }

    private void rename(Request request, Reply reply) throws IOException {
        rename(request, reply, request.get(Rename.NEW_PARENT), RenameMode.REPLACE);
    }

    private void renameWithFlags(Request request, Reply reply) throws IOException {
        int flags = request.get(RenameWithFlags.FLAGS);
        long newParent = request.get(RenameWithFlags.NEW_PARENT);
        RenameMode mode =
                switch (flags & ~RENAME_WHITEOUT) {
                    case 0 -> RenameMode.REPLACE;
                    case RENAME_NOREPLACE -> RenameMode.NO_REPLACE;
                    case RENAME_EXCHANGE -> RenameMode.EXCHANGE;
                    default -> throw noSuchFlags();
                };
        if ((flags & RENAME_WHITEOUT) == 0) {
            rename(request, reply, newParent, mode);
            return;
        }
        if (mode == RenameMode.EXCHANGE) {
            throw noSuchFlags();
        }
        byte[] name = request.takeName();
        byte[] newName = request.takeName();
        names.renameLeavingWhiteout(
                request.node(), name, newParent, newName, mode, request.caller());
        reply.ok();
    }

    private static ErrnoException noSuchFlags() {
        return new ErrnoException(Errno.EINVAL, "no such rename flags");
    }

    private void rename(Request request, Reply reply, long newParent, RenameMode mode)
            throws IOException {
        byte[] name = request.takeName();
        byte[] newName = request.takeName();
        names.rename(request.node(), name, newParent, newName, mode);
        reply.ok();
    }
}
