package cowfs.fuse.kernel;

import cowfs.fuse.operation.SyncBarrier;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The channel on which requests come through io_uring, to the processor that they are made on.
///
/// The kernel has a queue for each processor, and serves it through the *entries* that were registered
/// for it. A server has one entry and runs on the queue's processor, so a request wakes nobody on
/// another one:
///
///     processor 0:  program - server 0.1 - program - server 0.1 - ...
///     processor 1:  program - server 1.1 -- waits for the medium ------
///                                           program - server 1.2 - ...
///
/// The kernel gives a request to the entry that has come free last. So one server of a queue does
/// everything until it waits for something; then the next one gets its turn.
///
/// Forgets and interrupts come through `/dev/fuse` all the same, and everything does where the kernel
/// turns out not to want the rings: the device has its {@link LoopChannel}.
///
/// - A server that is given a request that may wait *for other requests* first makes sure that its
///   queue has as many others as ever.
/// - A server that is idle has nothing waiting in its queue: the kernel gives requests to free entries
///   at once, and a free entry what waits.
///
/// Thread safe.
final class RingChannel implements Channel {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /// Never one alone: what waits in a queue without a free entry is not given to an entry that is
    /// registered later, only to one whose server comes back.
    private static final int MIN_SERVERS_PER_QUEUE = 2;

    private static final int MAX_SERVERS_PER_QUEUE = 4;

    private final String name;
    private final int queueCount;
    private final int serversPerQueue;
    private final Runnable abort;

    /// All servers that ever were, for their counts; those that have ended stay.
    private final List<RingServer> servers = new CopyOnWriteArrayList<>();

    /// Servers of each queue that may wait for others. Guarded by this.
    private final int[] apartCounts;

    /// Servers of each queue, whatever they do. Guarded by this.
    private final int[] serverCounts;

    /// Guarded by this.
    private int preparedCount;

    /// Guarded by this.
    private int registeredCount;

    /// Guarded by this.
    private int liveCount;

    private volatile @Nullable IOException failure;

    /// Whether a server has failed that the kernel counts on.
    private volatile boolean broken;

    private volatile Phase phase = Phase.PREPARING;
    private volatile @Nullable Connection connection;
    private volatile @Nullable Dispatcher dispatcher;
    private volatile @Nullable LoopChannel device;

    private enum Phase {
        PREPARING,
        REGISTERING,
        SERVING,
        /// Nothing comes through the rings.
        REFUSED
    }

    private RingChannel(String name, int queueCount, int serversPerQueue, Runnable abort) {
        this.name = name;
        this.queueCount = queueCount;
        this.serversPerQueue = serversPerQueue;
        this.abort = abort;
        this.apartCounts = new int[queueCount];
        this.serverCounts = new int[queueCount];
    }

    /// Makes the rings, before the kernel is told that they will be used: it serves nothing until
    /// it has them all.
    ///
    /// @param name of threads
    /// @param threadLimit how many threads serve at most on a machine of few processors
    /// @param abort takes the mount away when it can't be served any more
    /// @throws IOException when there can't be any
    static RingChannel prepare(String name, int threadLimit, Runnable abort) throws IOException {
        int queueCount = Processors.possibleCount();
        int serversPerQueue =
                Math.clamp(
                        2L * threadLimit / queueCount,
                        MIN_SERVERS_PER_QUEUE,
                        MAX_SERVERS_PER_QUEUE);
        RingChannel channel = new RingChannel(name, queueCount, serversPerQueue, abort);
        channel.prepareServers();
        return channel;
    }

    private synchronized void prepareServers() throws IOException {
        for (int i = 0; i < serversPerQueue && failure == null; i++) {
            for (int queue = 0; queue < queueCount && failure == null; queue++) {
                if (!startServer(queue)) {
                    failure = new IOException("there are no threads for it");
                }
            }
        }
        int expected = serversPerQueue * queueCount;
        while (preparedCount < expected && failure == null) {
            waitUninterruptibly();
        }
        if (failure != null) {
            IOException reason = failure;
            refuse();
            throw reason;
        }
    }

    /// Ends the threads of a channel that is not wanted.
    synchronized void refuse() {
        phase = Phase.REFUSED;
        notifyAll();
    }

    /// Begins to serve a connection for which the rings were agreed on.
    ///
    /// @param newDevice serves what comes through `/dev/fuse`
    void use(Connection newConnection, Dispatcher newDispatcher, LoopChannel newDevice) {
        connection = newConnection;
        dispatcher = newDispatcher;
        device = newDevice;
    }

    @Override
    public void start() {
        device().start();
        synchronized (this) {
            phase = Phase.REGISTERING;
            notifyAll();
            int expected = serversPerQueue * queueCount;
            while (registeredCount < expected && failure == null) {
                waitUninterruptibly();
            }
            // When one registration fails, the kernel takes to the device.
            phase = failure == null || broken ? Phase.SERVING : Phase.REFUSED;
        }
        if (failure != null && !broken) {
            LOG.log(Level.WARNING, "a mount is served without io_uring: {0}", failure.getMessage());
        }
    }

    @Override
    public void awaitEnd() throws InterruptedException {
        device().awaitEnd();
        synchronized (this) {
            while (liveCount > 0) {
                wait();
            }
        }
    }

    @Override
    public void awaitTaken(SyncBarrier.Poke poke) throws IOException, InterruptedException {
        if (phase != Phase.SERVING) {
            device().awaitTaken(poke);
            return;
        }
        boolean[] drained = new boolean[queueCount];
        nudgeAll(drained);
        for (int queue = 0; queue < queueCount; queue++) {
            if (!drained[queue]) {
                // Its servers are never without a request: one that is made now is answered after
                // those that wait.
                poke.send(queue);
            }
        }
        nudgeAll(drained);
    }

    /// Waits until every server has done what it had been given before.
    private void nudgeAll(boolean[] drained) throws InterruptedException {
        List<RingServer> nudged = List.copyOf(servers);
        long[] numbers = nudged.stream().mapToLong(RingServer::nudge).toArray();
        for (int i = 0; i < numbers.length; i++) {
            RingServer server = nudged.get(i);
            while (!server.hasPassed(numbers[i])) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
            drained[server.queue()] |= server.wasIdle();
        }
    }

    @Override
    public long count(Opcode opcode) {
        return device().count(opcode)
                + servers.stream().mapToLong(server -> server.counts().get(opcode)).sum();
    }

    @Override
    public String description() {
        IOException reason = failure;
        return reason == null
                ? "io_uring, " + queueCount + " queues"
                : "loop (io_uring failed: " + reason.getMessage() + ")";
    }

    Connection connection() {
        return Objects.requireNonNull(connection);
    }

    Dispatcher dispatcher() {
        return Objects.requireNonNull(dispatcher);
    }

    private LoopChannel device() {
        return Objects.requireNonNull(device);
    }

    /// A server has its ring, and waits for its use.
    ///
    /// @return false when there is none
    synchronized boolean prepared() {
        preparedCount++;
        notifyAll();
        while (phase == Phase.PREPARING) {
            waitUninterruptibly();
        }
        return phase != Phase.REFUSED;
    }

    /// The kernel knows the entry of a server.
    synchronized void registered() {
        registeredCount++;
        notifyAll();
    }

    /// A server can't go on.
    ///
    /// @param registered whether the kernel knows its entry, and may have given it a request
    void failed(IOException reason, boolean registered) {
        synchronized (this) {
            broken |= registered;
            if (failure == null) {
                failure = reason;
            }
            notifyAll();
        }
        if (registered) {
            // The request that it had will never be answered.
            LOG.log(Level.ERROR, "a server of a mount has failed; the mount ends", reason);
            abort.run();
        }
    }

    @Override
    public boolean hasFailed() {
        return broken || device().hasFailed();
    }

    /// A server of a queue is about to serve what may wait for other requests.
    ///
    /// @return false when the machine has no thread to serve them meanwhile
    synchronized boolean leaves(int queue) {
        if (serverCounts[queue] - apartCounts[queue] <= serversPerQueue && !startServer(queue)) {
            return false;
        }
        apartCounts[queue]++;
        return true;
    }

    synchronized void comesBack(int queue) {
        apartCounts[queue]--;
    }

    /// A server's thread ends.
    synchronized void left() {
        liveCount--;
        notifyAll();
    }

    /// @return whether the machine has given it a thread
    private boolean startServer(int queue) {
        RingServer server = new RingServer(this, queue);
        try {
            Thread.ofPlatform()
                    .daemon()
                    .name(name + "-" + queue + "." + (serverCounts[queue] + 1))
                    .start(server);
        } catch (OutOfMemoryError e) { // what the JVM says at a limit of threads, too
            LOG.log(Level.WARNING, "no thread for a mount: " + e.getMessage());
            return false;
        }
        servers.add(server);
        liveCount++;
        serverCounts[queue]++;
        return true;
    }

    /// For another thread of this class, which needs nothing but time.
    private void waitUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                wait();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
