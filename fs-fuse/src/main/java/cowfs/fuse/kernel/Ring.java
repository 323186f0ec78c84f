package cowfs.fuse.kernel;

import cowfs.fuse.kernel.RingFormat.Completion;
import cowfs.fuse.kernel.RingFormat.Params;
import cowfs.fuse.kernel.RingFormat.Submission;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// An io_uring: a queue of what the kernel is asked to do, and one of what it has done, both in memory
/// that it shares.
///
///     submissions   [head .. tail)   this side adds at the tail, the kernel takes at the head
///     completions   [head .. tail)   the kernel adds at the tail, this side takes at the head
///
/// Each queue has one writer of its tail and one of its head, so a release by the one and an acquire
/// by the other order everything.
///
/// It belongs to the thread that makes it (`IORING_SETUP_SINGLE_ISSUER`); the kernel works for it only
/// while that thread waits in {@link #enter} (`IORING_SETUP_DEFER_TASKRUN`), so it is never interrupted.
final class Ring implements AutoCloseable {
    private static final int ENTRIES = 4;

    // linux/io_uring.h
    private static final int SETUP_SQE128 = 1 << 10;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int SETUP_NO_SQARRAY = 1 << 16;
    private static final long OFFSET_RINGS = 0;
    private static final long OFFSET_SUBMISSIONS = 0x10000000L;
    private static final int ENTER_GETEVENTS = 1;

    private static final VarHandle INDEX =
            ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

    private final int descriptor;
    private final MemorySegment rings;
    private final MemorySegment submissions;
    private final long submissionHead;
    private final long submissionTail;
    private final int submissionMask;
    private final long completionHead;
    private final long completionTail;
    private final int completionMask;
    private final long completions;

    private long userData;
    private int result;

    private Ring(int descriptor, MemorySegment params, MemorySegment rings, MemorySegment queue) {
        this.descriptor = descriptor;
        this.rings = rings;
        this.submissions = queue;
        submissionHead = Params.SUBMISSION_HEAD.get(params, 0);
        submissionTail = Params.SUBMISSION_TAIL.get(params, 0);
        submissionMask = rings.get(ValueLayout.JAVA_INT, Params.SUBMISSION_MASK.get(params, 0));
        completionHead = Params.COMPLETION_HEAD.get(params, 0);
        completionTail = Params.COMPLETION_TAIL.get(params, 0);
        completionMask = rings.get(ValueLayout.JAVA_INT, Params.COMPLETION_MASK.get(params, 0));
        completions = Params.COMPLETIONS.get(params, 0);
    }

    /// Makes a ring for the calling thread.
    ///
    /// @throws IOException when the kernel does not allow it, or is too old (Linux 6.6)
    static Ring create() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(Params.BYTES, Long.BYTES);
            Params.FLAGS.set(
                    params,
                    0,
                    SETUP_SQE128 | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN | SETUP_NO_SQARRAY);
            int descriptor = (int) require(Linux.ringSetup(ENTRIES, params), "io_uring_setup");
            long ringBytes =
                    Params.COMPLETIONS.get(params, 0)
                            + (long) Params.COMPLETION_ENTRIES.get(params, 0) * Completion.BYTES;
            long queueBytes = (long) Params.SUBMISSION_ENTRIES.get(params, 0) * Submission.BYTES;
            MemorySegment rings = MemorySegment.NULL;
            try {
                rings = map(descriptor, ringBytes, OFFSET_RINGS);
                MemorySegment queue = map(descriptor, queueBytes, OFFSET_SUBMISSIONS);
                return new Ring(descriptor, params, rings, queue);
            } catch (IOException e) {
                unmap(rings);
                Linux.close(descriptor);
                throw e;
            }
        }
    }

    private static MemorySegment map(int descriptor, long sizeBytes, long offset)
            throws IOException {
        long address = require(Linux.map(descriptor, sizeBytes, offset), "mmap of an io_uring");
        return Linux.memory(address, sizeBytes);
    }

    private static void unmap(MemorySegment memory) {
        if (memory.byteSize() > 0) {
            Linux.unmap(memory.address(), memory.byteSize());
        }
    }

    private static long require(long value, String what) throws IOException {
        if (value < 0 && value > -4096) {
            throw new IOException(what + ": " + Linux.text((int) -value));
        }
        return value;
    }

    /// Begins a submission: all zeros, to be filled in and {@link #push}ed. At most {@link
    /// #ENTRIES} may wait to be entered.
    ///
    /// @return its place in {@link #submissions}
    long begin() {
        int tail = (int) INDEX.get(rings, submissionTail);
        int head = (int) INDEX.getAcquire(rings, submissionHead);
        if (tail - head > submissionMask) {
            throw new IllegalStateException("the queue of submissions is full");
        }
        long at = (long) (tail & submissionMask) * Submission.BYTES;
        submissions.asSlice(at, Submission.BYTES).fill((byte) 0);
        return at;
    }

    MemorySegment submissions() {
        return submissions;
    }

    /// Hands over the submission that was begun.
    void push() {
        INDEX.setRelease(rings, submissionTail, (int) INDEX.get(rings, submissionTail) + 1);
    }

    /// Lets the kernel take what was pushed, and waits.
    ///
    /// @param completionCount how many completions to wait for at least
    /// @return 0, or a negative error number; what was not taken then is taken by the next call
    int enter(int completionCount) {
        int pushed =
                (int) INDEX.get(rings, submissionTail)
                        - (int) INDEX.getAcquire(rings, submissionHead);
        int taken = Linux.ringEnter(descriptor, pushed, completionCount, ENTER_GETEVENTS);
        return Math.min(taken, 0);
    }

    /// Takes a completion, if there is one.
    boolean next() {
        int head = (int) INDEX.get(rings, completionHead);
        if (head == (int) INDEX.getAcquire(rings, completionTail)) {
            return false;
        }
        long at = completions + (long) (head & completionMask) * Completion.BYTES;
        userData = Completion.USER_DATA.get(rings, at);
        result = Completion.RESULT.get(rings, at);
        INDEX.setRelease(rings, completionHead, head + 1);
        return true;
    }

    /// What the submission of the completion that was taken last was marked with.
    long userData() {
        return userData;
    }

    /// The result of the completion that was taken last: a negative error number when it failed.
    int result() {
        return result;
    }

    @Override
    public void close() {
        unmap(submissions);
        unmap(rings);
        Linux.close(descriptor);
    }
}
