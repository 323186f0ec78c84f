package cowfs.fuse.operation;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// What brings everything written before it into the engine, also what programs have written
/// through mappings and the kernel has kept to itself.
///
/// 1. `sync -f DIR`: the kernel turns each dirty page into a WRITE request. It need not wait for
///    the answers (kernels before 6.16 copy the pages and call them written; later ones skip FUSE
///    in the wait), but the requests are in its queue, because the session allows any number of
///    background requests. It fails once for pages that the kernel could not write before, for want
///    of space say, and has dropped: a second try that succeeds says that nothing is left.
/// 2. The transport makes sure that some thread has taken each of those writes. Where it can't see
///    its queue it asks for `stat -f DIR`, a STATFS request: a queue is served first in, first out,
///    so when this one is answered, those before it have been taken.
/// 3. The transport then waits until whatever its threads had taken by then is done: {@link Drain}.
///
/// All of that is asked by *other processes*. A thread of this one that waits inside the kernel for
/// writes that this process has to serve could not be killed: the kernel frees such a wait when the
/// last descriptor of `/dev/fuse` goes, and that goes only when the waiting thread has gone. The
/// mount would hang for good. For the same reason it is never called by a thread that serves
/// requests, nor under a lock of the engine.
///
/// Nothing of that is needed while no file has been open for writing since the last barrier: see
/// {@link OpenWriters}.
public final class SyncBarrier {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final OpenWriters writers;
    private final Drain drain;

    /// @param directory the mount point
    public SyncBarrier(Path directory, OpenWriters writers, Drain drain) {
        this.directory = directory;
        this.writers = writers;
        this.drain = drain;
    }

    /// One at a time: who comes second may have to wait for the work of the first.
    public synchronized void pass() throws IOException {
        if (!writers.beginBarrier()) {
            return;
        }
        boolean passed = false;
        try {
            writeBack();
            passed = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was interrupted");
        } finally {
            if (!passed) {
                writers.abandonBarrier();
            }
        }
    }

    /// Returns once every request that had been taken before the call has been served.
    public synchronized void drain() throws IOException {
        try {
            drain(System.nanoTime() + PATIENCE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was interrupted");
        }
    }

    private void drain(long deadline) throws IOException, InterruptedException {
        drain.awaitTaken(new StatusPoke(deadline));
    }

    private void writeBack() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String[] sync = {"sync", "-f", directory.toString()};
        if (!succeeds(deadline, sync)) {
            run(deadline, sync);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "some of what programs wrote to {0} could not be stored; they are told by fsync or close",
                    directory);
        }
        drain(deadline);
    }

    private final class StatusPoke implements Poke {
        private final long deadline;

        StatusPoke(long deadline) {
            this.deadline = deadline;
        }

        @Override
        public void send() throws IOException, InterruptedException {
            askForStatus(deadline);
        }

        @Override
        public void send(int processor) throws IOException, InterruptedException {
            run(
                    deadline,
                    "taskset",
                    "--cpu-list",
                    Integer.toString(processor),
                    "stat",
                    "-f",
                    "--format=%T",
                    directory.toString());
        }
    }

    private void askForStatus(long deadline) throws IOException, InterruptedException {
        run(deadline, "stat", "-f", "--format=%T", directory.toString());
    }

    private void run(long deadline, String... command) throws IOException, InterruptedException {
        if (!succeeds(deadline, command)) {
            throw failure("'" + String.join(" ", command) + "' failed");
        }
    }

    private boolean succeeds(long deadline, String... command)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw failure("that took more than " + PATIENCE.toSeconds() + " s");
            }
            return process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }

    private RequestException failure(String what) {
        return new RequestException(
                ErrorKind.IO,
                "the kernel's unwritten data under "
                        + directory
                        + " could not be flushed: "
                        + what);
    }

    /// How a transport finishes what it has begun.
    @FunctionalInterface
    public interface Drain {
        /// Returns once every write that was in the kernel's queue before the call has been done.
        ///
        /// @param poke sends the mount a request, which some thread takes; fails when that takes
        ///   too long
        void awaitTaken(Poke poke) throws IOException, InterruptedException;
    }

    /// Sends the mount a request, and waits for the answer.
    public interface Poke {
        void send() throws IOException, InterruptedException;

        /// The same from a certain processor.
        void send(int processor) throws IOException, InterruptedException;
    }
}
