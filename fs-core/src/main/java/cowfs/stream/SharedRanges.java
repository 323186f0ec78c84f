package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.format.RefcountItem;
import cowfs.format.TreeId;
import cowfs.txn.CommittedState;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which blocks of a snapshot were sent already, for another place: they are sent once.
///
/// Only blocks with more than one reference can be met twice; the refcount tree says which have.
/// Two places of one snapshot count twice as long as there is the snapshot, so any state's counts
/// do. A block goes by its {@link cowfs.format.ContentItem#contentId}. Memory: {@link #MAX_RANGES}
/// ranges of about 100 bytes; what is shared beyond that travels once for each place. Not thread
/// safe.
final class SharedRanges {
    static final int MAX_RANGES = 200_000;

    private final PoolStore store;
    private final TreeMap<Long, Place> sent = new TreeMap<>();
    private long stateTxg = -1;
    private @Nullable BTree refcounts;
    private long from;
    private long to;
    private boolean answer;

    /// A place in a file where blocks were sent for.
    record Place(long inode, long block, int blockCount) {}

    /// A part of an extent.
    ///
    /// @param place where the same blocks were sent for; null when they were not
    record Part(int blockCount, @Nullable Place place) {}

    SharedRanges(PoolStore store) {
        this.store = store;
    }

    /// What was sent of the blocks from `id` on, up to where the answer changes.
    Part first(long id, int blockCount) throws IOException {
        Map.Entry<Long, Place> before = sent.floorEntry(id);
        if (before != null && before.getKey() + before.getValue().blockCount > id) {
            Place place = before.getValue();
            int skip = (int) (id - before.getKey());
            int count = Math.min(blockCount, place.blockCount - skip);
            return new Part(count, new Place(place.inode, place.block + skip, count));
        }
        Long next = sent.higherKey(id);
        int count = next == null ? blockCount : (int) Math.min(blockCount, next - id);
        return new Part(count, null);
    }

    /// Notes that blocks were sent, if they can be met again.
    ///
    /// @param id of the first
    /// @param address where they lie on disk, in `diskBlocks` blocks
    void add(long id, Place place, long address, int diskBlocks) throws IOException {
        if (sent.size() < MAX_RANGES && anyIsShared(address, diskBlocks)) {
            sent.put(id, place);
        }
    }

    private boolean anyIsShared(long address, int blockCount) throws IOException {
        if (address < from || address + blockCount > to) {
            find(address);
        }
        // an answer that ends within the range is good for its beginning alone
        return answer || address + blockCount > to;
    }

    private void find(long address) throws IOException {
        long epoch = store.epochs().enter();
        try {
            BTree tree = refcounts();
            Cursor c = tree.cursor();
            long start = 0;
            boolean more = c.seekFloor(address, ItemKind.REFCOUNT.number(), 0);
            if (more) {
                start = c.inode() + RefcountItem.blockCount(c.page(), c.position());
                if (address < start) {
                    set(c.inode(), start, true);
                    return;
                }
            }
            more = c.seek(address + 1, 0, 0);
            set(start, more ? c.inode() : Long.MAX_VALUE, false);
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// The caller is in an epoch.
    private BTree refcounts() throws IOException {
        CommittedState state = store.state();
        BTree known = refcounts;
        if (known != null && stateTxg == state.txg()) {
            return known;
        }
        BTree rootTree = store.rootTreeOf(state);
        Cursor c = rootTree.cursor();
        if (!rootTree.find(c, TreeId.REFCOUNT, ItemKind.TREE_ROOT.number(), 0)) {
            throw new CorruptException(
                    "root tree", "tree=" + TreeId.REFCOUNT, "the pool's tree has no root item");
        }
        NodeRefItem item =
                NodeRefItem.readFrom(c.page(), c.position(), c.lengthBytes(), "refcounts");
        BTree opened =
                BTree.reader(
                        store.nodes(),
                        TreeId.REFCOUNT,
                        BTree.readRoot(store.nodes(), item.pointer(), item.level()));
        refcounts = opened;
        stateTxg = state.txg();
        return opened;
    }

    private void set(long newFrom, long newTo, boolean newAnswer) {
        from = newFrom;
        to = newTo;
        answer = newAnswer;
    }
}
