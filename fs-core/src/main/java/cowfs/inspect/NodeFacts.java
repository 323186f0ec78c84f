package cowfs.inspect;

import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What lies in a block as a node: its header, and every item or pointer by its declared fields;
/// also of a node that nothing points to any more, or that is damaged.
public final class NodeFacts {
    private NodeFacts() {}

    /// Reads a node.
    ///
    /// @param block where a copy of it begins
    /// @throws RequestException `INVALID` for a block outside of the image
    public static Map<String, @Nullable Object> of(InspectedImage image, long block)
            throws IOException {
        Superblock superblock = image.superblock();
        int nodeBlocks = superblock.nodeBytes() / Blocks.SIZE;
        if (block < 0 || block > superblock.deviceBlocks() - nodeBlocks) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "block "
                            + block
                            + " is not in the image, whose nodes begin in blocks 0 to "
                            + (superblock.deviceBlocks() - nodeBlocks));
        }
        byte[] page = new byte[superblock.nodeBytes()];
        image.device().read(Blocks.toBytes(block), ByteBuffer.wrap(page));
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("block", block);
        facts.put("checksum", Facts.hex(Checksum.of(page, 0, page.length)));
        Map<String, @Nullable Object> header = RecordReader.fields(NodePage.HEADER_LAYOUT, page, 0);
        String problem = problem(image, page);
        facts.put("problem", problem);
        facts.put("header", header);
        if (problem == null) {
            facts.put(
                    "place",
                    NodePage.address(page) == block
                            ? "first copy"
                            : "copy of block " + NodePage.address(page));
            facts.put("used_bytes", used(page));
            facts.put("items", items(page));
        }
        return facts;
    }

    private static @Nullable String problem(InspectedImage image, byte[] page) {
        try {
            NodePage.validate(page, image.superblock().uuid(), NodePage.level(page), "");
            return null;
        } catch (IOException damaged) {
            return damaged instanceof CorruptException corrupt
                    ? corrupt.reason()
                    : String.valueOf(damaged.getMessage());
        }
    }

    /// Header, slots and values.
    static int used(byte[] page) {
        return NodePage.HEADER_BYTES
                + NodePage.itemCount(page) * NodePage.slotBytes(page)
                + (NodePage.level(page) > 0
                        ? 0
                        : page.length - NodePage.heapStart(page) - NodePage.garbage(page));
    }

    private static List<Map<String, @Nullable Object>> items(byte[] page) {
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            if (NodePage.level(page) == 0) {
                items.add(RecordReader.item(page, slot));
            } else {
                int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
                Map<String, @Nullable Object> item = Facts.of();
                item.put("slot", slot);
                RecordReader.putKey(item, page, at);
                item.putAll(Facts.of(NodePage.pointer(page, at), NodePage.level(page) - 1));
                items.add(item);
            }
        }
        return items;
    }
}
