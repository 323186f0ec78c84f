package cowfs.stream;

import cowfs.block.CommittedNode;
import cowfs.block.NodeSource;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.subvol.Subvolume;
import cowfs.txn.CommittedState;
import cowfs.txn.PoolStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Some subvolumes and snapshots as one committed state has them, kept readable while somebody
/// works on them for long.
///
/// A snapshot stays where it is until it is deleted. So reading of snapshots alone keeps nothing
/// from being reused, however long it takes and however slowly its result goes out: each read is an
/// epoch of its own, and makes sure first that the snapshots are still there. One that was deleted
/// meanwhile ends in `NOT_FOUND`, never in wrong bytes.
///
/// A live subvolume moves on with every commit. To keep its committed state readable, an epoch is
/// held from {@link #open} to {@link #close}, and **no block that anybody frees meanwhile can be
/// reused**: hold such a state for as long as the work takes and no longer, and never wait for
/// somebody outside in between.
///
/// What is not committed is not in it: sync first. Not thread safe.
public final class PinnedState implements NodeSource, Closeable {
    private static final long NO_EPOCH = -1;

    private final PoolStore store;
    private final List<Pinned> trees = new ArrayList<>();
    private final long txg;

    /// The newest durable state in which all trees were found as they are pinned.
    private long verifiedTxg;

    private long heldEpoch = NO_EPOCH;

    private record Pinned(Subvolume subvolume, SubvolumeItem item) {}

    private PinnedState(PoolStore store, long txg) {
        this.store = store;
        this.txg = txg;
        this.verifiedTxg = txg;
    }

    /// Something to be read while its blocks are certain to be what they were.
    @FunctionalInterface
    public interface Read<T> {
        T run() throws IOException;
    }

    /// Pins subvolumes and snapshots as the last durable state has them.
    ///
    /// @throws RequestException `NOT_FOUND` for one that was deleted
    public static PinnedState open(PoolStore store, Collection<Subvolume> wanted)
            throws IOException {
        long epoch = store.epochs().enter();
        boolean keep = false;
        try {
            CommittedState state = store.state();
            PinnedState pinned = new PinnedState(store, state.txg());
            BTree rootTree = store.rootTreeOf(state);
            for (Subvolume each : wanted) {
                pinned.trees.add(new Pinned(each, item(rootTree, each)));
            }
            keep = wanted.stream().anyMatch(each -> !each.isSnapshot());
            if (keep) {
                pinned.heldEpoch = epoch;
            }
            return pinned;
        } finally {
            if (!keep) {
                store.epochs().leave(epoch);
            }
        }
    }

    private static SubvolumeItem item(BTree rootTree, Subvolume wanted) throws IOException {
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, wanted.treeId(), ItemKind.SUBVOLUME.number(), 0)) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND, "'" + wanted.fullName() + "' was deleted meanwhile");
        }
        return SubvolumeItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + wanted.treeId());
    }

    /// The state's transaction group.
    public long txg() {
        return txg;
    }

    /// What the root tree says in this state about one of the trees.
    public SubvolumeItem item(Subvolume subvolume) {
        for (Pinned each : trees) {
            if (each.subvolume.treeId() == subvolume.treeId()) {
                return each.item;
            }
        }
        throw new IllegalArgumentException("'" + subvolume.fullName() + "' is not pinned");
    }

    /// Where one of the trees begins: what {@link TreeDiff#between} wants, with this state as the
    /// source of nodes.
    public TreeRoot root(Subvolume subvolume) {
        return TreeRoot.of(item(subvolume));
    }

    /// A reader of one of the trees for lookups; its cursors read through this state.
    public BTree tree(Subvolume subvolume) throws IOException {
        SubvolumeItem item = item(subvolume);
        return BTree.reader(
                        store.nodes(),
                        subvolume.treeId(),
                        item.root().isNone() ? null : read(item.root(), item.rootLevel()))
                .reader(this);
    }

    /// Reads a node of one of the trees.
    ///
    /// @throws RequestException `NOT_FOUND` when a snapshot was deleted meanwhile
    @Override
    public CommittedNode read(BlockPointer pointer, int level) throws IOException {
        return reading(() -> store.nodes().read(pointer, level));
    }

    /// Runs `body` while the blocks that the trees name, of nodes and of data, are what they were.
    ///
    /// @param body short: no block that anybody frees meanwhile can be reused
    /// @throws RequestException `NOT_FOUND` when a snapshot was deleted meanwhile
    public <T> T reading(Read<T> body) throws IOException {
        if (heldEpoch != NO_EPOCH) {
            return body.run();
        }
        long epoch = store.epochs().enter();
        try {
            requireUnchanged();
            return body.run();
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Makes sure that the newest durable state still has the trees. The caller is in an epoch, so
    /// what that state names stays.
    private void requireUnchanged() throws IOException {
        CommittedState now = store.state();
        if (now.txg() == verifiedTxg) {
            return;
        }
        BTree rootTree = store.rootTreeOf(now);
        for (Pinned each : trees) {
            if (!item(rootTree, each.subvolume).root().equals(each.item.root())) {
                throw new RequestException(
                        ErrorKind.NOT_FOUND,
                        "'"
                                + each.subvolume.fullName()
                                + "' was changed while it was read: do it again");
            }
        }
        verifiedTxg = now.txg();
    }

    /// Lets go of a live subvolume's state. Calling it again has no effect.
    @Override
    public void close() {
        if (heldEpoch != NO_EPOCH) {
            store.epochs().leave(heldEpoch);
            heldEpoch = NO_EPOCH;
        }
    }
}
