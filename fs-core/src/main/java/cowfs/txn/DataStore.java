package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Data blocks: allocation, positional I/O and reader epochs.
///
/// Data is written to fresh blocks only, outside all locks, before the item that names it goes into
/// a tree. There is no cache here: the kernel has one on each side. Thread safe.
public final class DataStore {
    /// The size of a block in bytes.
    public static final int BLOCK_SIZE = Blocks.SIZE;

    private final PoolStore store;
    private final BlockDevice device;

    DataStore(PoolStore store, BlockDevice device) {
        this.store = store;
        this.device = device;
    }

    /// Hands out consecutive blocks, as many as there are in one place. When there are none a
    /// commit is forced, to get freed blocks back, and pins are ended, before it gives up.
    ///
    /// @param wantBlocks at least 1
    /// @return 1 to `wantBlocks` blocks
    /// @throws RequestException `NO_SPACE`
    public Allocation allocate(int wantBlocks) throws IOException {
        store.requireWritable();
        store.deferredFrees().releaseSafe();
        Range found = allocateForcing(wantBlocks);
        while (found == null && store.groups().endPins()) {
            found = allocateForcing(wantBlocks);
        }
        if (found == null) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "no space left in the image: delete files or snapshots, or make it larger");
        }
        return new Allocation(found.address(), found.blockCount());
    }

    private @Nullable Range allocateForcing(int wantBlocks) throws IOException {
        Range found = store.spaceMap().allocateData(wantBlocks);
        for (int attempt = 0;
                found == null && attempt < 2 && store.groups().forceFreesBack();
                attempt++) {
            found = store.spaceMap().allocateData(wantBlocks);
        }
        return found;
    }

    /// Gives back blocks that no item ever named.
    public void giveBack(Allocation allocation) {
        store.deferredFrees()
                .addUncommitted(new Range(allocation.address(), allocation.blockCount()));
    }

    /// Writes whole blocks.
    public void write(long address, ByteBuffer source) throws IOException {
        try {
            device.write(Blocks.toBytes(address), source);
        } catch (IOException failed) {
            throw new RequestException(
                    ErrorKind.IO,
                    "the image can't be written at block " + address + ": " + failed.getMessage(),
                    failed);
        }
    }

    /// Reads whole blocks, unverified: the caller compares their checksums before a byte gets out.
    public void read(long address, ByteBuffer target) throws IOException {
        int blocks = (int) Blocks.fromBytes(target.remaining());
        if (address <= 0 || address > store.nodes().deviceBlocks() - blocks) {
            throw new CorruptException(
                    "extent",
                    "block=" + address,
                    "its " + CountText.of(blocks, "block leaves", "blocks leave") + " the image");
        }
        device.read(Blocks.toBytes(address), target);
    }

    /// Takes note of a block whose bytes do not have the checksum that its item states.
    public void noteDamaged(long address) {
        store.nodes().damage().unreadable(address, 1);
    }

    /// Enters a reader epoch: addresses resolved from now on stay readable until {@link
    /// #leaveEpoch}. Never held across a change or a sync.
    public long enterEpoch() {
        return store.epochs().enter();
    }

    /// Leaves an epoch.
    public void leaveEpoch(long token) {
        store.epochs().leave(token);
    }
}
