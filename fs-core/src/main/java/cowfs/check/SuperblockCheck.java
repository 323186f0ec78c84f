package cowfs.check;

import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.ImageException;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Checks the slots of the superblock ring against the superblock of the state that is checked.
///
/// Both copies of that superblock must be good. A power cut may tear the slot of any other
/// transaction group, which nobody needs any more, so damaged ones are passed over; valid ones must
/// belong to the same image. A slot that still holds an earlier superblock is no damage either: a
/// daemon that was killed between its two writes leaves one. Not thread safe.
final class SuperblockCheck {
    private final BlockDevice device;
    private final Superblock superblock;
    private final Findings findings;

    SuperblockCheck(BlockDevice device, Superblock superblock, Findings findings) {
        this.device = device;
        this.superblock = superblock;
        this.findings = findings;
    }

    /// The newest valid superblock of a device, wherever it lies; null when there is none.
    static @Nullable Superblock findNewest(BlockDevice device) {
        Superblock newest = newest(device, 0, 0, null);
        long second =
                newest == null
                        ? SuperblockArea.start(1, device.sizeBytes() >>> Blocks.SHIFT)
                        : newest.areaStart(1);
        return newest(device, 1, second, newest);
    }

    private static @Nullable Superblock newest(
            BlockDevice device, int area, long start, @Nullable Superblock known) {
        Superblock newest = known;
        for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
            try {
                Superblock found = read(device, start + slot, "area=" + area + " slot=" + slot);
                boolean fits = found.deviceBlocks() <= device.sizeBytes() >>> Blocks.SHIFT;
                if (fits && (newest == null || found.txg() > newest.txg())) {
                    newest = found;
                }
            } catch (IOException notThisOne) {
                // not the newest one, then; the check of each slot reports it
            }
        }
        return newest;
    }

    private static Superblock read(BlockDevice device, long block, String where)
            throws IOException {
        byte[] bytes = new byte[Blocks.SIZE];
        device.read(Blocks.toBytes(block), ByteBuffer.wrap(bytes));
        return Superblock.readFrom(bytes, where);
    }

    void check() {
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long start = superblock.areaStart(area);
            for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
                checkSlot(start, slot, "area=" + area + " slot=" + slot);
            }
        }
    }

    private void checkSlot(long start, int slot, String where) {
        boolean current = superblock.txg() % SuperblockArea.SLOTS == slot;
        byte[] bytes = new byte[Blocks.SIZE];
        try {
            device.read(Blocks.toBytes(start + slot), ByteBuffer.wrap(bytes));
            if (!Superblock.isBlank(bytes)) {
                compare(Superblock.readFrom(bytes, where), bytes, slot, where);
            }
        } catch (ImageException tooNew) {
            mismatch(where, String.valueOf(tooNew.getMessage()));
        } catch (CorruptException damaged) {
            if (current) {
                findings.add(DamageCode.BAD_SUPERBLOCK, "superblock", where, damaged.reason());
            }
        } catch (IOException unreadable) {
            findings.add(DamageCode.BAD_SUPERBLOCK, "superblock", where, unreadable);
        }
    }

    private void compare(Superblock found, byte[] bytes, int slot, String where) {
        if (!found.isOfSameImage(superblock)) {
            mismatch(where, "it belongs to another image");
        } else if (found.txg() % SuperblockArea.SLOTS != slot) {
            mismatch(where, "it is of txg " + found.txg());
        } else if (found.txg() == superblock.txg() && !Arrays.equals(bytes, superblock.toBytes())) {
            mismatch(where, "its copy says something else about txg " + found.txg());
        }
    }

    private void mismatch(String where, String reason) {
        findings.add(DamageCode.SUPERBLOCK_MISMATCH, "superblock", where, reason);
    }
}
