package cowfs.check;

import cowfs.block.NodeStore;
import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import java.io.IOException;

/// A second look at the items of one of the pool's own trees, after its nodes were walked: leaves
/// out what can't be read, which was reported then. Not thread safe.
final class ItemScan {
    private final NodeStore nodes;
    private final ItemVisitor visitor;
    private long budget;

    /// Takes the items in key order.
    @FunctionalInterface
    interface ItemVisitor {
        void item(Key key, byte[] page, int position, int lengthBytes);
    }

    /// @param nodeLimit nodes that the tree may have; a damaged one that leads to its nodes again
    ///   and again is cut off there
    ItemScan(NodeStore nodes, long nodeLimit, ItemVisitor visitor) {
        this.nodes = nodes;
        this.budget = nodeLimit;
        this.visitor = visitor;
    }

    void scan(BlockPointer pointer, int level) {
        if (pointer.isNone() || budget == 0) {
            return;
        }
        budget--;
        byte[] page;
        try {
            page = nodes.read(pointer, level).page();
        } catch (IOException reported) {
            return;
        }
        int slotBytes = NodePage.slotBytes(page);
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (level > 0) {
                scan(NodePage.pointer(page, at), level - 1);
            } else {
                visitor.item(
                        Key.at(page, at),
                        page,
                        NodePage.valuePosition(page, at),
                        NodePage.valueLength(page, at));
            }
        }
    }
}
