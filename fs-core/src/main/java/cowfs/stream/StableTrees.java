package cowfs.stream;

import cowfs.block.CommittedNode;
import cowfs.block.NodeSource;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.ReadableVolume;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.SubvolumeItem;
import cowfs.fs.TreeVolume;
import cowfs.subvol.Subvolume;
import cowfs.txn.CommittedState;
import cowfs.txn.FileTree;
import cowfs.txn.Pin;
import cowfs.txn.PoolStore;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Some subvolumes and snapshots as one committed state has them, readable while somebody works on
/// them for long.
///
/// A snapshot stays where it is until it is deleted. So reading snapshots alone keeps no block from
/// being reused, however long it takes, and no lack of space ends it: each read is an epoch of its
/// own, and makes sure first that the snapshots are still there. One that was deleted meanwhile
/// ends in `NOT_FOUND`, never in wrong bytes.
///
/// A live subvolume moves on with every commit. With one among the trees, a {@link Pin} is held
/// from {@link #open} to {@link #close}: everything written before the call is in it, and reads
/// fail with `BUSY` once its space was needed.
///
/// Not thread safe.
public final class StableTrees implements NodeSource, Closeable {
    private final PoolStore store;
    private final List<Stable> trees = new ArrayList<>();
    private final @Nullable Pin pin;
    private final long txg;

    /// The newest durable state in which all snapshots were found as they are known here.
    private long verifiedTxg;

    private record Stable(Subvolume subvolume, SubvolumeItem item) {}

    private StableTrees(PoolStore store, @Nullable Pin pin, long txg) {
        this.store = store;
        this.pin = pin;
        this.txg = txg;
        this.verifiedTxg = txg;
    }

    /// Something to be read while its blocks are certain to be what they were.
    @FunctionalInterface
    public interface Read<T> {
        T run() throws IOException;
    }

    /// Takes subvolumes and snapshots as the last durable state has them, which with a live one
    /// among them is made now.
    ///
    /// @throws RequestException `NOT_FOUND` for one that was deleted, `BUSY` as of {@link
    ///   PoolStore#pin}
    public static StableTrees open(PoolStore store, Collection<Subvolume> wanted)
            throws IOException {
        return wanted.stream().allMatch(Subvolume::isSnapshot)
                ? ofSnapshots(store, wanted)
                : ofPin(store, store.pin(), wanted);
    }

    private static StableTrees ofSnapshots(PoolStore store, Collection<Subvolume> wanted)
            throws IOException {
        long epoch = store.epochs().enter();
        try {
            CommittedState state = store.state();
            StableTrees stable = new StableTrees(store, null, state.txg());
            stable.addAll(store.rootTreeOf(state), wanted);
            return stable;
        } finally {
            store.epochs().leave(epoch);
        }
    }

    private static StableTrees ofPin(PoolStore store, Pin pin, Collection<Subvolume> wanted)
            throws IOException {
        try {
            return pin.read(
                    rootTree -> {
                        StableTrees stable = new StableTrees(store, pin, pin.state().txg());
                        stable.addAll(rootTree, wanted);
                        return stable;
                    });
        } catch (IOException | RuntimeException failed) {
            pin.close();
            throw failed;
        }
    }

    private void addAll(BTree rootTree, Collection<Subvolume> wanted) throws IOException {
        for (Subvolume each : wanted) {
            trees.add(new Stable(each, item(rootTree, each)));
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

    /// The transaction group of the state.
    public long txg() {
        return txg;
    }

    /// What the root tree says in this state about one of the trees.
    public SubvolumeItem item(Subvolume subvolume) {
        for (Stable each : trees) {
            if (each.subvolume.treeId() == subvolume.treeId()) {
                return each.item;
            }
        }
        throw new IllegalArgumentException("'" + subvolume.fullName() + "' is not among them");
    }

    /// Where one of the trees begins: what {@link TreeDiff#between} wants, with this object as the
    /// source of nodes.
    public TreeRoot root(Subvolume subvolume) {
        return TreeRoot.of(item(subvolume));
    }

    /// A reader of one of the trees for lookups; its cursors read through this object.
    public BTree tree(Subvolume subvolume) throws IOException {
        SubvolumeItem item = item(subvolume);
        return BTree.reader(
                        store.nodes(),
                        subvolume.treeId(),
                        item.root().isNone() ? null : read(item.root(), item.rootLevel()))
                .reader(this);
    }

    /// The files of one of the trees, to be read.
    public ReadableVolume volume(Subvolume subvolume) throws IOException {
        SubvolumeItem item = item(subvolume);
        long id = subvolume.treeId();
        FileTree tree =
                pin == null
                        ? reading(() -> store.tree(id, subvolume.fullName(), item))
                        : pin.tree(id, subvolume.fullName(), item);
        return new TreeVolume(tree, Clock.systemUTC());
    }

    /// The hash that places names in all trees of the pool.
    NameHash nameHash() {
        return NameHash.of(store.nameSeed());
    }

    /// Reads a node of one of the trees.
    ///
    /// @throws RequestException `NOT_FOUND` when a snapshot was deleted meanwhile, `BUSY` when a
    ///   live subvolume is among them and its space was needed
    @Override
    public CommittedNode read(BlockPointer pointer, int level) throws IOException {
        return reading(() -> store.nodes().read(pointer, level));
    }

    /// Runs `body` while the blocks that the trees name, of nodes and of data, are what they were.
    ///
    /// @param body short: no block that anybody frees meanwhile can be reused
    /// @throws RequestException as {@link #read}
    public <T> T reading(Read<T> body) throws IOException {
        if (pin != null) {
            return pin.read(_ -> body.run());
        }
        long epoch = store.epochs().enter();
        try {
            requireUnchanged();
            return body.run();
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Makes sure that the newest durable state still has the snapshots. The caller is in an epoch,
    /// so what that state names stays.
    private void requireUnchanged() throws IOException {
        CommittedState now = store.state();
        if (now.txg() == verifiedTxg) {
            return;
        }
        BTree rootTree = store.rootTreeOf(now);
        for (Stable each : trees) {
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
        if (pin != null) {
            pin.close();
        }
    }
}
