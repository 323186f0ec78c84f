package cowfs.fuse.jnr;

import cowfs.fuse.operation.Caller;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.Operations;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.ExecutorService;

/// Where the requests of one session are served: each is answered exactly once, whatever its
/// handler does.
///
/// Thread safe.
final class Requests {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    private final LowLevelLibrary library;
    private final Operations operations;
    private final ExecutorService waiting;
    private final ThreadLocal<Answer> answers;

    /// @param waiting runs what may wait for other requests
    Requests(LowLevelLibrary library, Operations operations, ExecutorService waiting) {
        this.library = library;
        this.operations = operations;
        this.waiting = waiting;
        this.answers = ThreadLocal.withInitial(() -> new Answer(library));
    }

    Operations operations() {
        return operations;
    }

    /// Serves a request on this thread.
    void serve(long request, Handler handler) {
        Answer answer = answers.get();
        answer.begin(request);
        try {
            handler.handle(answer);
            if (!answer.isAnswered()) {
                throw new IllegalStateException("a handler has given no answer");
            }
        } catch (IOException e) {
            refuse(answer, e);
        } catch (RuntimeException | Error e) {
            // A mount must outlive a mistake, and the caller must not wait for ever.
            LOG.log(Level.ERROR, "a request failed unexpectedly; it is answered with EIO", e);
            refuseUnlessAnswered(answer, Errno.EIO);
        } finally {
            LoopThread.requestCompleted();
        }
    }

    /// Serves a request on a thread that the kernel does not need for others. The handler must have
    /// copied what it needs of the request's memory.
    void serveApart(long request, Handler handler) {
        waiting.execute(() -> serve(request, handler));
        LoopThread.requestCompleted();
    }

    /// Who sent a request.
    Caller caller(long request) {
        long context = library.fuse_req_ctx(request); // struct fuse_ctx: uid, gid, pid, umask
        return new Caller(NativeMemory.getInt(context), NativeMemory.getInt(context + 4));
    }

    private static void refuse(Answer answer, IOException failure) {
        Errno errno = Errno.of(failure);
        if (errno == Errno.EIO) {
            LOG.log(Level.WARNING, failure.toString());
        }
        refuseUnlessAnswered(answer, errno);
    }

    private static void refuseUnlessAnswered(Answer answer, Errno errno) {
        if (!answer.isAnswered()) {
            answer.error(errno);
        }
    }

    /// What answers one request.
    @FunctionalInterface
    interface Handler {
        void handle(Answer answer) throws IOException;
    }
}
