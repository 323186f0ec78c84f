package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.inode.InodeLocks.Held;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;

/// Deletes what belongs to an inode that has lost its last name: content and extended attributes,
/// in steps of a bounded number of items, and with the last step the inode.
///
/// Thread safe; every call that takes a tree or a change belongs into a tree section.
public final class InodeRemoval {
    private static final int MAX_STEP_ITEMS = 500;
    private static final int MIN_STEP_ITEMS = 8;
    private static final int CONTENT = ItemKind.CONTENT.number();
    private static final int XATTR = ItemKind.XATTR.number();

    private final FileTree tree;
    private final Inodes inodes;
    private final InodeLocks locks;
    private final ExtentMap extents;

    public InodeRemoval(FileTree tree, Inodes inodes, InodeLocks locks) {
        this.tree = tree;
        this.inodes = inodes;
        this.locks = locks;
        this.extents = new ExtentMap(tree.id());
    }

    /// Whether an inode has no more than `limit` items of content and extended attributes.
    public boolean isSmall(BTree items, long inode, int limit) throws IOException {
        Cursor c = items.cursor();
        int count = 0;
        for (boolean more = c.seek(inode, XATTR, 0);
                more && c.inode() == inode && count <= limit;
                more = c.next()) {
            count++;
        }
        return count <= limit;
    }

    /// Removes all of a small inode.
    public void removeWhole(Change change, Inode inode) throws IOException {
        removeItems(change, inode, Integer.MAX_VALUE);
        inode.remove(change);
    }

    /// Removes an inode in as many changes as it takes, smaller ones where the image is too full
    /// for large ones. Each step leaves a sound tree.
    ///
    /// @param last runs in the change that removes the inode itself, before it does
    /// @throws RequestException `NO_SPACE` when there is no room for the smallest step; what is
    ///   left can be removed later
    public void removeInSteps(long number, LastStep last) throws IOException {
        int stepItems = MAX_STEP_ITEMS;
        boolean done = false;
        while (!done) {
            try {
                done = removeStep(number, stepItems, last);
            } catch (RequestException refused) {
                if (refused.kind() != ErrorKind.NO_SPACE || stepItems <= MIN_STEP_ITEMS) {
                    throw refused;
                }
                stepItems = MIN_STEP_ITEMS;
            }
        }
    }

    private boolean removeStep(long number, int stepItems, LastStep last) throws IOException {
        try (Held _ = locks.lock(number)) {
            // a look first, so that the change finds the items in memory
            tree.read(items -> isSmall(items, number, stepItems));
            return tree.changeFreeing(
                    stepItems + 2, change -> step(change, number, stepItems, last));
        }
    }

    private boolean step(Change change, long number, int stepItems, LastStep last)
            throws IOException {
        Inode inode = inodes.lookup(change.tree(), number);
        if (inode == null || inode.linkCount() > 0) {
            throw new CorruptException(
                    "orphan item",
                    "tree=" + tree.id() + " inode=" + number,
                    inode == null ? "its inode does not exist" : "its inode has a name");
        }
        if (removeItems(change, inode, stepItems)) {
            last.run(change);
            inode.remove(change);
            return true;
        }
        inode.put(change);
        return false;
    }

    /// Each turn removes an item or throws, so this ends whatever is in the tree.
    ///
    /// @return whether nothing is left
    private boolean removeItems(Change change, Inode inode, int limit) throws IOException {
        long number = inode.number();
        BTree items = change.tree();
        Cursor c = items.cursor();
        for (int left = limit; c.seek(number, XATTR, 0) && c.inode() == number; left--) {
            if (left == 0) {
                return false;
            }
            int kind = c.kind();
            long offset = c.offset();
            if (kind == CONTENT) {
                inode.addSectors(-extents.dropItem(change, c));
            } else if (kind == XATTR) {
                removeXattr(items, number, offset);
            } else {
                throw new CorruptException(
                        "inode",
                        "tree=" + tree.id() + " inode=" + number,
                        "it has no name any more, but items of kind " + ItemKind.nameOf(kind));
            }
        }
        return true;
    }

    private void removeXattr(BTree items, long number, long offset) throws IOException {
        if (!items.remove(number, XATTR, offset)) {
            throw new CorruptException(
                    "tree",
                    "tree=" + tree.id() + " inode=" + number + " offset=" + offset,
                    "an item is not where its key leads");
        }
    }

    /// What else belongs into the change that removes an inode.
    @FunctionalInterface
    public interface LastStep {
        void run(Change change) throws IOException;
    }
}
