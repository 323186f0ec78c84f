package cowfs.fuse.kernel;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The thread that sees to it that no request keeps all others waiting: it looks at the leader
/// every millisecond, and gives the lead to another when it still serves the same request.
///
/// It sleeps while nothing is asked for.
final class Watch implements Runnable {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int QUIET_TICKS = 200;

    private final LoopChannel channel;
    private volatile boolean asleep;
    private volatile boolean ended;
    private volatile @Nullable Thread thread;

    Watch(LoopChannel channel) {
        this.channel = channel;
    }

    void start(String name) {
        thread = Thread.ofPlatform().daemon().name(name).start(this);
    }

    /// Called for every request.
    void ensureAwake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    void end() {
        ended = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        Server lastLeader = null;
        long lastRequest = Server.NONE;
        int quietTicks = 0;
        while (!ended) {
            Server leader = channel.leader();
            long request = leader == null ? Server.NONE : leader.ledRequest();
            if (leader != null
                    && request != Server.NONE
                    && leader == lastLeader
                    && request == lastRequest) {
                channel.handOver(leader, false);
            }
            quietTicks = request == Server.NONE ? quietTicks + 1 : 0;
            lastLeader = leader;
            lastRequest = request;
            if (quietTicks > QUIET_TICKS) {
                sleep();
                quietTicks = 0;
            } else {
                LockSupport.parkNanos(this, TICK_NANOS);
            }
        }
    }

    private void sleep() {
        asleep = true;
        Server leader = channel.leader();
        while (asleep && !ended && (leader == null || leader.ledRequest() == Server.NONE)) {
            LockSupport.park(this);
        }
        asleep = false;
    }
}
