package cowfs.fuse.kernel;

import cowfs.fuse.operation.SyncBarrier;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The channel that reads requests from `/dev/fuse` and writes replies to it, with one thread for
/// as long as one is enough.
///
/// Waking a thread on another processor, which may have to come out of its sleep first, costs ten
/// times as much as serving a lookup. So one thread at a time, the *leader*, reads, and it serves
/// what it has read itself. It gives up the lead only when it is about to wait, or is found to
/// wait:
///
///     leader        read - serve - read - serve ------ waits for the medium ----- idle
///     follower                            takes the lead, read - serve - read - ...
///
/// - Before a request that waits for the medium anyway (fsync) the leader hands over by itself.
/// - When one request takes longer than a millisecond, the {@link Watch} takes the lead from it.
/// - With as many threads busy as there may be, the leader keeps the lead: others wait for it.
/// - A request that may wait *for other requests* (taking a snapshot) always finds a successor,
///   more threads than allowed or not.
///
/// Reading is the leader's alone, so requests are taken in the kernel's order, and what was taken
/// before a moment can be waited for: see {@link #awaitTaken}.
///
/// Thread safe.
final class LoopChannel implements Channel {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final Connection connection;
    private final Dispatcher dispatcher;
    private final String name;
    private final int threadLimit;
    private final Runnable abort;
    private final String note;
    private final Watch watch = new Watch(this);

    /// All servers that ever were, for their counts; those that have ended stay.
    private final List<Server> servers = new CopyOnWriteArrayList<>();

    /// Guarded by this.
    private final Deque<Server> idle = new ArrayDeque<>();

    /// Guarded by this.
    private int liveCount;

    private volatile boolean ended;
    private volatile boolean failed;

    /// Guarded by this.
    private boolean lacksThreads;

    private volatile @Nullable Server leader;

    /// @param threadLimit how many threads serve at most, at least 1
    /// @param abort takes the mount away when it can't be served any more
    /// @param note for people: why it is this channel
    LoopChannel(
            Connection connection,
            Dispatcher dispatcher,
            String name,
            int threadLimit,
            Runnable abort,
            String note) {
        this.note = note;
        this.abort = abort;
        this.connection = connection;
        this.dispatcher = dispatcher;
        this.name = name;
        this.threadLimit = threadLimit;
    }

    @Override
    public synchronized void start() {
        startServer();
        watch.start(name + "-watch");
        Server first = idle.remove();
        leader = first;
        first.takeLead();
    }

    @Override
    public synchronized void awaitEnd() throws InterruptedException {
        while (liveCount > 0 || !ended) {
            wait();
        }
    }

    @Override
    public void awaitTaken(SyncBarrier.Poke poke) throws IOException, InterruptedException {
        poke.send();
        List<Server> busy = new ArrayList<>();
        List<Long> requests = new ArrayList<>();
        for (Server server : servers) {
            long request = server.servedRequest();
            if (request != Server.NONE) {
                busy.add(server);
                requests.add(request);
            }
        }
        for (int i = 0; i < busy.size(); i++) {
            while (busy.get(i).servedRequest() == requests.get(i)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    @Override
    public long count(Opcode opcode) {
        return servers.stream().mapToLong(server -> server.counts().get(opcode)).sum();
    }

    @Override
    public String description() {
        return note.isEmpty() ? "loop" : "loop (" + note + ")";
    }

    Connection connection() {
        return connection;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    @Nullable Server leader() {
        return leader;
    }

    /// The leader has a request: somebody must look after it.
    void leaderIsBusy() {
        watch.ensureAwake();
    }

    /// Takes the lead from a server that is serving a request.
    ///
    /// @param evenBeyondLimit whether there must be a successor
    /// @return false when there must be one, and the machine gives no thread for it
    synchronized boolean handOver(Server from, boolean evenBeyondLimit) {
        if (ended
                || leader != from
                || (idle.isEmpty() && liveCount >= threadLimit && !evenBeyondLimit)) {
            return true;
        }
        if (idle.isEmpty() && !startServer()) {
            return !evenBeyondLimit; // it goes on leading
        }
        if (from.giveUpLead()) { // else it has finished meanwhile
            Server successor = idle.remove();
            leader = successor;
            successor.takeLead();
        }
        return true;
    }

    /// A server has finished a request and does not lead.
    ///
    /// @return false when it is to end
    synchronized boolean becomeIdle(Server server) {
        if (ended || liveCount > threadLimit) {
            return false;
        }
        idle.push(server);
        return true;
    }

    /// The kernel has ended the connection.
    synchronized void end() {
        ended = true;
        idle.forEach(Server::release);
        idle.clear();
        watch.end();
    }

    /// A server has failed: nobody may wait for it for ever.
    void abort() {
        failed = true;
        end();
        abort.run();
    }

    @Override
    public boolean hasFailed() {
        return failed;
    }

    /// Whether servers are to end.
    boolean hasEnded() {
        return ended;
    }

    /// A server's thread ends.
    synchronized void left(Server server) {
        liveCount--;
        if (leader == server) {
            leader = null;
        }
        notifyAll();
    }

    /// Starts a server that waits for the lead.
    ///
    /// @return whether the machine has given it a thread; there is one already if it has not
    private boolean startServer() {
        Server server;
        try {
            server = new Server(this);
            Thread.ofPlatform().daemon().name(name + "-" + (servers.size() + 1)).start(server);
        } catch (OutOfMemoryError e) { // what the JVM says at a limit of threads, too
            if (liveCount == 0) {
                throw e;
            }
            if (!lacksThreads) {
                lacksThreads = true;
                LOG.log(
                        Level.WARNING,
                        "no more threads than " + liveCount + " serve a mount: " + e.getMessage());
            }
            return false;
        }
        servers.add(server);
        liveCount++;
        idle.push(server);
        return true;
    }
}
