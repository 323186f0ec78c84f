package cowfs.txn;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.error.SizeText;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.io.IOException;

/// Gives an open pool another size.
///
/// ```
///   grow:   device larger, flush | commit: space map, space tree, superblock
///   shrink:                        commit: the same, sealed                  | device shorter
/// ```
///
/// The device has the larger of both sizes as long as any state that recovery may choose needs it,
/// so a crash at any point leaves the old size or the new one; a device that is larger than its
/// superblock says is none the worse. Both superblock areas stay where they are ({@link
/// Superblock#resized}): so each superblock that is still in a slot has its twin where it was.
///
/// A pool shrinks only as far as its end is free in every state that somebody may need: nothing is
/// moved. Growing needs no room, so a full pool can grow.
///
/// Thread safe; one at a time.
public final class Resize {
    /// Commits that may bring back what keeps the end of the image in use.
    private static final int ATTEMPTS = 4;

    private final PoolStore store;

    Resize(PoolStore store) {
        this.store = store;
    }

    /// Resizes the pool. Durable on return.
    ///
    /// @param sizeBytes a part of a block counts as none
    /// @return the size that it had, in bytes
    /// @throws RequestException `INVALID` for a size that no image can have; `NO_SPACE` when more
    ///   is in use than would fit, or behind where it would end; `UNSUPPORTED` when the device
    ///   can't have that size; `READ_ONLY`
    public synchronized long to(long sizeBytes) throws IOException {
        store.requireWritable();
        long blocks = sizeBytes >>> Blocks.SHIFT;
        Superblock now = store.lastSuperblock();
        requirePossible(blocks, now);
        if (blocks > now.deviceBlocks()) {
            if (store.device().sizeBytes() < Blocks.toBytes(blocks)) {
                resizeDevice(blocks);
                store.device().flush();
            }
            submit(blocks);
        } else {
            if (blocks < now.deviceBlocks()) {
                shrink(blocks);
            }
            if (store.device().sizeBytes() > Blocks.toBytes(blocks)) {
                // nothing that reaches farther may be chosen any more
                store.groups().seal();
                resizeDevice(blocks);
                store.device().flush();
            }
        }
        return Blocks.toBytes(now.deviceBlocks());
    }

    private static void requirePossible(long blocks, Superblock now) throws RequestException {
        long least =
                Math.max(SuperblockArea.MIN_DEVICE_BLOCKS, now.areaStart(1) + SuperblockArea.SLOTS);
        if (blocks < least || blocks > SuperblockArea.MAX_DEVICE_BLOCKS) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "this image can have "
                            + SizeText.exact(Blocks.toBytes(least))
                            + " to "
                            + SizeText.exact(Blocks.toBytes(SuperblockArea.MAX_DEVICE_BLOCKS)));
        }
    }

    private void resizeDevice(long blocks) throws IOException {
        try {
            store.device().resizeTo(Blocks.toBytes(blocks));
        } catch (IOException keepsItsSize) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "the image can't have that size: " + keepsItsSize.getMessage(),
                    keepsItsSize);
        }
    }

    private void shrink(long blocks) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                submit(blocks);
                return;
            } catch (RequestException inUse) {
                if (attempt == ATTEMPTS
                        || inUse.kind() != ErrorKind.NO_SPACE
                        || !store.groups().forceFreesBack()) {
                    throw inUse;
                }
            }
        }
    }

    private void submit(long blocks) throws IOException {
        store.submit(SpaceClaim.DELETING, 1, context -> context.resize(blocks));
    }
}
