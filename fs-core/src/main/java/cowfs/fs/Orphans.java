package cowfs.fs;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.format.ItemKind;
import cowfs.format.OrphanItem;
import cowfs.inode.Inode;
import cowfs.inode.InodeRemoval;
import cowfs.inode.Inodes;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What happens to inodes that lose their last name.
///
/// A small inode that nobody holds goes in the same change as its name. Any other becomes an
/// *orphan*: an item names it, so that it is found after a crash, until its last hold is given back
/// and its content has been freed step by step.
///
/// Thread safe. Holds are taken under the tree's lock, shared, and names are removed under it,
/// exclusive: so an inode is either held in time or gone.
final class Orphans {
    /// The most items of content and extended attributes that go together with a name.
    static final int SMALL_ITEMS = 16;

    private static final System.Logger LOG = System.getLogger("cowfs.fs");

    /// The most item changes that {@link #drop} makes.
    static final int DROP_ITEMS = SMALL_ITEMS + 2;

    private static final int ORPHAN = ItemKind.ORPHAN.number();

    /// The inode number in the keys of orphan items.
    private static final long KEY_INODE = 0;

    private final FileTree tree;
    private final Inodes inodes;
    private final InodeRemoval removal;
    private final Holds holds = new Holds();

    /// Orphans whose removal has failed; tried again with each later one.
    private final Queue<Long> waiting = new ConcurrentLinkedQueue<>();

    Orphans(FileTree tree, Inodes inodes, InodeRemoval removal) {
        this.tree = tree;
        this.inodes = inodes;
        this.removal = removal;
    }

    /// Takes a hold.
    ///
    /// @throws RequestException `NOT_FOUND`, also for an orphan that nobody holds any more
    void hold(long inode) throws IOException {
        boolean there =
                tree.read(
                        items -> {
                            if (inodes.get(items, inode).linkCount() == 0 && !holds.isHeld(inode)) {
                                return false;
                            }
                            holds.add(inode);
                            return true;
                        });
        if (!there) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "inode " + inode + " of " + tree.name() + " is being removed");
        }
    }

    /// Puts a new inode without a name, held once: two item changes.
    void putNeverLinked(Change change, Inode inode) throws IOException {
        inode.putNew(change);
        change.tree().put(KEY_INODE, ORPHAN, inode.number(), OrphanItem.of(change.txg()));
        change.onSuccess(() -> holds.addNeverLinked(inode.number()));
    }

    /// Whether an inode without a name may get its first one. Whoever gives it holds the inode all
    /// the while.
    boolean isNeverLinked(long inode) {
        return holds.isNeverLinked(inode);
    }

    /// Makes an inode an orphan no more: one item change.
    void linked(Change change, long inode) throws IOException {
        change.tree().remove(KEY_INODE, ORPHAN, inode);
        change.onSuccess(() -> holds.markLinked(inode));
    }

    /// Gives holds back; the last one of an orphan removes it.
    void release(long inode, long count) throws IOException {
        if (holds.remove(inode, count)) {
            remove(inode);
        }
    }

    /// Whether an inode may go in the change that removes its last name. Asked before that change
    /// modifies anything.
    boolean isSmall(BTree items, long inode) throws IOException {
        return removal.isSmall(items, inode, SMALL_ITEMS);
    }

    /// Writes back an inode that has lost a name, or removes it if that was the last one.
    ///
    /// @param small what {@link #isSmall} said
    /// @return the inode's number when {@link #unlinked} must be called after the change, else 0
    long drop(Change change, Inode inode, boolean small, Timestamp now) throws IOException {
        inode.changed(now);
        if (inode.linkCount() > 0) {
            inode.put(change);
            return 0;
        }
        if (small && !holds.isHeld(inode.number())) {
            removal.removeWhole(change, inode);
            return 0;
        }
        inode.put(change);
        change.tree().put(KEY_INODE, ORPHAN, inode.number(), OrphanItem.of(change.txg()));
        return inode.number();
    }

    /// Removes an inode that has just become an orphan, now or with its last hold. (No new hold can
    /// come once there is none; one that goes before this mark leaves the removal to this call.)
    void unlinked(long inode) throws IOException {
        if (!holds.markUnlinked(inode)) {
            remove(inode);
        }
    }

    /// Removes an orphan that nobody holds, in steps. One that finds no space, or items that can't
    /// be read, stays an orphan for now: its name is gone, and whoever removed that has got what he
    /// asked for.
    private void remove(long inode) {
        waiting.add(inode);
        removeWaiting();
    }

    /// Tries again to remove what could not be removed when it became an orphan.
    void removeWaiting() {
        for (int left = waiting.size(); left > 0; left--) {
            Long next = waiting.poll();
            if (next == null) {
                return;
            }
            try {
                removeNow(next);
            } catch (IOException notNow) {
                waiting.add(next);
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "the space of inode {0} comes back later: {1}",
                        Long.toString(next),
                        notNow.getMessage());
            }
        }
    }

    /// Removes every orphan that a crash or a snapshot left and that nobody holds.
    void recover() throws IOException {
        long last = 0;
        while (true) {
            long from = last + 1;
            long next = tree.read(items -> first(items, from));
            if (next == 0) {
                return;
            }
            if (!holds.isHeld(next)) {
                recover(next);
            }
            last = next;
        }
    }

    private void recover(long inode) throws IOException {
        try {
            removeNow(inode);
        } catch (RequestException e) {
            if (e.kind() != ErrorKind.NO_SPACE) {
                throw e;
            }
            waiting.add(inode);
        }
    }

    private void removeNow(long inode) throws IOException {
        removal.removeInSteps(inode, change -> change.tree().remove(KEY_INODE, ORPHAN, inode));
    }

    private static long first(BTree items, long from) throws IOException {
        Cursor c = items.cursor();
        boolean found =
                c.seek(KEY_INODE, ORPHAN, from) && c.inode() == KEY_INODE && c.kind() == ORPHAN;
        return found ? c.offset() : 0;
    }
}
