package cowfs.txn;

import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.Superblock;
import cowfs.format.Superblock.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Chooses the state that an image is opened in.
///
/// ```
///   newest superblock n
///     sealed ----------------------------> n      (damage below is told where it is met)
///     unsealed, its runs verify ---------> n      and it is sealed before anything is reused
///     unsealed, a run is torn -----------> the state before n, which n's superblock proves
///                                          durable; announced; n's number is never used again
/// ```
///
/// A superblock is written only after the flush of the one before it has returned. So whatever is
/// wrong with n, the state before is whole, and nothing that it reaches was reused: see {@link
/// cowfs.alloc.DeferredFrees}. Going back further would throw away what was promised to be durable,
/// so it is never done.
///
/// Superblocks and runs are read from the medium. After a failed flush the host may show bytes that
/// never got there, and call them clean; a state that rested on those would be lost later. All else
/// that a chosen state reaches was flushed before its superblock was submitted, so what the host
/// remembers of it is what the medium has, and stays of use.
///
/// A run of nodes may have reached the medium in one of its two places only. That is enough to open
/// n, and before n is sealed the other place gets the same bytes ({@link #mend}): afterwards
/// nothing would tell it from rot, and there would be one copy where there should be two.
///
/// @param superblock the state to open
/// @param lastTxg the highest number ever used; the next one is above it
/// @param note what happened, one line for a person; empty when nothing did
/// @param halves what is in one of its two places only
record Recovery(Superblock superblock, long lastTxg, String note, List<Half> halves) {
    /// A run of which only one copy is good.
    record Half(long goodAddress, long badAddress, int blockCount) {}

    /// Chooses the state to open, says what was found, and makes sure that nothing can take the
    /// choice back: before anything is written, the state is sealed and both its superblocks are
    /// there.
    ///
    /// @param readOnly write nothing
    /// @return with the superblock as it is on the device afterwards
    static Recovery run(BlockDevice device, boolean readOnly) throws IOException {
        SuperblockRing ring = new SuperblockRing(device);
        Recovery chosen = choose(device, ring.find());
        requireWritable(chosen.superblock, readOnly);
        Recovery told =
                ring.isSpoilt(chosen.lastTxg + 1, chosen.superblock) ? chosen.spoilt() : chosen;
        boolean settled =
                told.superblock.sealed()
                        && told.lastTxg == told.superblock.txg()
                        && ring.hasBothCopies(told.superblock);
        return readOnly || settled ? told : told.seal(device, ring);
    }

    private static void requireWritable(Superblock superblock, boolean readOnly)
            throws ImageException {
        if (!superblock.features().isWritable() && !readOnly) {
            throw new ImageException(
                    ErrorKind.TOO_NEW,
                    "the image has features 0x"
                            + Long.toHexString(superblock.features().roCompat())
                            + " that this cowfs can only read: open it read-only or use a newer cowfs");
        }
    }

    private Recovery spoilt() {
        return new Recovery(
                superblock,
                lastTxg,
                "no copy of the superblock of transaction group "
                        + (lastTxg + 1)
                        + " can be read: it was cut off while it was written, or is damaged; opened"
                        + " the one before, "
                        + superblock.txg(),
                halves);
    }

    private Recovery seal(BlockDevice device, SuperblockRing ring) throws IOException {
        Superblock sealed = superblock.sealedAs(lastTxg + 1);
        mend(device);
        device.flush();
        ring.write(sealed);
        device.flush();
        return new Recovery(sealed, sealed.txg(), note, List.of());
    }

    static Recovery choose(BlockDevice device, List<Superblock> newestFirst) throws IOException {
        Superblock newest = newestFirst.getFirst();
        List<Half> halves = new ArrayList<>();
        if (!newest.sealed()) {
            device.forgetCached(0, device.sizeBytes());
        }
        if (newest.sealed() || verifies(device, newest, halves)) {
            return new Recovery(newest, newest.txg(), "", halves);
        }
        if (newestFirst.size() < 2 || newestFirst.get(1).txg() != newest.txg() - 1) {
            throw new CorruptException(
                    "superblock",
                    "txg=" + newest.txg(),
                    "its runs do not verify and the state right before it is gone");
        }
        Superblock before = newestFirst.get(1);
        return new Recovery(
                before,
                newest.txg(),
                "transaction group "
                        + newest.txg()
                        + " was cut off before it was durable; opened the one before, "
                        + before.txg(),
                List.of());
    }

    /// Writes what is in one of its two places only to the other one, without a flush. A crash
    /// meanwhile changes nothing: the good copy stays as it is.
    private void mend(BlockDevice device) throws IOException {
        for (Half half : halves) {
            byte[] block = new byte[Blocks.SIZE];
            for (int i = 0; i < half.blockCount; i++) {
                device.read(Blocks.toBytes(half.goodAddress + i), ByteBuffer.wrap(block));
                device.write(Blocks.toBytes(half.badAddress + i), ByteBuffer.wrap(block));
            }
        }
    }

    private static boolean verifies(BlockDevice device, Superblock superblock, List<Half> halves) {
        for (Run run : superblock.runs()) {
            boolean first = verifies(device, run, run.address());
            if (run.copyAddress() == 0) {
                if (!first) {
                    return false;
                }
                continue;
            }
            boolean second = verifies(device, run, run.copyAddress());
            if (!first && !second) {
                return false;
            } else if (!first) {
                halves.add(new Half(run.copyAddress(), run.address(), run.blockCount()));
            } else if (!second) {
                halves.add(new Half(run.address(), run.copyAddress(), run.blockCount()));
            }
        }
        return true;
    }

    private static boolean verifies(BlockDevice device, Run run, long address) {
        byte[] block = new byte[Blocks.SIZE];
        int checksum = 0;
        for (int i = 0; i < run.blockCount(); i++) {
            try {
                device.read(Blocks.toBytes(address + i), ByteBuffer.wrap(block));
            } catch (IOException unreadable) {
                return false;
            }
            checksum = Checksum.extendRun(checksum, Checksum.crc32c(block, 0, block.length));
        }
        return checksum == run.checksum();
    }
}
