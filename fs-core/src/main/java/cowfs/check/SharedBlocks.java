package cowfs.check;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.format.ItemKind;
import cowfs.format.RefcountItem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Which blocks the refcount tree calls shared. It decides only what the checker remembers; whether
/// the counts are right is found out in the end.
///
/// The last answer holds for a whole range, so that blocks asked for in order cost little. When the
/// refcount tree can't be read everything counts as shared. Not thread safe.
final class SharedBlocks {
    private final @Nullable BTree refcounts;
    private boolean unreadable;
    private long from = 1;
    private long to = 1;
    private boolean answer;

    SharedBlocks(BTree refcounts) {
        this(refcounts, false);
    }

    private SharedBlocks(@Nullable BTree refcounts, boolean unreadable) {
        this.refcounts = refcounts;
        this.unreadable = unreadable;
    }

    /// For an image whose refcount tree can't be found.
    static SharedBlocks unreadable() {
        return new SharedBlocks(null, true);
    }

    /// Whether a block has a record in the refcount tree.
    boolean contains(long block) {
        if (block < from || block >= to) {
            find(block);
        }
        return answer;
    }

    /// Whether the answers so far are all true.
    boolean isReadable() {
        return !unreadable;
    }

    private void find(long block) {
        BTree tree = refcounts;
        if (tree == null || unreadable) {
            set(0, Long.MAX_VALUE, unreadable);
            return;
        }
        try {
            Cursor cursor = tree.cursor();
            long start = 0;
            boolean more = cursor.seekFloor(block, ItemKind.REFCOUNT.number(), 0);
            if (more && isRecord(cursor)) {
                long address = cursor.inode();
                start = address + RefcountItem.blockCount(cursor.page(), cursor.position());
                if (block < start) {
                    set(address, start, true);
                    return;
                }
            }
            more = cursor.seek(block + 1, 0, 0);
            set(start, more ? cursor.inode() : Long.MAX_VALUE, false);
        } catch (IOException damaged) {
            unreadable = true;
            set(0, Long.MAX_VALUE, true);
        }
    }

    private static boolean isRecord(Cursor cursor) {
        return cursor.kind() == ItemKind.REFCOUNT.number()
                && cursor.lengthBytes() == RefcountItem.LAYOUT.sizeBytes();
    }

    private void set(long newFrom, long newTo, boolean newAnswer) {
        from = newFrom;
        to = newTo;
        answer = newAnswer;
    }
}
