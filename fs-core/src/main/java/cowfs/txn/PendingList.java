package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.format.ItemKind;
import cowfs.format.PendingItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// The list, in the root tree, of blocks that a commit has stopped using too late to free them: the
/// next one does.
///
/// Its items have a fixed size and are made before they are filled in, so that filling them in
/// moves no node.
final class PendingList {
    private final BTree rootTree;
    private int itemCount;

    PendingList(BTree rootTree) {
        this.rootTree = rootTree;
    }

    /// Takes what the commit before has left, and empties the list.
    List<Range> take(long deviceBlocks) throws IOException {
        List<Range> left = new ArrayList<>();
        List<Long> keys = new ArrayList<>();
        Cursor cursor = rootTree.cursor();
        for (boolean more = cursor.seek(0, ItemKind.PENDING.number(), 0);
                more && cursor.inode() == 0 && cursor.kind() == ItemKind.PENDING.number();
                more = cursor.next()) {
            keys.add(cursor.offset());
            PendingItem.forEach(
                    cursor.page(),
                    cursor.position(),
                    cursor.lengthBytes(),
                    deviceBlocks,
                    "entry=" + cursor.offset(),
                    (address, count) -> left.add(new Range(address, count)));
        }
        for (long key : keys) {
            rootTree.remove(0, ItemKind.PENDING.number(), key);
        }
        return left;
    }

    /// Makes one more item unless there is room for so many ranges.
    ///
    /// @return whether there was
    boolean hasRoomFor(int rangeCount) throws IOException {
        if (itemCount * PendingItem.ENTRIES >= rangeCount) {
            return true;
        }
        rootTree.put(0, ItemKind.PENDING.number(), itemCount++, new byte[PendingItem.SIZE_BYTES]);
        return false;
    }

    /// Fills the items that were made.
    ///
    /// @param ranges in ascending order, no more than there is room for
    void fill(Collection<Range> ranges) throws IOException {
        int item = 0;
        int entry = 0;
        byte[] bytes = new byte[PendingItem.SIZE_BYTES];
        for (Range range : ranges) {
            if (entry == PendingItem.ENTRIES) {
                rootTree.replace(0, ItemKind.PENDING.number(), item++, bytes);
                bytes = new byte[PendingItem.SIZE_BYTES];
                entry = 0;
            }
            PendingItem.set(bytes, entry++, range.address(), range.blockCount());
        }
        rootTree.replace(0, ItemKind.PENDING.number(), item, bytes);
    }
}
