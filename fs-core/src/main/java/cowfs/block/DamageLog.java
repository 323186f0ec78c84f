package cowfs.block;

import cowfs.format.BlockPointer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the reads of an open pool have found damaged since it was opened, as numbers for a person.
///
/// A place counts once, however often it is read. Places are remembered up to {@link #MAX_PLACES}
/// of each kind, then no more are counted. Thread safe.
public final class DamageLog {
    /// The most places of a kind that are told apart: 4 MiB of memory.
    static final int MAX_PLACES = 65_536;

    private final Set<Long> badCopies = new HashSet<>();
    private final Set<Long> unreadableBlocks = new HashSet<>();
    private long repairedCopies;
    private @Nullable Listener listener;

    /// Told of each bad copy of a node whose other copy is good.
    @FunctionalInterface
    public interface Listener {
        /// Called on the reading thread, which may hold locks: must not block.
        ///
        /// @param address where the bad copy lies
        void badCopy(BlockPointer pointer, int level, long address);
    }

    /// The numbers.
    ///
    /// @param repairedCopies copies of nodes that were made good again
    /// @param badCopies copies of nodes that are bad still, while the other one is good
    /// @param unreadableBlocks blocks of nodes without a good copy, and of file data
    public record Counts(long repairedCopies, long badCopies, long unreadableBlocks) {}

    /// Names who is told of bad copies from now on.
    public synchronized void tell(Listener newListener) {
        listener = newListener;
    }

    /// A copy of a node does not verify, the other one does.
    public void badCopy(BlockPointer pointer, int level, long address) {
        Listener told;
        synchronized (this) {
            note(badCopies, address);
            told = listener;
        }
        if (told != null) {
            told.badCopy(pointer, level, address);
        }
    }

    /// The copy at an address verifies, though it was called bad before.
    public synchronized void goodCopy(long address) {
        badCopies.remove(address);
    }

    /// The copy at an address was rewritten and verifies now.
    public synchronized void repairedCopy(long address) {
        badCopies.remove(address);
        repairedCopies++;
    }

    /// Blocks that can't be read, or fail their checksum, and have no other copy.
    public synchronized void unreadable(long address, int blockCount) {
        for (long block = address; block < address + blockCount; block++) {
            note(unreadableBlocks, block);
        }
    }

    private static void note(Set<Long> places, long place) {
        if (places.size() < MAX_PLACES) {
            places.add(place);
        }
    }

    public synchronized Counts counts() {
        return new Counts(repairedCopies, badCopies.size(), unreadableBlocks.size());
    }
}
