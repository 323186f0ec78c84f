package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.file.Attributes;
import cowfs.format.DirentItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.inode.Inode;
import cowfs.subvol.Subvolume;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Writes the difference of two snapshots as records, or all of one, in key order.
///
/// An inode without a name is not a part of what is sent: one that lost its last name is removed,
/// one that got its first is new. Extended attributes of an inode travel together, so that a value
/// in pieces is one record. Content travels by ranges, see {@link ContentSweep}.
///
/// A stream that goes on from a position is the same one with the records before it left out, and
/// with the attributes of the inode that it goes on in. Not thread safe.
final class TreeSender {
    private static final int INODE = ItemKind.INODE.number();
    private static final int INODE_REF = ItemKind.INODE_REF.number();
    private static final int XATTR = ItemKind.XATTR.number();
    private static final int DIRENT = ItemKind.DIRENT.number();
    private static final int CONTENT = ItemKind.CONTENT.number();

    private final BTree after;
    private final long baseTree;
    private final TreeDiff diff;
    private final ContentSender contents;
    private final RecordWriter out;
    private final Position from;

    private long inode;
    private Fate fate = Fate.SKIPPED;
    private boolean xattrsDone;
    private ContentSweep content;

    /// What becomes of the inode whose items are being looked at.
    private enum Fate {
        /// It has no name on either side, or all of it was sent.
        SKIPPED,
        NEW,
        CHANGED
    }

    /// @param state pins both snapshots
    /// @param base null to send all
    /// @param from the first position that is sent
    TreeSender(
            StableTrees state,
            @Nullable Subvolume base,
            Subvolume snapshot,
            ContentSender contents,
            RecordWriter out,
            Position from)
            throws IOException {
        this.after = state.tree(snapshot);
        this.diff =
                TreeDiff.between(
                        state,
                        base == null ? TreeRoot.EMPTY : state.root(base),
                        state.root(snapshot));
        this.contents = contents;
        this.out = out;
        this.from = from;
        this.baseTree = base == null ? snapshot.treeId() : base.treeId();
        this.content = newSweep();
    }

    private ContentSweep newSweep() {
        return new ContentSweep(contents, baseTree, after.owner(), inode);
    }

    void run() throws IOException {
        while (diff.next()) {
            if (diff.inode() == 0) {
                continue;
            }
            if (diff.inode() != inode) {
                finishInode();
                startInode();
            }
            if (fate != Fate.SKIPPED) {
                item(diff.kind(), diff.offset(), diff.before(), diff.after());
            }
        }
        finishInode();
    }

    private void startInode() throws IOException {
        inode = diff.inode();
        content = newSweep();
        xattrsDone = false;
        boolean itemDiffers = diff.kind() == INODE && diff.offset() == 0;
        byte[] now = itemDiffers ? bytes(diff.after(), after.owner()) : find(after);
        byte[] old = itemDiffers ? bytes(diff.before(), baseTree) : now;
        contents.begin(inode, now != null && isSymlink(now));
        boolean isThere = hasName(now);
        boolean wasThere = hasName(old);
        boolean another = wasThere && isThere && !isSameInode(old, now);
        if (wasThere && (!isThere || another)) {
            write(RecordKind.REMOVE_INODE, 0, new byte[0]);
        }
        if (isThere && (another || (!wasThere && old != null))) {
            // its other items may be the same as those of what it was
            fate = Fate.NEW;
            sendWhole();
            fate = Fate.SKIPPED;
        } else {
            fate = !isThere ? Fate.SKIPPED : wasThere ? Fate.CHANGED : Fate.NEW;
        }
    }

    private byte @Nullable [] bytes(@Nullable ItemValue value, long tree) throws IOException {
        if (value == null) {
            return null;
        }
        byte[] item = value.toBytes();
        ItemCheck.require("inode item", InodeItem.check(item, 0, item.length), tree, inode, 0);
        return item;
    }

    private byte[] find(BTree items) throws IOException {
        byte[] item = ReceivedInode.lookupItem(items, inode);
        if (item == null) {
            throw new CorruptException(
                    "inode",
                    "tree=" + after.owner() + " inode=" + inode,
                    "it has items, but no attributes");
        }
        return item;
    }

    /// Whether two inodes of one number are the same one: in trees of which neither comes from the
    /// other they need not be, also if both were made in one transaction group.
    private static boolean isSameInode(byte @Nullable [] old, byte @Nullable [] now) {
        return old != null && now != null && Inode.isSameFile(old, 0, now, 0);
    }

    private static boolean isSymlink(byte[] item) {
        return (InodeItem.MODE.get(item, 0) & Attributes.TYPE_MASK) == Attributes.SYMLINK;
    }

    private static boolean hasName(byte @Nullable [] item) {
        return item != null && InodeItem.LINK_COUNT.get(item, 0) > 0;
    }

    private void sendWhole() throws IOException {
        Cursor c = after.cursor();
        for (boolean more = c.seek(inode, 0, 0); more && c.inode() == inode; more = c.next()) {
            item(
                    c.kind(),
                    c.offset(),
                    null,
                    new ItemValue(c.page(), c.position(), c.lengthBytes()));
        }
        content.finish();
    }

    private void finishInode() throws IOException {
        if (fate != Fate.SKIPPED) {
            content.finish();
        }
        fate = Fate.SKIPPED;
    }

    private void item(int kind, long offset, @Nullable ItemValue old, @Nullable ItemValue now)
            throws IOException {
        if (kind == INODE) {
            if (now != null) {
                write(RecordKind.INODE, 0, InodeRecord.of(now.page(), now.position()));
            }
        } else if (kind == XATTR) {
            if (!xattrsDone) {
                xattrsDone = true;
                sendXattrs();
            }
        } else if (kind == INODE_REF || kind == DIRENT) {
            name(kind, offset, old, now);
        } else if (kind == CONTENT) {
            content.change(offset, old, now);
        } else {
            throw new CorruptException(
                    "item",
                    ItemCheck.where(after.owner(), inode, offset),
                    "an item of kind " + ItemKind.nameOf(kind) + " has no place here");
        }
    }

    private void write(RecordKind kind, long offset, byte[] body) throws IOException {
        boolean head = kind == RecordKind.INODE && inode == from.inode();
        if (head || isWanted(kind, offset)) {
            out.write(kind, inode, offset, body);
        }
    }

    private boolean isWanted(RecordKind kind, long offset) {
        return new Position(inode, kind.itemKind(), offset).compareTo(from) >= 0;
    }

    // ---- names

    private void name(int kind, long offset, @Nullable ItemValue old, @Nullable ItemValue now)
            throws IOException {
        boolean entry = kind == DIRENT;
        if (old != null) {
            check(entry, old, baseTree, offset);
            boolean stays =
                    (now != null && hasSameName(entry, old, now))
                            || isNamed(entry, kind, offset, old);
            if (!stays) {
                byte[] body =
                        entry
                                ? NameRecord.of(0, 0, DirentItem.name(old.page(), old.position()))
                                : NameRecord.of(
                                        InodeRefItem.PARENT.get(old.page(), old.position()),
                                        0,
                                        InodeRefItem.name(old.page(), old.position()));
                write(entry ? RecordKind.REMOVE_DIRENT : RecordKind.REMOVE_REF, offset, body);
            }
        }
        if (now != null) {
            check(entry, now, after.owner(), offset);
            byte[] page = now.page();
            int at = now.position();
            byte[] body = entry ? NameRecord.ofDirent(page, at) : NameRecord.ofRef(page, at);
            write(entry ? RecordKind.DIRENT : RecordKind.REF, offset, body);
        }
    }

    private void check(boolean entry, ItemValue item, long tree, long offset) throws IOException {
        ItemCheck.require(
                entry ? "dirent item" : "inode ref item",
                entry
                        ? DirentItem.check(item.page(), item.position(), item.lengthBytes())
                        : InodeRefItem.check(item.page(), item.position(), item.lengthBytes()),
                tree,
                inode,
                offset);
    }

    private static boolean hasSameName(boolean entry, ItemValue old, ItemValue now) {
        return entry
                ? DirentItem.hasName(
                        now.page(), now.position(), DirentItem.name(old.page(), old.position()))
                : InodeRefItem.isFor(
                        now.page(),
                        now.position(),
                        InodeRefItem.PARENT.get(old.page(), old.position()),
                        InodeRefItem.name(old.page(), old.position()));
    }

    /// Whether the later tree has a name at another place of the same hash.
    private boolean isNamed(boolean entry, int kind, long offset, ItemValue old)
            throws IOException {
        long first = offset >>> NameHash.DISAMBIGUATOR_BITS << NameHash.DISAMBIGUATOR_BITS;
        Cursor c = after.cursor();
        for (boolean more = c.seek(inode, kind, first);
                more
                        && c.inode() == inode
                        && c.kind() == kind
                        && NameHash.sameHash(c.offset(), first);
                more = c.next()) {
            ItemValue item = new ItemValue(c.page(), c.position(), c.lengthBytes());
            check(entry, item, after.owner(), c.offset());
            if (hasSameName(entry, old, item)) {
                return true;
            }
        }
        return false;
    }

    // ---- extended attributes

    private void sendXattrs() throws IOException {
        if (fate == Fate.CHANGED) {
            write(RecordKind.CLEAR_XATTRS, 0, new byte[0]);
        }
        XattrReader.read(
                after,
                inode,
                (offset, name, value) ->
                        write(RecordKind.XATTR, offset, XattrRecord.of(name, value)));
    }
}
