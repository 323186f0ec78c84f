package cowfs.subvol;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.BookmarkItem;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock.Features;
import cowfs.txn.PoolStore;
import cowfs.txn.SpaceClaim;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Bookmarks: what is kept of a snapshot so that what has changed since can be sent when it is
/// gone. One costs an item of the root tree and keeps no block.
///
/// ```
///   main   --- S (txg 7) --------- now          on the line since S nothing but changes:
///              |                                a node of now that was born in 7 or before
///              main#s: UUID of S, txg 7         lies in S as it is
/// ```
///
/// That holds on one *line* only: a rollback gives the subvolume a tree that did not come from what
/// it was ({@link SubvolumeItem#lineTxg}). So a bookmark is of a snapshot whose line is known,
/// whose content is the one that was taken, and serves snapshots of the same subvolume on the same
/// line.
///
/// A bookmark goes with its subvolume, and stays when its snapshot is deleted or purged. Each
/// change is durable on return. Thread safe.
public final class Bookmarks {
    private static final int BOOKMARK = ItemKind.BOOKMARK.number();

    private final PoolStore store;
    private final Subvolumes subvolumes;

    public Bookmarks(PoolStore store, Subvolumes subvolumes) {
        this.store = store;
        this.subvolumes = subvolumes;
    }

    /// A bookmark with the subvolume that it is of.
    public record Bookmark(Subvolume subvolume, BookmarkItem item) {
        /// As people write it.
        public String fullName() {
            return subvolume.subvolumeName() + "#" + item.name();
        }
    }

    /// All bookmarks by subvolume, oldest snapshot first.
    public List<Bookmark> list() throws IOException {
        synchronized (subvolumes) {
            List<Bookmark> all = new ArrayList<>();
            for (Subvolume each : subvolumes.list()) {
                if (!each.isSnapshot()) {
                    read(each.treeId()).values().stream()
                            .sorted(
                                    Comparator.comparingLong(BookmarkItem::txg)
                                            .thenComparing(BookmarkItem::name))
                            .forEach(item -> all.add(new Bookmark(each, item)));
                }
            }
            return all;
        }
    }

    /// @throws RequestException `NOT_FOUND`
    public Bookmark get(String subvolume, String name) throws IOException {
        synchronized (subvolumes) {
            Subvolume of = subvolumes.get(subvolume, null);
            for (BookmarkItem each : read(of.treeId()).values()) {
                if (each.name().equals(name)) {
                    return new Bookmark(of, each);
                }
            }
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "no bookmark '"
                            + subvolume
                            + "#"
                            + name
                            + "': 'cowfs bookmark list' shows which there are");
        }
    }

    /// Makes a bookmark of a snapshot.
    ///
    /// @throws RequestException `NOT_FOUND`, `EXISTS`, `NO_SPACE`, `INVALID` for no snapshot,
    ///   `UNSUPPORTED` for one whose line is not known or that was purged
    public Bookmark create(Subvolume snapshot, String name) throws IOException {
        synchronized (subvolumes) {
            requirePossible(snapshot);
            SubvolumeItem of = snapshot.item();
            Subvolume subvolume = subvolumes.get(snapshot.subvolumeName(), null);
            SortedMap<Integer, BookmarkItem> known = read(of.parentTree());
            if (known.values().stream().anyMatch(each -> each.name().equals(name))) {
                throw new RequestException(
                        ErrorKind.EXISTS,
                        "'"
                                + snapshot.subvolumeName()
                                + "#"
                                + name
                                + "' exists already: choose another name, or delete it first");
            }
            if (known.size() >= BookmarkItem.MAX_COUNT) {
                throw new RequestException(
                        ErrorKind.NO_SPACE,
                        "'"
                                + snapshot.subvolumeName()
                                + "' has "
                                + BookmarkItem.MAX_COUNT
                                + " bookmarks, no more fit: delete one first");
            }
            int slot = 0;
            while (known.containsKey(slot)) {
                slot++;
            }
            int free = slot;
            BookmarkItem item =
                    new BookmarkItem(
                            of.uuid(),
                            of.createdTxg(),
                            of.createdSeconds(),
                            of.createdNanos(),
                            of.nextInode(),
                            name);
            store.submit(
                    SpaceClaim.SHARING,
                    1,
                    context -> {
                        context.needs(Features.LINES);
                        context.rootTree().put(of.parentTree(), BOOKMARK, free, item.toBytes());
                    });
            return new Bookmark(subvolume, item);
        }
    }

    private static void requirePossible(Subvolume snapshot) throws RequestException {
        SubvolumeItem of = snapshot.item();
        if (!of.isSnapshot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + snapshot.fullName() + "' is no snapshot: only those have bookmarks");
        }
        if (of.lineTxg() == 0) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "'"
                            + snapshot.fullName()
                            + "' was received: bookmark it in the image where it was taken");
        }
        if (of.root().birthTxg() > of.createdTxg()) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "'"
                            + snapshot.fullName()
                            + "' was changed by a purge or a repair: take another snapshot and"
                            + " bookmark that");
        }
    }

    /// Deletes bookmarks, all or none.
    ///
    /// @throws RequestException `NOT_FOUND`
    public void delete(List<Bookmark> doomed) throws IOException {
        synchronized (subvolumes) {
            Map<Long, List<Integer>> slots = new HashMap<>();
            int count = 0;
            for (Bookmark each : doomed) {
                long tree =
                        get(each.subvolume.subvolumeName(), each.item.name()).subvolume.treeId();
                for (Map.Entry<Integer, BookmarkItem> known : read(tree).entrySet()) {
                    if (known.getValue().name().equals(each.item.name())) {
                        slots.computeIfAbsent(tree, none -> new ArrayList<>()).add(known.getKey());
                        count++;
                    }
                }
            }
            store.submit(
                    SpaceClaim.FREEING,
                    count,
                    context -> {
                        for (Map.Entry<Long, List<Integer>> each : slots.entrySet()) {
                            for (int slot : each.getValue()) {
                                context.rootTree().remove(each.getKey(), BOOKMARK, slot);
                            }
                        }
                    });
        }
    }

    private SortedMap<Integer, BookmarkItem> read(long treeId) throws IOException {
        return read(store, treeId);
    }

    private static SortedMap<Integer, BookmarkItem> read(PoolStore store, long treeId)
            throws IOException {
        long epoch = store.epochs().enter();
        try {
            return read(store.rootTreeOf(store.state()), treeId);
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Removes those of a subvolume that is deleted.
    static void removeAll(BTree rootTree, long treeId) throws IOException {
        for (int slot : read(rootTree, treeId).keySet()) {
            rootTree.remove(treeId, BOOKMARK, slot);
        }
    }

    private static SortedMap<Integer, BookmarkItem> read(BTree rootTree, long treeId)
            throws IOException {
        SortedMap<Integer, BookmarkItem> bySlot = new TreeMap<>();
        Cursor c = rootTree.cursor();
        for (boolean more = c.seek(treeId, BOOKMARK, 0);
                more && c.inode() == treeId && c.kind() == BOOKMARK;
                more = c.next()) {
            String where = "tree=" + treeId + " slot=" + c.offset();
            if (c.offset() < 0 || c.offset() >= BookmarkItem.MAX_COUNT) {
                throw new CorruptException("bookmark", where, "there is no such slot");
            }
            bySlot.put(
                    (int) c.offset(),
                    BookmarkItem.readFrom(c.page(), c.position(), c.lengthBytes(), where));
        }
        return bySlot;
    }

    /// How many there are of a subvolume.
    static int count(PoolStore store, long treeId) throws IOException {
        return read(store, treeId).size();
    }
}
