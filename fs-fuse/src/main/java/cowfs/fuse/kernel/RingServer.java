package cowfs.fuse.kernel;

import cowfs.fuse.kernel.Dispatcher.Patience;
import cowfs.fuse.kernel.RingFormat.Headers;
import cowfs.fuse.kernel.RingFormat.Range;
import cowfs.fuse.kernel.RingFormat.Submission;
import cowfs.fuse.operation.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicLong;

/// One thread of a {@link RingChannel}: it has a ring with one entry, on the processor of its
/// queue.
///
/// One call into the kernel answers a request and waits for the next one (`COMMIT_AND_FETCH`). The
/// kernel puts the header of a request into one memory and its names and data into another, the
/// payload; the body of the reply is put together in the payload too.
///
/// A *nudge*, a number written to the server's event descriptor, tells who waits for requests that
/// were taken before: see {@link RingChannel#awaitTaken}.
final class RingServer implements Runnable {
    // linux/io_uring.h
    private static final int READ = 22;
    private static final int URING_COMMAND = 46;

    // enum fuse_uring_cmd
    private static final int REGISTER = 1;
    private static final int COMMIT_AND_FETCH = 2;

    // what submissions are marked with
    private static final long REQUEST = 1;
    private static final long NUDGE = 2;

    private static final int PAGE_BYTES = Negotiation.PAGE_BYTES;

    private final RingChannel channel;
    private final int queue;
    private final RequestCounts counts = new RequestCounts();

    /// Where nudges go; -1 while there is none. Guarded by this.
    private int event = -1;

    /// How many have been sent. Guarded by this.
    private long nudgeCount;

    private final AtomicLong seenNudgeCount = new AtomicLong();
    private volatile boolean wasIdle;
    private volatile boolean apart;
    private volatile boolean ended;

    /// Whether the kernel knows its entry.
    private boolean registered;

    // What has come and has not been looked after.
    private boolean requested;
    private boolean nudged;

    /// @param queue its number, which is that of its processor
    RingServer(RingChannel channel, int queue) {
        this.channel = channel;
        this.queue = queue;
    }

    int queue() {
        return queue;
    }

    RequestCounts counts() {
        return counts;
    }

    @Override
    public void run() {
        Arena arena = Arena.ofAuto();
        MemorySegment nudge = arena.allocate(ValueLayout.JAVA_LONG);
        try (Ring ring = open()) {
            Processors.pin(queue); // where it can't run, no request comes from either
            if (channel.prepared()) {
                serve(ring, arena, nudge);
            }
        } catch (IOException e) {
            channel.failed(e, registered);
        } catch (RuntimeException | Error e) {
            channel.failed(
                    new IOException("a thread that serves a mount has failed: " + e, e),
                    registered);
        } finally {
            close();
            channel.left();
            Reference.reachabilityFence(nudge); // the kernel wrote there
        }
    }

    private Ring open() throws IOException {
        int descriptor = Linux.event();
        if (descriptor < 0) {
            throw new IOException("eventfd: " + Linux.text(descriptor));
        }
        synchronized (this) {
            event = descriptor;
            seenNudgeCount.set(nudgeCount); // it had nothing to do before
        }
        return Ring.create();
    }

    private synchronized void close() {
        ended = true;
        if (event >= 0) {
            Linux.close(event);
            event = -1;
        }
    }

    private void serve(Ring ring, Arena arena, MemorySegment nudge) throws IOException {
        int payloadBytes = channel.connection().agreed().maxWriteBytes();
        MemorySegment headers = arena.allocate(Headers.BYTES, PAGE_BYTES);
        MemorySegment payload = arena.allocate(payloadBytes, PAGE_BYTES);
        Request request = new Request(headers, Headers.HEADER, payload);
        Reply reply = new Reply(payload, 0, channel.dispatcher().generation());
        awaitNudge(ring, nudge);
        register(ring, ranges(arena, headers, payload));
        while (await(ring)) {
            if (requested) {
                serve(headers, request, reply);
                commit(ring, headers, request, reply);
            }
            if (nudged) {
                wasIdle = !requested;
                seenNudgeCount.addAndGet(nudge.get(ValueLayout.JAVA_LONG, 0));
                awaitNudge(ring, nudge);
            }
            requested = false;
            nudged = false;
        }
    }

    private static MemorySegment ranges(Arena arena, MemorySegment headers, MemorySegment payload) {
        MemorySegment ranges = arena.allocate(2L * Range.BYTES, Long.BYTES);
        Range.ADDRESS.set(ranges, 0, headers.address());
        Range.LENGTH.set(ranges, 0, headers.byteSize());
        Range.ADDRESS.set(ranges, Range.BYTES, payload.address());
        Range.LENGTH.set(ranges, Range.BYTES, payload.byteSize());
        return ranges;
    }

    private void register(Ring ring, MemorySegment ranges) throws IOException {
        long at = command(ring, REGISTER);
        Submission.ADDRESS.set(ring.submissions(), at, ranges.address());
        Submission.LENGTH.set(ring.submissions(), at, 2);
        ring.push();
        enter(ring, 0);
        // A request may have come already.
        while (ring.next()) {
            if (ring.userData() == REQUEST && ring.result() < 0) {
                throw new IOException("FUSE_IO_URING_CMD_REGISTER: " + Linux.text(ring.result()));
            }
            note(ring);
        }
        registered = true;
        channel.registered();
    }

    /// Waits for a request or a nudge.
    ///
    /// @return false when the connection is gone
    private boolean await(Ring ring) throws IOException {
        while (!requested && !nudged) {
            enter(ring, 1);
            if (!takeCompletions(ring)) {
                return false;
            }
        }
        if (nudged) {
            // A nudge may overtake a request that the kernel had given to this server before and
            // has
            // yet to hand over; it does so now.
            enter(ring, 0);
            return takeCompletions(ring);
        }
        return true;
    }

    private static void enter(Ring ring, int completionCount) throws IOException {
        int result = ring.enter(completionCount);
        if (result < 0 && result != -Linux.EINTR && result != -Linux.EAGAIN) {
            throw new IOException("io_uring_enter: " + Linux.text(result));
        }
    }

    private boolean takeCompletions(Ring ring) throws IOException {
        while (ring.next()) {
            int result = ring.result();
            if (ring.userData() == REQUEST && result < 0) {
                if (result == -Linux.ENOTCONN
                        || result == -Linux.ECONNABORTED
                        || result == -Linux.ECANCELED) {
                    return false;
                }
                throw new IOException("FUSE over io_uring: " + Linux.text(result));
            }
            note(ring);
        }
        return true;
    }

    private void note(Ring ring) {
        if (ring.userData() == NUDGE) {
            nudged = true;
        } else {
            requested = true;
        }
    }

    private void serve(MemorySegment headers, Request request, Reply reply) {
        request.takeRing(
                Headers.STRUCTURE,
                Headers.PAYLOAD_BYTES.get(headers, 0),
                channel.connection().extendedXattr());
        Opcode opcode = request.opcode();
        if (opcode != null) {
            counts.add(opcode);
        }
        apart = channel.dispatcher().patience(request) == Patience.APART;
        request.setApart(apart);
        if (apart) {
            if (!channel.leaves(queue)) {
                apart = false;
                reply.begin();
                reply.error(Errno.ENOMEM); // it might wait for requests that nobody takes
                return;
            }
            // What it starts, threads and programs, would inherit the one processor.
            Processors.unpin();
        }
        channel.dispatcher().serve(request, reply);
        if (apart) {
            apart = false;
            channel.comesBack(queue);
            Processors.pin(queue);
        }
    }

    private void commit(Ring ring, MemorySegment headers, Request request, Reply reply) {
        long unique = request.unique();
        int bodyBytes = reply.bodyBytes();
        ReplyFormat.Header.LENGTH.set(
                headers, Headers.HEADER, ReplyFormat.Header.BYTES + bodyBytes);
        ReplyFormat.Header.ERROR.set(headers, Headers.HEADER, -reply.error());
        ReplyFormat.Header.UNIQUE.set(headers, Headers.HEADER, unique);
        Headers.PAYLOAD_BYTES.set(headers, 0, bodyBytes);
        long at = command(ring, COMMIT_AND_FETCH);
        Submission.COMMIT_ID.set(ring.submissions(), at, Headers.COMMIT_ID.get(headers, 0));
        ring.push();
    }

    private long command(Ring ring, int command) {
        MemorySegment submissions = ring.submissions();
        long at = ring.begin();
        Submission.OPCODE_AND_FLAGS.set(submissions, at, URING_COMMAND);
        Submission.DESCRIPTOR.set(submissions, at, channel.connection().descriptor());
        Submission.COMMAND.set(submissions, at, command);
        Submission.USER_DATA.set(submissions, at, REQUEST);
        Submission.QUEUE.set(submissions, at, queue);
        return at;
    }

    private void awaitNudge(Ring ring, MemorySegment nudge) {
        MemorySegment submissions = ring.submissions();
        long at = ring.begin();
        Submission.OPCODE_AND_FLAGS.set(submissions, at, READ);
        synchronized (this) {
            Submission.DESCRIPTOR.set(submissions, at, event);
        }
        Submission.ADDRESS.set(submissions, at, nudge.address());
        Submission.LENGTH.set(submissions, at, (int) nudge.byteSize());
        Submission.USER_DATA.set(submissions, at, NUDGE);
        ring.push();
    }

    /// Wakes the server, for {@link #hasPassed}.
    ///
    /// @return the number of the nudge
    synchronized long nudge() {
        if (event >= 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
                Linux.write(event, one.address(), one.byteSize());
            }
        }
        return ++nudgeCount;
    }

    /// Whether the request that the server had been given before a nudge is done, if it had one; or
    /// whether it may itself wait for others.
    boolean hasPassed(long nudge) {
        return seenNudgeCount.get() >= nudge || apart || ended;
    }

    /// Whether the server had no request at its last nudge. The kernel keeps none waiting in the
    /// queue of a server that has none.
    boolean wasIdle() {
        return wasIdle || ended;
    }
}
