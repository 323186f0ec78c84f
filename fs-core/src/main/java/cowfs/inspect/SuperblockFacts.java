package cowfs.inspect;

import cowfs.device.BlockDevice;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.Superblock;
import cowfs.txn.RingSlots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All superblock slots of both areas, and which one wins. Works where nothing else does.
public final class SuperblockFacts {
    private SuperblockFacts() {}

    /// Reads them.
    ///
    /// @throws ImageException `NOT_AN_IMAGE` when no slot holds anything of a superblock
    public static Map<String, @Nullable Object> of(BlockDevice device) throws ImageException {
        RingSlots ring = RingSlots.read(device);
        if (!ring.isImage()) {
            throw new ImageException(ErrorKind.NOT_AN_IMAGE, ring.why());
        }
        Superblock chosen = ring.chosen();
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("chosen_txg", chosen == null ? null : chosen.txg());
        facts.put("why", ring.why());
        if (chosen != null) {
            Map<String, @Nullable Object> fields =
                    RecordReader.fields(Superblock.LAYOUT, chosen.toBytes(), 0);
            fields.remove("runs");
            fields.put("label", chosen.label());
            fields.put("runs", runs(chosen));
            facts.put("superblock", fields);
        }
        List<Map<String, @Nullable Object>> slots = new ArrayList<>();
        for (RingSlots.Slot slot : ring.slots()) {
            slots.add(slot(slot, chosen));
        }
        facts.put("slots", slots);
        return facts;
    }

    private static Map<String, @Nullable Object> slot(
            RingSlots.Slot slot, @Nullable Superblock chosen) {
        Superblock superblock = slot.superblock();
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("area", slot.area());
        facts.put("slot", slot.slot());
        facts.put("block", slot.block());
        facts.put("txg", superblock == null ? null : superblock.txg());
        facts.put("sealed", superblock == null ? null : superblock.sealed());
        facts.put("root_block", superblock == null ? null : superblock.root().address());
        facts.put("runs", superblock == null ? null : superblock.runs().size());
        facts.put(
                "state",
                !slot.problem().isEmpty()
                        ? slot.problem()
                        : chosen != null && superblock != null && superblock.txg() == chosen.txg()
                                ? "chosen"
                                : "valid");
        return facts;
    }

    private static List<Map<String, @Nullable Object>> runs(Superblock chosen) {
        List<Map<String, @Nullable Object>> runs = new ArrayList<>();
        for (Superblock.Run run : chosen.runs()) {
            Map<String, @Nullable Object> facts = Facts.of();
            facts.put("block", run.address());
            facts.put("copy", run.copyAddress() == 0 ? null : run.copyAddress());
            facts.put("blocks", run.blockCount());
            facts.put("checksum", Facts.hex(Integer.toUnsignedLong(run.checksum())));
            runs.add(facts);
        }
        return runs;
    }
}
