package cowfs.fuse.kernel;

import cowfs.error.CountText;
import cowfs.fuse.kernel.Dispatcher.Patience;
import cowfs.fuse.kernel.ReplyFormat.Header;
import cowfs.fuse.operation.Errno;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One thread of a {@link LoopChannel} with its memory for a request and a reply.
///
/// Its state is one number, so that the lead can be taken from it exactly while it serves the
/// request that it was seen to serve: the count of requests so far, and what it does now.
final class Server implements Runnable {
    /// No request.
    static final long NONE = -1;

    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    /// Headers and the structure before the data of a WRITE, so that the data begins a page.
    private static final int BEFORE_DATA = RequestFormat.Header.BYTES + RequestFormat.Write.BYTES;

    private static final int PAGE_BYTES = Negotiation.PAGE_BYTES;

    // the low two bits of the state
    private static final long WAITING = 0; // for requests or for the lead
    private static final long LEADING = 1; // serves, and will read on
    private static final long SERVING = 2; // serves, and another one leads
    private static final int PHASE_BITS = 2;
    private static final long PHASE_MASK = (1 << PHASE_BITS) - 1;

    private final LoopChannel channel;
    private final AtomicLong state = new AtomicLong(WAITING);
    private final RequestCounts counts = new RequestCounts();

    private final long requestAddress;
    private final long requestCapacity;
    private final long replyAddress;
    private final MemorySegment replyMemory;
    private final Request request;
    private final Reply reply;

    private volatile boolean apart;
    private volatile boolean leads;
    private volatile boolean released;
    private volatile @Nullable Thread thread;

    Server(LoopChannel channel) {
        this.channel = channel;
        int data = channel.connection().agreed().maxWriteBytes();
        Arena arena = Arena.ofAuto();
        MemorySegment in = arena.allocate(data + 2L * PAGE_BYTES, PAGE_BYTES);
        int requestAt = PAGE_BYTES - BEFORE_DATA;
        requestAddress = in.address() + requestAt;
        requestCapacity = in.byteSize() - requestAt;
        request = new Request(in, requestAt, in);
        replyMemory = arena.allocate(data + 2L * PAGE_BYTES, PAGE_BYTES);
        replyAddress = replyMemory.address() + PAGE_BYTES - Header.BYTES;
        reply = new Reply(replyMemory, PAGE_BYTES, channel.dispatcher().generation());
    }

    RequestCounts counts() {
        return counts;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try {
            while (awaitLead()) {
                if (!lead()) {
                    channel.end();
                    return;
                }
                if (!channel.becomeIdle(this)) {
                    return;
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a thread that serves a mount has failed; the mount ends", e);
            channel.abort();
        } finally {
            channel.left(this);
        }
    }

    /// Reads and serves until the lead is gone.
    ///
    /// @return false when the connection is
    private boolean lead() {
        Connection connection = channel.connection();
        long number = state.get() >> PHASE_BITS;
        while (true) {
            long count = connection.read(requestAddress, requestCapacity);
            if (count == Connection.ENDED) {
                return false;
            }
            long leading = (++number << PHASE_BITS) | LEADING;
            state.set(leading);
            channel.leaderIsBusy();
            serve((int) count);
            apart = false;
            if (!state.compareAndSet(leading, (number << PHASE_BITS) | WAITING)) {
                state.set((number << PHASE_BITS) | WAITING);
                return true;
            }
            if (channel.hasEnded()) {
                return false; // another server has failed
            }
        }
    }

    private void serve(int lengthBytes) {
        if (!request.takeStream(lengthBytes, channel.connection().extendedXattr())) {
            LOG.log(
                    Level.WARNING,
                    "the kernel sent "
                            + CountText.of(lengthBytes, "byte")
                            + " that are no request");
            return;
        }
        Opcode opcode = request.opcode();
        if (opcode != null) {
            counts.add(opcode);
        }
        Patience patience = channel.dispatcher().patience(request);
        request.setApart(patience == Patience.APART);
        if (patience != Patience.SHORT) {
            apart = patience == Patience.APART;
            if (!channel.handOver(this, apart)) {
                refuse(Errno.ENOMEM); // it might wait for requests that nobody reads
                return;
            }
        }
        channel.dispatcher().serve(request, reply);
        if (!reply.isSilent()) {
            send();
        }
    }

    private void refuse(Errno errno) {
        reply.begin();
        reply.error(errno);
        send();
    }

    private void send() {
        int length = Header.BYTES + reply.bodyBytes();
        long at = (long) PAGE_BYTES - Header.BYTES;
        Header.LENGTH.set(replyMemory, at, length);
        Header.ERROR.set(replyMemory, at, -reply.error());
        Header.UNIQUE.set(replyMemory, at, request.unique());
        channel.connection().write(replyAddress, length, request.opcode());
    }

    /// The number of the request that is being served and that others may wait for, or {@link
    /// #NONE}.
    long servedRequest() {
        long now = state.get();
        return (now & PHASE_MASK) == WAITING || apart ? NONE : now >> PHASE_BITS;
    }

    /// The number of the request that the leader is serving, or {@link #NONE}.
    long ledRequest() {
        long now = state.get();
        return (now & PHASE_MASK) == LEADING ? now >> PHASE_BITS : NONE;
    }

    /// Takes the lead away, if a request is being served under it.
    boolean giveUpLead() {
        long now = state.get();
        leads = false;
        if ((now & PHASE_MASK) == LEADING
                && state.compareAndSet(now, (now & ~PHASE_MASK) | SERVING)) {
            return true;
        }
        leads = true;
        return false;
    }

    /// Makes an idle server the leader.
    void takeLead() {
        leads = true;
        LockSupport.unpark(thread);
    }

    /// Lets an idle server end.
    void release() {
        released = true;
        LockSupport.unpark(thread);
    }

    private boolean awaitLead() {
        while (!leads && !released) {
            LockSupport.park(this);
        }
        return leads;
    }
}
