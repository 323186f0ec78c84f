package cowfs.fuse.jnr;

import static cowfs.fuse.jnr.OperationTable.Field.CREATE;
import static cowfs.fuse.jnr.OperationTable.Field.FORGET;
import static cowfs.fuse.jnr.OperationTable.Field.FORGET_MULTI;
import static cowfs.fuse.jnr.OperationTable.Field.LINK;
import static cowfs.fuse.jnr.OperationTable.Field.LOOKUP;
import static cowfs.fuse.jnr.OperationTable.Field.MKDIR;
import static cowfs.fuse.jnr.OperationTable.Field.MKNOD;
import static cowfs.fuse.jnr.OperationTable.Field.RENAME;
import static cowfs.fuse.jnr.OperationTable.Field.RMDIR;
import static cowfs.fuse.jnr.OperationTable.Field.SYMLINK;
import static cowfs.fuse.jnr.OperationTable.Field.UNLINK;

import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.fuse.operation.Caller;
import cowfs.fuse.operation.NameOperations;
import cowfs.fuse.operation.Node;
import cowfs.fuse.operation.OpenOperations;
import java.io.IOException;

/// The requests about names.
final class NameHandlers {
    private static final int FORGET_BYTES = 16; // struct fuse_forget_data: ino, nlookup

    private final Requests requests;
    private final NameOperations names;
    private final OpenOperations opens;

    NameHandlers(Requests requests) {
        this.requests = requests;
        this.names = requests.operations().names();
        this.opens = requests.operations().opens();
    }

    void register(OperationTable table) {
        table.set(LOOKUP, Callbacks.OnNodeAndPointer.class, this::lookup);
        table.set(FORGET, Callbacks.Forget.class, this::forget);
        table.set(FORGET_MULTI, Callbacks.ForgetMany.class, this::forgetMany);
        table.set(MKNOD, Callbacks.MakeNode.class, this::makeNode);
        table.set(MKDIR, Callbacks.MakeDirectory.class, this::makeDirectory);
        table.set(CREATE, Callbacks.Create.class, this::create);
        table.set(SYMLINK, Callbacks.Symlink.class, this::symlink);
        table.set(LINK, Callbacks.Link.class, this::link);
        table.set(UNLINK, Callbacks.OnNodeAndPointer.class, this::unlink);
        table.set(RMDIR, Callbacks.OnNodeAndPointer.class, this::removeDirectory);
        table.set(RENAME, Callbacks.Rename.class, this::rename);
    }

    private void lookup(long request, long parent, long name) {
        requests.serve(
                request,
                answer -> {
                    Node found = names.lookup(parent, NativeMemory.getName(name));
                    if (found == null) {
                        answer.missing(names.missingSeconds(parent));
                    } else {
                        answerEntry(answer, found);
                    }
                });
    }

    private void forget(long request, long node, long count) {
        requests.serve(
                request,
                answer -> {
                    answer.none();
                    names.forget(node, count);
                });
    }

    private void forgetMany(long request, long count, long forgets) {
        requests.serve(
                request,
                answer -> {
                    for (long i = 0; i < count; i++) {
                        long one = forgets + i * FORGET_BYTES;
                        names.forget(NativeMemory.getLong(one), NativeMemory.getLong(one + 8));
                    }
                    answer.none();
                });
    }

    private void makeNode(long request, long parent, long name, int mode, long device) {
        requests.serve(
                request,
                answer ->
                        answerEntry(
                                answer,
                                names.create(
                                        parent,
                                        NativeMemory.getName(name),
                                        mode,
                                        // dev_t here is the kernel's 32 bits
                                        device & 0xFFFF_FFFFL,
                                        requests.caller(request))));
    }

    private void makeDirectory(long request, long parent, long name, int permissions) {
        byte[] copied = NativeMemory.getName(name);
        Caller caller = requests.caller(request);
        int mode = Attributes.DIRECTORY | (permissions & ~Attributes.TYPE_MASK);
        inItsPlace(
                request,
                parent,
                answer -> answerEntry(answer, names.create(parent, copied, mode, 0, caller)));
    }

    private void create(long request, long parent, long name, int mode, long fileInfo) {
        requests.serve(
                request,
                answer -> {
                    byte[] copied = NativeMemory.getName(name);
                    Caller caller = requests.caller(request);
                    boolean forWriting = FileInfo.forWriting(fileInfo);
                    Node made =
                            opens.createAndOpen(
                                    parent,
                                    copied,
                                    mode,
                                    caller,
                                    FileInfo.opening(fileInfo),
                                    FileInfo.mustBeNew(fileInfo));
                    FileInfo.keepCache(fileInfo);
                    if (!answer.created(made, fileInfo)) {
                        opens.close(made.id(), forWriting);
                        names.forget(made.id(), 1);
                    }
                });
    }

    private void symlink(long request, long target, long parent, long name) {
        requests.serve(
                request,
                answer ->
                        answerEntry(
                                answer,
                                names.symlink(
                                        parent,
                                        NativeMemory.getName(name),
                                        NativeMemory.getName(target),
                                        requests.caller(request))));
    }

    private void link(long request, long node, long newParent, long newName) {
        requests.serve(
                request,
                answer ->
                        answerEntry(
                                answer,
                                names.link(node, newParent, NativeMemory.getName(newName))));
    }

    private void unlink(long request, long parent, long name) {
        requests.serve(
                request,
                answer -> {
                    names.unlink(parent, NativeMemory.getName(name));
                    answer.ok();
                });
    }

    private void removeDirectory(long request, long parent, long name) {
        byte[] copied = NativeMemory.getName(name);
        inItsPlace(
                request,
                parent,
                answer -> {
                    names.removeDirectory(parent, copied);
                    answer.ok();
                });
    }

    private void rename(long request, long parent, long name, long newParent, long newName) {
        requests.serve(
                request,
                answer -> {
                    names.rename(
                            parent,
                            NativeMemory.getName(name),
                            newParent,
                            NativeMemory.getName(newName),
                            Volume.RenameMode.REPLACE);
                    answer.ok();
                });
    }

    private void inItsPlace(long request, long parent, Requests.Handler handler) {
        if (names.mayWait(parent)) {
            requests.serveApart(request, handler);
        } else {
            requests.serve(request, handler);
        }
    }

    private void answerEntry(Answer answer, Node node) throws IOException {
        if (!answer.entry(node)) {
            names.forget(node.id(), 1);
        }
    }
}
