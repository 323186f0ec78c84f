package cowfs.txn;

import cowfs.alloc.PinnedBlocks;
import cowfs.alloc.SpaceTree;
import cowfs.block.Node;
import cowfs.btree.BTree;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.SubvolumeItem;
import java.io.Closeable;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/// A committed state that stays readable while the pool goes on: what a snapshot of everything
/// would be, in memory only.
///
/// It costs nothing to make but a commit of what is open. While it lasts, blocks that the state
/// reaches are not handed out again when later commits free them ({@link PinnedBlocks}), so the
/// image fills as it would with a snapshot. It gives way: an operation that finds no space ends all
/// pins before it fails, and from then on reads of them fail with `BUSY`. It is gone with the
/// process, and no crash leaves anything of it.
///
/// Every read is inside an epoch, entered before the pin is asked whether it still holds. Thread
/// safe.
public final class Pin implements Closeable {
    /// So many at a time.
    public static final int MAX_PINS = 64;

    private final PoolStore store;
    private final CommittedState state;
    private final PinnedBlocks blocks;

    /// Makes durable all that has been changed, and keeps that state.
    ///
    /// @throws RequestException `BUSY` when there are {@link #MAX_PINS} already
    static Pin take(PoolStore store) throws IOException {
        store.requireOpen();
        if (store.readOnly()) {
            return of(store, store.trees().space());
        }
        store.sync();
        AtomicReference<Pin> made = new AtomicReference<>();
        store.groups()
                .betweenCommits(
                        () -> {
                            store.requireWritable();
                            requireFewer(store.deferredFrees().pinCount());
                            made.set(of(store, PoolTrees.spaceOf(store.nodes(), store.state())));
                        });
        return Objects.requireNonNull(made.get());
    }

    private static Pin of(PoolStore store, SpaceTree space) {
        return new Pin(store, store.state(), store.deferredFrees().pin(space));
    }

    private static void requireFewer(int pinCount) throws RequestException {
        if (pinCount >= MAX_PINS) {
            throw new RequestException(
                    ErrorKind.BUSY,
                    MAX_PINS
                            + " commands read older states of the image already; wait until one is done");
        }
    }

    private Pin(PoolStore store, CommittedState state, PinnedBlocks blocks) {
        this.store = store;
        this.state = state;
        this.blocks = blocks;
    }

    /// The state that is kept.
    public CommittedState state() {
        return state;
    }

    /// Runs `body` on the root tree of the state, in an epoch. Nodes and data of the state may be
    /// read in it; it should not last longer than a second.
    ///
    /// @throws RequestException `BUSY` when the pin has ended
    public <T> T read(TreeRead<T> body) throws IOException {
        long epoch = store.epochs().enter();
        try {
            store.requireOpen();
            requireHeld();
            return body.run(store.rootTreeOf(state));
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// A file tree of the state, read-only; each call makes another object.
    ///
    /// @param item what the state's root tree says about it
    public FileTree tree(long id, String name, SubvolumeItem item) throws IOException {
        return read(
                _ -> {
                    Node root = BTree.readRoot(store.nodes(), item.root(), item.rootLevel());
                    return new FileTree(store, id, name, item, root, 0, this);
                });
    }

    void requireHeld() throws RequestException {
        if (blocks.ended()) {
            throw new RequestException(
                    ErrorKind.BUSY,
                    "the state of txg "
                            + state.txg()
                            + " is no longer kept, since the image ran out of space or the reader had ended: run the"
                            + " command again, on a snapshot if it has to last");
        }
    }

    /// Lets go of the state. Reads that are under way end well.
    @Override
    public void close() {
        store.deferredFrees().unpin(blocks);
    }
}
