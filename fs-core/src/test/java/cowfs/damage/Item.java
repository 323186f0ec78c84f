package cowfs.damage;

import cowfs.damage.ImageGraph.Page;
import cowfs.damage.ImageGraph.Patch;
import cowfs.format.DirentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.TreeId;
import java.util.function.BiPredicate;

/// An item of a file tree where it lies in an image.
record Item(Page page, int slotPosition) {
    /// The first item of a kind that satisfies a condition on page and position.
    static Item find(ImageGraph graph, ItemKind kind, BiPredicate<byte[], Integer> condition) {
        for (Page page : graph.pages()) {
            // what the subvolume shares with its snapshot may have been written by either
            for (int slot = 0; page.isLeaf() && slot < page.slotCount(); slot++) {
                Item item = new Item(page, page.slotPosition(slot));
                if (page.tree >= TreeId.FIRST_SUBVOLUME
                        && NodePage.kind(page.bytes, item.slotPosition) == kind.number()
                        && condition.test(page.bytes, item.position())) {
                    return item;
                }
            }
        }
        throw new AssertionError("no such " + kind);
    }

    static Item dirent(ImageGraph graph, String name) {
        return find(
                graph,
                ItemKind.DIRENT,
                (page, at) -> DirentItem.hasName(page, at, SampleImage.name(name)));
    }

    long inode() {
        return NodePage.inode(page.bytes, slotPosition);
    }

    long offset() {
        return NodePage.offset(page.bytes, slotPosition);
    }

    int position() {
        return NodePage.valuePosition(page.bytes, slotPosition);
    }

    /// Bytes of the value that take the place of others.
    Patch patch(int offset, byte... bytes) {
        return new Patch(page, position() + offset, bytes);
    }

    /// Another offset in the key.
    Patch moved(long offset) {
        int at = slotPosition + ImageGraph.offset(NodePage.LEAF_SLOT_LAYOUT, "offset");
        return new Patch(page, at, ImageGraph.word(offset));
    }
}
