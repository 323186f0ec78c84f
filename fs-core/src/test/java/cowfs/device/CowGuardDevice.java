package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A device for tests that refuses to change what the last durable superblock can reach.
///
/// The test tells it which blocks those are whenever a commit has become durable. A write or
/// discard that touches one of them is not passed on: it throws an {@link AssertionError}, and is
/// remembered for {@link #assertNoViolations} in case a thread has swallowed the error. Superblock
/// slots may be written, and a test may name who knows a repair when it sees one.
///
/// A check costs one search in a bit set. Thread safe: a call sees either the old protection or the
/// new.
public final class CowGuardDevice implements ForwardingDevice {
    public static final int BLOCK_BYTES = 4096;

    private static final int REMEMBERED_VIOLATIONS = 100;

    private final BlockDevice device;
    private final ConcurrentLinkedQueue<AssertionError> violations = new ConcurrentLinkedQueue<>();
    private volatile RepairJudge repairs = (position, bytes) -> false;
    private volatile BitSet guarded = new BitSet(); // never changed once it stands here

    /// Tells the repair of a bad copy of a node from every other write.
    @FunctionalInterface
    public interface RepairJudge {
        /// Whether these bytes at this position are a whole bad copy of a protected node that is
        /// given the bytes of its good copy, and nothing else.
        boolean isRepair(long position, ByteBuffer bytes) throws IOException;
    }

    /// From now on lets repairs pass.
    public void allowRepairs(RepairJudge judge) {
        repairs = judge;
    }

    /// A guard that protects nothing yet. Closing it closes `device`.
    public CowGuardDevice(BlockDevice device) {
        this.device = device;
    }

    /// From now on protects exactly these blocks, but for the slots. Both arguments are copied.
    ///
    /// @param reachable the numbers of the 4096-byte blocks that a durable commit can reach
    public void protect(BitSet reachable, Set<Long> superblockSlots) {
        BitSet next = (BitSet) reachable.clone();
        superblockSlots.forEach(slot -> next.clear(Math.toIntExact(slot)));
        guarded = next;
    }

    /// Whether a write into this block would be refused.
    public boolean isProtected(long block) {
        return guarded.get(Math.toIntExact(block));
    }

    /// What was refused so far, oldest first, at most the first hundred.
    public List<AssertionError> violations() {
        return new ArrayList<>(violations);
    }

    /// Throws the first violation, the others suppressed in it, if there was one.
    public void assertNoViolations() {
        List<AssertionError> all = violations();
        if (!all.isEmpty()) {
            AssertionError failure =
                    new AssertionError(
                            all.size() + " copy-on-write violations, first: " + all.getFirst(),
                            all.getFirst());
            all.stream().skip(1).forEach(failure::addSuppressed);
            throw failure;
        }
    }

    @Override
    public BlockDevice target() {
        return device;
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        if (touchesProtected(position, source.remaining()) < 0
                || !repairs.isRepair(position, source.duplicate())) {
            check("write", position, source.remaining());
        }
        device.write(position, source);
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        check("discard", position, lengthBytes);
        device.discard(position, lengthBytes);
    }

    /// The first protected block of a range, or -1.
    private int touchesProtected(long position, long lengthBytes) {
        if (position < 0 || lengthBytes <= 0) {
            return -1; // the device's own range check answers
        }
        long first = position / BLOCK_BYTES;
        long last = (position + lengthBytes - 1) / BLOCK_BYTES;
        if (first > Integer.MAX_VALUE) {
            return -1; // beyond what the bit set can hold, so never protected
        }
        int hit = guarded.nextSetBit((int) first);
        return hit > last ? -1 : hit;
    }

    private void check(String what, long position, long lengthBytes) {
        int hit = touchesProtected(position, lengthBytes);
        if (hit < 0) {
            return;
        }
        AssertionError violation =
                new AssertionError(
                        what
                                + " of "
                                + lengthBytes
                                + " bytes at "
                                + position
                                + " changes block "
                                + hit
                                + ", which the last durable superblock can reach");
        if (violations.size() < REMEMBERED_VIOLATIONS) {
            violations.add(violation);
        }
        throw violation;
    }
}
