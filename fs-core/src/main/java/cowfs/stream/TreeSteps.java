package cowfs.stream;

import cowfs.format.ItemKind;
import cowfs.format.ReceiveItem;
import cowfs.inode.ContentSwap;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import cowfs.txn.TreeChange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Gathers small changes of a tree that is being received and makes them in one change of it, with
/// the item that says how far the receive has come: so the two never differ, whatever is cut off.
///
/// Steps run in the order in which they were added. They may run more than once, as bodies of
/// changes do. Not thread safe.
final class TreeSteps {
    /// Items that one change gathers.
    private static final int GATHERED_ITEMS = 96;

    private final FileTree tree;
    private final List<Step> steps = new ArrayList<>();
    private final List<ContentSwap> swaps = new ArrayList<>();
    private ReceiveItem state;
    private int itemCount;
    private Position reached;
    private long newRecords;
    private long newContentBytes;

    /// One change of items.
    @FunctionalInterface
    interface Step {
        /// @return by how much the balance of names changes
        long run(Change change) throws IOException;
    }

    TreeSteps(FileTree tree, ReceiveItem state) {
        this.tree = tree;
        this.state = state;
        this.reached =
                new Position(state.positionInode(), state.positionKind(), state.positionOffset());
    }

    /// What is on its way to the image once all steps have been made.
    ReceiveItem state() {
        return state;
    }

    /// Adds a step.
    ///
    /// @param items that it changes, about
    void add(int items, Step step) {
        steps.add(step);
        itemCount += items;
    }

    /// Closes a swap once the steps that are here now are made.
    void closeLater(ContentSwap swap) {
        swaps.add(swap);
    }

    /// Notes that the steps so far are all that a record asks for.
    void endOfRecord(Position position, long contentBytes) throws IOException {
        reached = position;
        newRecords++;
        newContentBytes += contentBytes;
        if (itemCount >= GATHERED_ITEMS) {
            flush();
        }
    }

    /// Makes all steps.
    void flush() throws IOException {
        if (steps.isEmpty() && newRecords == 0) {
            return;
        }
        try {
            long balance = tree.change(itemCount + 1, this::run);
            state = stateWith(balance);
            newRecords = 0;
            newContentBytes = 0;
        } finally {
            drop();
        }
    }

    /// Makes all steps, and then one change that does not go with others.
    ///
    /// @param shares how many shares of extents it makes at most
    <T> T alone(int items, int shares, TreeChange<T> change) throws IOException {
        flush();
        return tree.changeSharing(items, shares, change);
    }

    /// Forgets the steps that were not made.
    void drop() {
        steps.clear();
        itemCount = 0;
        swaps.forEach(ContentSwap::close);
        swaps.clear();
    }

    private long run(Change change) throws IOException {
        long balance = state.balance();
        for (Step step : steps) {
            balance += step.run(change);
        }
        put(change, stateWith(balance));
        return balance;
    }

    private ReceiveItem stateWith(long balance) {
        return new ReceiveItem(
                false,
                state.byRanges(),
                state.holder(),
                state.snapshot(),
                state.snapshotTxg(),
                state.base(),
                state.last(),
                reached.inode(),
                reached.kind(),
                reached.offset(),
                balance,
                state.recordCount() + newRecords,
                state.contentBytes() + newContentBytes);
    }

    /// Says in the tree that it is whole.
    void complete() throws IOException {
        flush();
        ReceiveItem whole =
                new ReceiveItem(
                        true,
                        state.byRanges(),
                        state.holder(),
                        state.snapshot(),
                        state.snapshotTxg(),
                        state.base(),
                        state.last(),
                        -1,
                        0,
                        0,
                        state.balance(),
                        state.recordCount(),
                        state.contentBytes());
        tree.change(
                1,
                change -> {
                    put(change, whole);
                    return whole;
                });
        state = whole;
    }

    static void put(Change change, ReceiveItem item) throws IOException {
        change.tree().put(ReceiveItem.KEY_INODE, ItemKind.RECEIVE.number(), 0, item.toBytes());
    }
}
