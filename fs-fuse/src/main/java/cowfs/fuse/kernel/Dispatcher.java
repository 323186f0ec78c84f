package cowfs.fuse.kernel;

import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.Operations;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;

/// Finds the handler of a request and sees to it that the request is answered, whatever the handler
/// does.
///
/// Thread safe.
final class Dispatcher {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    private final Map<Opcode, Handler> handlers = new EnumMap<>(Opcode.class);
    private final Operations operations;
    private final RequestTimes times = new RequestTimes();

    private final ContentRequests content;
    private final Generation generation;

    Dispatcher(Operations operations, KernelOptions options, Kernel kernel, Generation generation) {
        this.operations = operations;
        this.content = new ContentRequests(operations, options, kernel, generation);
        this.generation = generation;
        new NameRequests(operations.names(), operations.opens()).register(handlers);
        new AttributeRequests(operations.attributes(), operations.xattrs(), generation)
                .register(handlers);
        content.register(handlers);
        new DirectoryRequests(operations.listings()).register(handlers);
        new FlagRequests(operations.attributes()).register(handlers);
    }

    /// How long requests have taken.
    RequestTimes times() {
        return times;
    }

    Generation generation() {
        return generation;
    }

    /// How long serving a request may keep others waiting.
    Patience patience(Request request) {
        try {
            return knownPatience(request);
        } catch (RuntimeException | Error e) {
            // Serving it will meet the same mistake, and answers it.
            return Patience.APART;
        }
    }

    private Patience knownPatience(Request request) {
        Opcode opcode = request.opcode();
        if (opcode == null) {
            return Patience.SHORT;
        }
        return switch (opcode) {
            case FSYNC, FSYNCDIR, SYNCFS -> Patience.LONG;
            case MKDIR, RMDIR ->
                    operations.names().mayWait(request.node()) ? Patience.APART : Patience.SHORT;
            case LSEEK -> content.needsWriteBack(request) ? Patience.APART : Patience.SHORT;
            default -> Patience.SHORT;
        };
    }

    /// Serves a request; the reply is complete afterwards.
    void serve(Request request, Reply reply) {
        reply.begin();
        Opcode opcode = request.opcode();
        long moved = opcode == Opcode.WRITE ? request.remaining() : 0;
        long begun = System.nanoTime();
        SlowRequestEvent event = new SlowRequestEvent();
        event.begin();
        try {
            handle(request, reply);
        } catch (IOException e) {
            refuse(reply, e);
        } catch (RuntimeException | Error e) {
            // A mount must outlive a mistake, and the caller must not wait for ever.
            LOG.log(
                    Level.ERROR,
                    "a request (" + request.opcode() + ") failed unexpectedly; the answer is EIO",
                    e);
            refuseUnlessAnswered(reply, Errno.EIO);
        }
        if (opcode != null) {
            times.add(
                    opcode,
                    System.nanoTime() - begun,
                    opcode == Opcode.READ ? reply.bodyBytes() : moved);
        }
        event.end();
        if (event.shouldCommit()) {
            event.operation = String.valueOf(request.opcode());
            event.node = request.node();
            event.commit();
        }
    }

    private void handle(Request request, Reply reply) throws IOException {
        Opcode opcode = request.opcode();
        Handler handler = opcode == null ? null : handlers.get(opcode);
        if (opcode == null || handler == null) {
            reply.error(Errno.ENOSYS);
            return;
        }
        if (opcode != Opcode.SETXATTR) { // which is shorter on old kernels
            request.requireStructure(opcode.structureBytes());
        }
        handler.handle(request, reply);
        if (!reply.isAnswered()) {
            throw new IllegalStateException("a handler has given no answer");
        }
    }

    private static void refuse(Reply reply, IOException failure) {
        Errno errno = Errno.of(failure);
        if (errno == Errno.EIO) {
            LOG.log(Level.WARNING, failure.toString());
        }
        refuseUnlessAnswered(reply, errno);
    }

    private static void refuseUnlessAnswered(Reply reply, Errno errno) {
        if (!reply.isAnswered()) {
            reply.error(errno);
        }
    }

    /// What answers one kind of request.
    @FunctionalInterface
    interface Handler {
        void handle(Request request, Reply reply) throws IOException;
    }

    /// How long a request may take.
    enum Patience {
        /// Memory, and a block of the image now and then.
        SHORT,
        /// It waits for the medium.
        LONG,
        /// It may wait for other requests to be served.
        APART
    }
}
