package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.dir.Dirents;
import cowfs.dir.Entry;
import cowfs.dir.InodeRefs;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.DirentItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.ReceiveItem;
import cowfs.inode.AccessLists;
import cowfs.inode.Inode;
import cowfs.inode.Inodes;
import cowfs.inode.Xattrs;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tree that is being received: applies the records of a stream to it, in their order.
///
/// Each item is held against what this image knows of its inode before it goes in, so that at any
/// time each item is valid by itself, and a check of the image finds nothing. What ties items
/// together is looked at when all are there ({@link #complete}). Applying a record again changes
/// nothing, so that a stream may go on from a place that was reached before.
///
/// Not thread safe; nobody else changes the tree.
final class ReceivedTree {
    /// Items that one change removes.
    private static final int STEP_ITEMS = 64;

    /// Items that one look at the tree passes.
    private static final int LOOKED_AT_ITEMS = 4096;

    private static final int DIRENT = ItemKind.DIRENT.number();
    private static final int INODE = ItemKind.INODE.number();
    private static final int INODE_REF = ItemKind.INODE_REF.number();
    private static final int XATTR = ItemKind.XATTR.number();
    private static final int CONTENT = ItemKind.CONTENT.number();

    private final FileTree tree;
    private final long nextInode;
    private final TreeSteps steps;
    private final Inodes inodes;
    private final Xattrs xattrs;
    private final Dirents dirents;
    private final InodeRefs refs;
    private final NameBalance balance;
    private final ReceivedFile file;
    private final WholeTree whole;
    private final @Nullable NameHash senderHash;
    private @Nullable ReceivedInode current;

    /// @param nextInode inode numbers must lie below
    /// @param resumed whether a part of the tree was received before
    /// @param senderHash places names where records tell ranges of keys; null where they must not
    ReceivedTree(
            FileTree tree,
            long nextInode,
            ReceiveItem state,
            boolean resumed,
            @Nullable NameHash senderHash) {
        this.senderHash = senderHash;
        this.tree = tree;
        this.nextInode = nextInode;
        this.steps = new TreeSteps(tree, state);
        NameHash hash = new NameHash(tree.nameSeed());
        this.inodes = new Inodes(tree, Clock.systemUTC());
        this.xattrs = new Xattrs(tree, inodes, hash);
        this.dirents = new Dirents(tree, hash);
        this.refs = new InodeRefs(tree, hash);
        this.balance = new NameBalance(hash);
        this.file = new ReceivedFile(tree, inodes, steps);
        this.whole = new WholeTree(tree, refs, resumed);
    }

    FileTree tree() {
        return tree;
    }

    ReceiveItem state() {
        return steps.state();
    }

    /// Applies a record that changes an inode.
    void apply(Segment segment, int index) throws IOException {
        RecordKind kind = segment.kind(index);
        long number = segment.inode(index);
        long offset = segment.offset(index);
        byte[] b = segment.bytes();
        int body = segment.body(index);
        if (number <= 0 || number >= nextInode) {
            throw RecordReader.damaged(
                    "it uses inode " + number + ", its last is " + (nextInode - 1));
        }
        ReceivedInode inode = current;
        if (inode == null || inode.number() != number) {
            finishInode();
            inode = ReceivedInode.read(tree, number);
            current = inode;
        }
        long contentBytes = 0;
        switch (kind) {
            case INODE -> putInode(inode, InodeRecord.toItem(b, body));
            case REMOVE_INODE -> removeInode(inode);
            case REMOVE_INODES -> removeInodes(number, RemovedRecord.INODE_COUNT.get(b, body));
            case CLEAR_REFS -> clearRefs(inode);
            case CLEAR_DIRENTS ->
                    clearDirents(inode, NameRanges.readFrom(b, body, segment.bodyBytes(index)));
            case REF -> putRef(inode, NameRecord.NUMBER.get(b, body), NameRecord.name(b, body));
            case REMOVE_REF ->
                    removeRef(inode, NameRecord.NUMBER.get(b, body), NameRecord.name(b, body));
            case DIRENT ->
                    putDirent(
                            inode,
                            NameRecord.NUMBER.get(b, body),
                            NameRecord.TYPE.get(b, body) << 12,
                            NameRecord.name(b, body));
            case REMOVE_DIRENT -> removeDirent(inode, NameRecord.name(b, body));
            case CLEAR_XATTRS -> clearXattrs(inode);
            case XATTR -> putXattr(inode, XattrRecord.name(b, body), XattrRecord.value(b, body));
            case DATA, INLINE -> {
                contentBytes = ContentRecord.LENGTH.get(b, body);
                int from = body + ContentRecord.LAYOUT.sizeBytes();
                if (ContentRecord.isCompressed(b, body)) {
                    file.putCompressed(inode, offset, b, body);
                } else {
                    file.put(inode, kind, offset, b, from, (int) contentBytes);
                }
            }
            case UNWRITTEN, HOLE ->
                    file.clear(
                            inode,
                            offset,
                            RangeRecord.BLOCK_COUNT.get(b, body),
                            kind == RecordKind.UNWRITTEN);
            case CLONE ->
                    file.share(
                            inode,
                            offset,
                            RangeRecord.BLOCK_COUNT.get(b, body),
                            RangeRecord.SOURCE_INODE.get(b, body),
                            RangeRecord.SOURCE_OFFSET.get(b, body));
            default -> throw new IllegalStateException("no record of an inode: " + kind);
        }
        steps.endOfRecord(new Position(number, kind.itemKind(), offset), contentBytes);
    }

    /// Makes all that was applied a part of the open transaction group.
    void flush() throws IOException {
        steps.flush();
    }

    /// Forgets what was not made yet.
    void drop() {
        steps.drop();
    }

    /// Verifies what only the whole tree shows, and marks it as complete.
    ///
    /// @throws cowfs.error.RequestException `INVALID` when its items do not agree
    void complete() throws IOException {
        if (state().complete()) {
            return;
        }
        finishInode();
        steps.flush();
        if (state().balance() != 0) {
            throw RecordReader.damaged("its names and link counts do not agree");
        }
        Attributes root =
                tree.read(items -> inodes.lookupAttributes(items.cursor(), Volume.ROOT_INODE));
        if (root == null || !root.isDirectory()) {
            throw RecordReader.damaged("it has no root directory");
        }
        whole.require();
        steps.complete();
    }

    private void finishInode() throws IOException {
        ReceivedInode inode = current;
        current = null;
        if (inode != null) {
            file.finish(inode);
        }
    }

    private void putInode(ReceivedInode inode, byte[] item) throws IOException {
        inode.describe(item);
        long number = inode.number();
        steps.add(
                1,
                change -> {
                    byte[] old = ReceivedInode.lookupItem(change.tree(), number);
                    byte[] now = inode.provisional(old, change.txg());
                    Inode.declareFeatures(change, now);
                    change.tree().put(number, INODE, 0, now);
                    change.addInodes(old == null ? 1 : 0);
                    return balance.inode(number, now, 0)
                            - (old == null ? 0 : balance.inode(number, old, 0));
                });
        inode.onFinalSize(
                size ->
                        steps.add(
                                1,
                                change -> {
                                    byte[] now = ReceivedInode.getItem(change.tree(), number);
                                    file.requireNothingBehind(change.tree(), number, size);
                                    InodeItem.SIZE_BYTES.set(now, 0, size);
                                    change.tree().put(number, INODE, 0, now);
                                    return 0;
                                }));
    }

    private void removeInode(ReceivedInode inode) throws IOException {
        steps.flush();
        boolean[] more = {inode.exists()};
        while (more[0]) {
            steps.add(
                    STEP_ITEMS,
                    change -> {
                        long[] amount = new long[1];
                        more[0] = removeSome(change, inode.number(), amount);
                        return amount[0];
                    });
            steps.flush();
        }
        inode.remove();
    }

    /// Removes some items, the inode last: at any time what is left is an inode with its items.
    ///
    /// @return whether there is more
    private boolean removeSome(Change change, long number, long[] amount) throws IOException {
        Cursor c = change.tree().cursor();
        for (int left = STEP_ITEMS; c.seek(number, INODE_REF, 0) && c.inode() == number; left--) {
            if (left == 0) {
                return true;
            }
            int kind = c.kind();
            long offset = c.offset();
            if (kind == CONTENT) {
                file.dropAt(change, number, c);
                continue;
            }
            if (kind == INODE_REF) {
                amount[0] -=
                        balance.ref(
                                number,
                                InodeRefItem.PARENT.get(c.page(), c.position()),
                                InodeRefItem.name(c.page(), c.position()));
            } else if (kind == DIRENT) {
                amount[0] -=
                        balance.dirent(
                                number,
                                DirentItem.name(c.page(), c.position()),
                                DirentItem.CHILD.get(c.page(), c.position()),
                                DirentItem.type(c.page(), c.position()));
            }
            change.tree().remove(number, kind, offset);
        }
        byte[] item = ReceivedInode.lookupItem(change.tree(), number);
        if (item != null) {
            amount[0] -= balance.inode(number, item, 0);
            change.tree().remove(number, INODE, 0);
            change.addInodes(-1);
        }
        return false;
    }

    /// Removes all inodes of a range of numbers.
    private void removeInodes(long first, long count) throws IOException {
        requireSenderHash();
        if (count > nextInode - first) {
            throw RecordReader.damaged("it uses inodes behind " + (nextInode - 1));
        }
        current = null;
        steps.flush();
        long end = first + count;
        for (long next = firstInode(first, end); next < end; next = firstInode(next + 1, end)) {
            removeInode(ReceivedInode.read(tree, next));
        }
    }

    /// The first inode from a number on; `end` when there is none before it.
    private long firstInode(long from, long end) throws IOException {
        return tree.read(
                items -> {
                    Cursor c = items.cursor();
                    return c.seek(from, INODE, 0) ? Math.min(c.inode(), end) : end;
                });
    }

    private NameHash requireSenderHash() throws IOException {
        NameHash hash = senderHash;
        if (hash == null) {
            throw RecordReader.damaged("it tells ranges of keys and does not say so");
        }
        return hash;
    }

    private void clearRefs(ReceivedInode inode) throws IOException {
        requireSenderHash();
        inode.requireThere();
        long number = inode.number();
        steps.flush();
        boolean[] more = {true};
        while (more[0]) {
            steps.add(
                    STEP_ITEMS,
                    change -> {
                        Cursor c = change.tree().cursor();
                        long amount = 0;
                        int left = STEP_ITEMS;
                        while (left > 0
                                && c.seek(number, INODE_REF, 0)
                                && c.inode() == number
                                && c.kind() == INODE_REF) {
                            amount -=
                                    balance.ref(
                                            number,
                                            InodeRefItem.PARENT.get(c.page(), c.position()),
                                            InodeRefItem.name(c.page(), c.position()));
                            change.tree().remove(number, INODE_REF, c.offset());
                            left--;
                        }
                        more[0] = left == 0;
                        return amount;
                    });
            steps.flush();
        }
    }

    /// Removes the entries whose names the sender has in ranges. Where they lie there is not where
    /// they lie here, so all are looked at.
    private void clearDirents(ReceivedInode inode, NameRanges ranges) throws IOException {
        NameHash hash = requireSenderHash();
        inode.requireType(Attributes.DIRECTORY, "an entry");
        long directory = inode.number();
        steps.flush();
        long[] at = {0};
        while (at[0] >= 0) {
            List<Long> doomed = tree.read(items -> entriesIn(items, directory, ranges, hash, at));
            if (!doomed.isEmpty()) {
                steps.add(doomed.size(), change -> removeEntries(change, directory, doomed));
                steps.flush();
            }
        }
    }

    /// Some of the entries of a directory that ranges hold.
    ///
    /// @param at where to begin; afterwards where to go on, negative at the end
    private static List<Long> entriesIn(
            BTree items, long directory, NameRanges ranges, NameHash hash, long[] at)
            throws IOException {
        List<Long> found = new ArrayList<>();
        Cursor c = items.cursor();
        boolean more = c.seek(directory, DIRENT, at[0]);
        for (int seen = 0; ; seen++, more = c.next()) {
            if (!more || c.inode() != directory || c.kind() != DIRENT) {
                at[0] = -1;
                return found;
            }
            if (seen == LOOKED_AT_ITEMS || found.size() == STEP_ITEMS) {
                at[0] = c.offset();
                return found;
            }
            if (ranges.hold(hash.offset(DirentItem.name(c.page(), c.position())))) {
                found.add(c.offset());
            }
        }
    }

    private long removeEntries(Change change, long directory, List<Long> offsets)
            throws IOException {
        long amount = 0;
        Cursor c = change.tree().cursor();
        for (long offset : offsets) {
            if (change.tree().find(c, directory, DIRENT, offset)) {
                amount -=
                        balance.dirent(
                                directory,
                                DirentItem.name(c.page(), c.position()),
                                DirentItem.CHILD.get(c.page(), c.position()),
                                DirentItem.type(c.page(), c.position()));
                change.tree().remove(directory, DIRENT, offset);
            }
        }
        return amount;
    }

    private void requireNumber(long number) throws IOException {
        if (number <= 0 || number >= nextInode) {
            throw RecordReader.damaged("it names inode " + number);
        }
    }

    private void putRef(ReceivedInode inode, long parent, byte[] name) throws IOException {
        inode.requireThere();
        requireNumber(parent);
        long number = inode.number();
        if (inode.isDirectory()) {
            whole.placed(number, parent);
        }
        steps.add(
                1,
                change -> {
                    if (refs.lookup(change.tree(), number, parent, name) != 0) {
                        return 0;
                    }
                    long place = refs.getFree(change.tree(), number, parent, name);
                    refs.put(change, number, place, parent, name);
                    return balance.ref(number, parent, name);
                });
    }

    private void removeRef(ReceivedInode inode, long parent, byte[] name) throws IOException {
        inode.requireThere();
        long number = inode.number();
        steps.add(
                1,
                change -> {
                    long place = refs.lookup(change.tree(), number, parent, name);
                    if (place == 0) {
                        return 0;
                    }
                    refs.remove(change, number, place);
                    return -balance.ref(number, parent, name);
                });
    }

    private void putDirent(ReceivedInode inode, long child, int type, byte[] name)
            throws IOException {
        inode.requireType(Attributes.DIRECTORY, "an entry");
        requireNumber(child);
        byte[] item = DirentItem.of(child, type, name);
        String damage = DirentItem.check(item, 0, item.length);
        if (damage != null) {
            throw RecordReader.damaged("an entry of inode " + inode.number() + ": " + damage);
        }
        long directory = inode.number();
        steps.add(
                1,
                change -> {
                    Entry old = dirents.find(change.tree(), directory, name);
                    long amount = 0;
                    Entry place = old;
                    if (old.exists()) {
                        amount -= balance.dirent(directory, name, old.child(), old.type());
                    } else {
                        place = dirents.getFree(change.tree(), directory, name);
                    }
                    dirents.put(change, directory, place, name, child, type);
                    return amount + balance.dirent(directory, name, child, type);
                });
    }

    private void removeDirent(ReceivedInode inode, byte[] name) throws IOException {
        inode.requireType(Attributes.DIRECTORY, "an entry");
        long directory = inode.number();
        steps.add(
                1,
                change -> {
                    Entry old = dirents.find(change.tree(), directory, name);
                    if (!old.exists()) {
                        return 0;
                    }
                    dirents.remove(change, directory, old);
                    return -balance.dirent(directory, name, old.child(), old.type());
                });
    }

    private void clearXattrs(ReceivedInode inode) throws IOException {
        inode.requireThere();
        long number = inode.number();
        boolean[] more = {true};
        while (more[0]) {
            more[0] = false;
            boolean any =
                    tree.read(
                            items -> {
                                Cursor c = items.cursor();
                                return c.seek(number, XATTR, 0)
                                        && c.inode() == number
                                        && c.kind() == XATTR;
                            });
            if (any) {
                steps.add(
                        STEP_ITEMS,
                        change -> {
                            Cursor c = change.tree().cursor();
                            int left = STEP_ITEMS;
                            while (left > 0
                                    && c.seek(number, XATTR, 0)
                                    && c.inode() == number
                                    && c.kind() == XATTR) {
                                change.tree().remove(number, XATTR, c.offset());
                                left--;
                            }
                            more[0] = left == 0;
                            return 0;
                        });
                steps.flush();
            }
        }
    }

    private void putXattr(ReceivedInode inode, byte[] name, byte[] value) throws IOException {
        inode.requireThere();
        Xattrs.requireName(name);
        if (AccessLists.isAccessList(name)) {
            String problem = AccessLists.check(value);
            boolean defaults =
                    !Arrays.equals(
                            name, "system.posix_acl_access".getBytes(StandardCharsets.UTF_8));
            if (problem != null || inode.isSymlink() || (defaults && !inode.isDirectory())) {
                throw RecordReader.damaged(
                        "inode " + inode.number() + " has an access control list that is none");
            }
        }
        int items = tree.read(any -> Xattrs.itemCount(any, name, value));
        steps.add(
                2 * items,
                change -> {
                    xattrs.put(change, inode.number(), name, value);
                    return 0;
                });
    }
}
