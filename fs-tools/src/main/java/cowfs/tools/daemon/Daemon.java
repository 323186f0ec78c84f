package cowfs.tools.daemon;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.PoolFailedException;
import cowfs.error.RequestException;
import cowfs.tools.control.ControlServer;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.IoStatistics;
import cowfs.tools.control.Log;
import cowfs.tools.control.LogLevel;
import cowfs.tools.control.MountService;
import cowfs.tools.control.Requests;
import cowfs.tools.text.ErrorText;
import cowfs.tools.text.NearNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The life of the process that serves an image: first mount, requests, last unmount, close.
///
///     start ──> serving ──last mount gone──> closing ──> closed
///                  └────────SIGTERM: unmount all──┘
///
/// Thread safe. Owns the pool from {@link #start} on.
public final class Daemon implements MountService {
    private static final long UNMOUNT_LIMIT_MILLIS = 5_000;

    /// How long a client may take that asked for an unmount: its kernel lets go of millions of
    /// files, for many seconds, before that comes to ask how the image was closed.
    private static final Duration REPLY_LIMIT = Duration.ofMinutes(2);

    private final Path image;
    private final Endpoint endpoint;
    private final Pool pool;
    private final Log log;
    private final ServedMounts mounts;
    private final ServedPool served;
    private final ControlServer server;
    private final @Nullable PolicyTimer policies;
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    /// Mounts for the first time and takes requests. The pool is closed when that fails.
    public static Daemon start(
            Path image, Endpoint endpoint, Pool pool, Mounter mounter, FirstMount first, Log log)
            throws IOException {
        Daemon daemon;
        try {
            daemon = new Daemon(image, endpoint, pool, mounter, log);
        } catch (IOException e) {
            pool.close();
            throw e;
        }
        try {
            daemon.mount(first.ref(), first.directory(), first.options());
            return daemon;
        } catch (IOException | RuntimeException | Error e) {
            daemon.close(false);
            throw e;
        }
    }

    private Daemon(Path image, Endpoint endpoint, Pool pool, Mounter mounter, Log log)
            throws IOException {
        this.image = image;
        this.endpoint = endpoint;
        this.pool = pool;
        this.log = log;
        this.mounts = new ServedMounts(pool, mounter, log);
        this.served = new ServedPool(mounter.operations(pool), mounts);
        this.server = ControlServer.start(endpoint, () -> new Requests(served, this), log);
        this.policies = pool.readOnly() ? null : PolicyTimer.start(served, log);
    }

    /// Serves until the last mount is gone, then closes the pool.
    ///
    /// @throws IOException when closing it failed
    public void serve() throws IOException {
        try {
            mounts.awaitLast();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close(true);
    }

    /// Unmounts everything and waits until {@link #serve} has closed the pool: for the end of the
    /// process.
    public void stop() {
        try {
            if (!mounts.unmountAll(UNMOUNT_LIMIT_MILLIS)) {
                log.write("some mounts are still in use, the pool is closed under them");
            }
            closed.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            log.write("the pool was not closed well: " + ErrorText.describe(cause(e)));
        }
    }

    /// Unmounts what may still be mounted and closes, where {@link #serve} is not called.
    void stopServing() throws IOException {
        try {
            mounts.unmountAll(UNMOUNT_LIMIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close(false);
    }

    @Override
    public Status status() throws IOException {
        mounts.requireOpen();
        return new Status(ProcessHandle.current().pid(), image, endpoint.log(), mounts.list());
    }

    @Override
    public ServedMount mount(Ref ref, Path directory, List<String> options) throws IOException {
        FuseLines lines = FuseLines.fromNowOn(endpoint.log());
        try {
            return mounts.mount(ref, directory, options);
        } catch (CowException e) {
            throw NearNames.explain(lines.explain(e), served, List.of(ref));
        }
    }

    @Override
    public LogLevel logLevel() {
        return LogLevel.ofThisProcess();
    }

    @Override
    public void setLogLevel(LogLevel level) {
        level.apply();
        log.write("the log tells " + level.word() + " and above from now on");
    }

    @Override
    public IoStatistics statistics() throws IOException {
        mounts.requireOpen();
        return new IoStatistics(pool.activity(), mounts.requests());
    }

    @Override
    public boolean awaitUnmount(Path directory) throws IOException {
        try {
            if (mounts.awaitGone(directory)) {
                return closed.get();
            }
            requireSound(directory);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the daemon is ending", e);
        } catch (ExecutionException e) {
            if (cause(e) instanceof CowException known) {
                throw failed(directory, known.kind(), String.valueOf(known.getMessage()));
            }
            throw new IOException(
                    image + " was not closed well: " + ErrorText.describe(cause(e)), e);
        }
    }

    private void requireSound(Path directory) throws IOException {
        String failure = failure();
        if (!failure.isEmpty()) {
            throw failed(directory, ErrorKind.POOL_FAILED, failure);
        }
    }

    /// Why the pool takes no more changes; empty when it does, or when it can't even be asked.
    private String failure() {
        try {
            return pool.info().failure();
        } catch (IOException | IllegalStateException unknown) {
            return ""; // damaged, which closing it will tell, or closed by another unmount
        }
    }

    private RequestException failed(Path directory, ErrorKind kind, String failure) {
        return new RequestException(
                kind, directory + " is unmounted, but " + image + " has FAILED: " + failure);
    }

    /// The socket goes before the pool: who finds no socket waits for the lock, and gets a sealed
    /// image.
    private void close(boolean endedWell) throws IOException {
        try {
            server.close();
            if (policies != null) {
                policies.close();
            }
            served.shut();
            String failure = failure();
            pool.close();
            if (!failure.isEmpty()) {
                throw new PoolFailedException(failure, null);
            }
            log.write("closed " + image);
            if (endedWell && !mounts.haveFailed()) {
                Files.deleteIfExists(endpoint.log()); // it tells nobody anything any more
            }
            closed.complete(true);
        } catch (IOException | RuntimeException | Error e) {
            log.write(image + Endpoint.FAILED + ErrorText.describe(e));
            closed.completeExceptionally(e);
            throw e;
        } finally {
            server.awaitPeers(REPLY_LIMIT);
        }
    }

    private static Throwable cause(ExecutionException e) {
        return Objects.requireNonNullElse(e.getCause(), e);
    }

    /// What a daemon is started for.
    ///
    /// @param options as after `-o`
    public record FirstMount(Ref ref, Path directory, List<String> options) {
        /// Whether it needs nothing written: of the words `ro` and `rw` the last one counts.
        boolean readOnly() {
            return ref.isSnapshot() || options.lastIndexOf("ro") > options.lastIndexOf("rw");
        }
    }
}
