package cowfs.txn;

import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.Superblock;
import cowfs.format.Superblock.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Chooses the state that an image is opened in.
///
/// ```
///   newest superblock n
///     sealed ----------------------------> n      (damage below it is corruption, reported where it is met)
///     unsealed, its runs verify ---------> n      and it is sealed before anything is reused
///     unsealed, a run is torn -----------> the state before n, which n's superblock proves durable; announced; n's
///                                          number is never used again
/// ```
///
/// A superblock is written only after the flush of the one before it has returned. So whatever is
/// wrong with n, the state before is whole, and nothing that it reaches was reused: see {@link
/// cowfs.alloc.DeferredFrees}. Going back further would throw away what was promised to be durable,
/// so it is never done.
///
/// @param superblock the state to open
/// @param lastTxg the highest number ever used; the next one is above it
/// @param note what happened, one line for a person; empty when nothing did
record Recovery(Superblock superblock, long lastTxg, String note) {

    static Recovery choose(BlockDevice device, List<Superblock> newestFirst) throws IOException {
        Superblock newest = newestFirst.getFirst();
        if (newest.sealed() || verifies(device, newest)) {
            return new Recovery(newest, newest.txg(), "");
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
                        + before.txg());
    }

    private static boolean verifies(BlockDevice device, Superblock superblock) throws IOException {
        for (Run run : superblock.runs()) {
            boolean good =
                    verifies(device, run, run.address())
                            || (run.copyAddress() != 0 && verifies(device, run, run.copyAddress()));
            if (!good) {
                return false;
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
