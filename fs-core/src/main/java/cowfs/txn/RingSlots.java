package cowfs.txn;

import cowfs.device.BlockDevice;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Both areas of superblock slots as they lie on a device, and which superblock an open chooses.
/// For inspection: nothing is written, and damage is a part of the answer.
///
/// @param slots of both areas, in the order of their blocks
/// @param chosen the one that is opened; null when none can be
/// @param why in words for a person, why it or none is chosen
/// @param isImage whether a slot holds something of a superblock, damaged or not, or can't be read
public record RingSlots(
        List<Slot> slots, @Nullable Superblock chosen, String why, boolean isImage) {
    /// One slot.
    ///
    /// @param block where it lies
    /// @param problem why it holds no superblock that counts: `blank`, or what is wrong; empty for
    ///   a valid one
    public record Slot(
            int area, int slot, long block, @Nullable Superblock superblock, String problem) {}

    /// Reads them.
    public static RingSlots read(BlockDevice device) {
        List<Slot> slots = new ArrayList<>(area(device, 0, 0));
        slots.addAll(area(device, 1, secondStart(device, slots)));
        return choose(device, slots);
    }

    /// The first area says where the second lies, if it has anything to say; otherwise who opens
    /// the image finds out.
    private static long secondStart(BlockDevice device, List<Slot> first) {
        Superblock newest = null;
        for (Slot slot : first) {
            Superblock found = slot.superblock;
            newest =
                    found != null && (newest == null || found.txg() > newest.txg())
                            ? found
                            : newest;
        }
        if (newest == null) {
            try {
                newest = new SuperblockRing(device).find().getFirst();
            } catch (IOException none) {
                return SuperblockArea.start(1, device.sizeBytes() >>> Blocks.SHIFT);
            }
        }
        return newest.areaStart(1);
    }

    private static RingSlots choose(BlockDevice device, List<Slot> slots) {
        try {
            Recovery recovery = Recovery.run(device, true);
            Superblock chosen = recovery.superblock();
            String why =
                    !recovery.note().isEmpty()
                            ? recovery.note()
                            : "it is the newest, and "
                                    + (chosen.sealed()
                                            ? "sealed: all that it leads to was flushed before it was written"
                                            : "the "
                                                    + CountText.of(
                                                            chosen.runs().size(),
                                                            "run that was written with it verifies",
                                                            "runs that were written with it verify"));
            return new RingSlots(slots, chosen, why, true);
        } catch (IOException none) {
            boolean isImage =
                    !(none instanceof ImageException known
                            && known.kind() == ErrorKind.NOT_AN_IMAGE);
            return new RingSlots(slots, null, String.valueOf(none.getMessage()), isImage);
        }
    }

    private static List<Slot> area(BlockDevice device, int area, long start) {
        List<Slot> slots = new ArrayList<>();
        for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
            long block = start + slot;
            byte[] bytes = new byte[Blocks.SIZE];
            Superblock superblock = null;
            String problem = "";
            try {
                device.read(Blocks.toBytes(block), ByteBuffer.wrap(bytes));
                if (Superblock.isBlank(bytes)) {
                    problem = "blank";
                } else {
                    superblock = Superblock.readFrom(bytes, "area=" + area + " slot=" + slot);
                    if (superblock.txg() % SuperblockArea.SLOTS != slot) {
                        problem = "it belongs to another slot";
                    }
                }
            } catch (IOException damaged) {
                problem = String.valueOf(damaged.getMessage());
            }
            slots.add(new Slot(area, slot, block, superblock, problem));
        }
        return slots;
    }
}
