package cowfs.stream;

import cowfs.block.CommittedNode;
import cowfs.block.NodeSource;
import cowfs.device.BlockDevice;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.subvol.Reclaim;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// The trees of an image that nobody changes, and how many of their nodes were asked for.
final class Trees implements NodeSource, Closeable {
    private static final PoolOptions READ_ONLY =
            new PoolOptions(true, 4 << 20, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    private final PoolStore store;
    private final List<Subvolume> all;
    private final StableTrees state;
    private int readCount;

    private Trees(PoolStore store) throws IOException {
        this.store = store;
        this.all = Subvolumes.open(store, new Reclaim(store)).list();
        this.state = StableTrees.open(store, all);
    }

    static Trees of(MemoryDevice image) throws IOException {
        BlockDevice copy = image.copy();
        return new Trees(PoolStore.open(copy, READ_ONLY));
    }

    List<Subvolume> all() {
        return all;
    }

    StableTrees state() {
        return state;
    }

    Subvolume get(String ref) {
        return all.stream().filter(each -> each.fullName().equals(ref)).findAny().orElseThrow();
    }

    TreeRoot root(String ref) {
        return state.root(get(ref));
    }

    @Override
    public CommittedNode read(BlockPointer pointer, int level) throws IOException {
        readCount++;
        return state.read(pointer, level);
    }

    int readCount() {
        return readCount;
    }

    @Override
    public void close() throws IOException {
        state.close();
        store.close();
    }
}
