package cowfs.fuse.kernel;

import java.util.concurrent.atomic.AtomicLongArray;

/// How often one thread has been asked for each opcode. One thread counts, all may read.
final class RequestCounts {
    private final AtomicLongArray counts = new AtomicLongArray(Opcode.NUMBER_LIMIT);

    void add(Opcode opcode) {
        int i = opcode.number();
        counts.setRelease(i, counts.getPlain(i) + 1);
    }

    long get(Opcode opcode) {
        return counts.getAcquire(opcode.number());
    }
}
