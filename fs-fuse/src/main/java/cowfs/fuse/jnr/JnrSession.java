package cowfs.fuse.jnr;

import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
import cowfs.fuse.operation.Operations;
import cowfs.fuse.operation.RequestTime;
import cowfs.fuse.operation.Session;
import cowfs.fuse.operation.SyncBarrier;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/// A mount served through libfuse 2.
///
/// A fixed number of Java threads run libfuse's session loop; a keeper thread waits for them to end
/// and gives everything back. What may wait for other requests (taking and deleting snapshots) runs
/// on a thread of its own.
public final class JnrSession implements Session {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    private final LowLevelLibrary library;
    private final Path directory;
    private final Operations operations;

    /// Kept for the native code: the keeper thread holds this session, and so the table, until
    /// libfuse has let go of it.
    private final OperationTable table = new OperationTable();

    private final ExecutorService waiting;
    private final List<LoopThread> servers;
    private final SyncBarrier barrier;
    private final FuseArguments arguments;
    private final long channel;
    private final long session;
    private final CountDownLatch ended = new CountDownLatch(1);

    /// Mounts, and serves from then on.
    ///
    /// @param mountOptions for `-o`, already escaped
    /// @param onEnd run when the mount has ended and the operations are closed
    /// @throws RequestException of kind `UNSUPPORTED` without libfuse, `IO` when the kernel refuses
    public static JnrSession start(
            Path directory,
            Operations operations,
            String mountOptions,
            int threadCount,
            Runnable onEnd)
            throws RequestException {
        JnrSession session =
                new JnrSession(
                        LowLevelLibrary.load(), directory, operations, mountOptions, threadCount);
        session.serve(onEnd);
        return session;
    }

    private JnrSession(
            LowLevelLibrary library,
            Path directory,
            Operations operations,
            String mountOptions,
            int threadCount)
            throws RequestException {
        this.library = library;
        this.directory = directory;
        this.operations = operations;
        arguments =
                new FuseArguments(
                        "cowfs",
                        "-o",
                        // Any number of background writes: the barrier relies on it.
                        mountOptions
                                + ",big_writes,atomic_o_trunc,max_background=65535,congestion_threshold=65535");
        channel = library.fuse_mount(directory.toString(), arguments.address());
        if (channel == 0) {
            library.fuse_opt_free_args(arguments.address());
            throw refused("the kernel or fusermount refused it");
        }
        waiting =
                Executors.newCachedThreadPool(
                        Thread.ofPlatform().daemon().name("cowfs-snapshot-", 0).factory());
        Requests requests = new Requests(library, operations, waiting);
        new NameHandlers(requests).register(table);
        new FileHandlers(requests).register(table);
        new AttributeHandlers(requests).register(table);
        session =
                library.fuse_lowlevel_new(
                        arguments.address(), table.address(), OperationTable.SIZE_BYTES, 0);
        if (session == 0) {
            library.fuse_unmount(directory.toString(), channel);
            library.fuse_opt_free_args(arguments.address());
            throw refused("libfuse did not accept the options");
        }
        library.fuse_session_add_chan(session, channel);
        servers =
                IntStream.range(0, threadCount)
                        .mapToObj(
                                i ->
                                        new LoopThread(
                                                "cowfs-fuse-" + directory.getFileName() + "-" + i,
                                                () -> library.fuse_session_loop(session)))
                        .toList();
        barrier = new SyncBarrier(directory, operations.opens().writers(), this::awaitTaken);
    }

    @Override
    public void barrier() throws IOException {
        if (!hasEnded()) {
            barrier.pass();
        }
    }

    /// Protocol 7.19 knows no way to take back that a name does not exist.
    @Override
    public boolean canInvalidateAll() {
        return false;
    }

    @Override
    public void requireNotices() throws RequestException {
        invalidateAll();
    }

    @Override
    public void nameAppeared(long directoryInode, byte[] name) throws RequestException {
        invalidateAll();
    }

    @Override
    public void snapshotReplaced(long treeId) {
        operations.snapshotReplaced(treeId);
    }

    @Override
    public void replaceContent(Volume replacement) throws RequestException {
        invalidateAll();
    }

    @Override
    public void invalidateAll() throws RequestException {
        throw new RequestException(
                ErrorKind.UNSUPPORTED,
                "the transport 'jnr' can't make the kernel forget what it knows of "
                        + directory
                        + "; unmount it first: "
                        + CommandHint.of("umount", directory));
    }

    @Override
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /// libfuse goes on with the threads that are left.
    @Override
    public boolean hasFailed() {
        return false;
    }

    @Override
    public String description() {
        return "jnr, libfuse 2, protocol 7.19";
    }

    @Override
    public Map<String, RequestTime> requestTimes() {
        return Map.of();
    }

    @Override
    public Map<String, Long> requestCounts() {
        return Map.of();
    }

    @Override
    public int knownNodeCount() {
        return operations.names().knownNodeCount();
    }

    @Override
    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /// Each serving thread must complete one request: a thread works on one at a time, so whatever
    /// it had taken before is done. Idle threads get something to do: the kernel wakes the one that
    /// has waited longest.
    private void awaitTaken(SyncBarrier.Poke poke) throws IOException, InterruptedException {
        poke.send();
        long[] before = servers.stream().mapToLong(LoopThread::completedRequests).toArray();
        while (!allHaveCompletedMoreThan(before)) {
            poke.send();
        }
    }

    private boolean allHaveCompletedMoreThan(long[] before) {
        for (int i = 0; i < before.length; i++) {
            LoopThread server = servers.get(i);
            if (server.isAlive() && server.completedRequests() == before[i]) {
                return false;
            }
        }
        return true;
    }

    private void serve(Runnable onEnd) {
        servers.forEach(Thread::start);
        Thread.ofPlatform()
                .daemon()
                .name("cowfs-fuse-" + directory.getFileName())
                .start(() -> keep(onEnd));
    }

    private void keep(Runnable onEnd) {
        try {
            for (LoopThread server : servers) {
                server.join();
            }
            waiting.close(); // whoever still waits must answer before the session goes
            giveBack();
        } catch (InterruptedException e) {
            LOG.log(Level.ERROR, "nobody interrupts the keeper of " + directory, e);
        } finally {
            try {
                onEnd.run();
            } finally {
                ended.countDown();
            }
        }
    }

    /// The order is libfuse's.
    private void giveBack() {
        library.fuse_session_remove_chan(channel);
        library.fuse_session_destroy(session);
        library.fuse_unmount(directory.toString(), channel);
        library.fuse_opt_free_args(arguments.address());
        try {
            operations.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "after the end of " + directory + ": " + e.getMessage());
        }
    }

    private RequestException refused(String reason) {
        return new RequestException(ErrorKind.IO, "can't mount on " + directory + ": " + reason);
    }
}
