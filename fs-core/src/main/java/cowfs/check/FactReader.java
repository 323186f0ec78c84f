package cowfs.check;

import cowfs.check.FileFacts.Ref;
import cowfs.file.Attributes;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.OrphanItem;
import cowfs.format.SymlinkTarget;
import cowfs.format.XattrItem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/// Reads the items of a file tree, in key order, into {@link TreeFacts}, and gives up those that
/// are no valid records or contradict what came before. Used once, on one thread.
final class FactReader {
    private static final long MAX_FILE_BLOCKS = (1L << 51) - 1;

    private final TreeFacts tree;
    private final ContentVerdict verdict;

    // of the item before
    private long contentInode;
    private long contentEndBlock;
    private List<Key> xattrKeys = new ArrayList<>();
    private long xattrInode;
    private long xattrHead;
    private long xattrTotal;
    private long xattrFound;

    FactReader(TreeFacts tree, ContentVerdict verdict) {
        this.tree = tree;
        this.verdict = verdict;
    }

    /// Notes that there are no more items.
    void finish() {
        finishXattr();
    }

    /// Takes the next item.
    void item(Key key, byte[] page, int position, int length) {
        int kind = key.kind();
        if (xattrInode != 0 && (key.inode() != xattrInode || kind != ItemKind.XATTR.number())) {
            finishXattr();
        }
        if (key.inode() == 0) {
            orphan(key, page, position, length);
            return;
        }
        FileFacts facts = tree.inodes.computeIfAbsent(key.inode(), inode -> new FileFacts());
        if (kind == ItemKind.INODE.number()) {
            inode(key, facts, page, position, length);
            return;
        }
        if (!facts.present || TreeFacts.type(facts) == Attributes.SYMLINK) {
            facts.keys.add(key);
        }
        boolean kept;
        if (kind == ItemKind.INODE_REF.number()) {
            kept = ref(key, facts, page, position, length);
        } else if (kind == ItemKind.XATTR.number()) {
            kept = xattr(key, page, position, length);
        } else if (kind == ItemKind.DIRENT.number()) {
            kept = dirent(key, facts, page, position, length);
        } else if (kind == ItemKind.CONTENT.number()) {
            kept = content(key, facts, page, position, length);
        } else {
            kept = false;
        }
        if (!kept) {
            tree.edits.put(key, TreeFacts.REMOVE);
        }
    }

    private void orphan(Key key, byte[] page, int position, int length) {
        if (key.kind() == ItemKind.ORPHAN.number()
                && OrphanItem.check(page, position, length) == null) {
            tree.inodes.computeIfAbsent(key.offset(), inode -> new FileFacts()).hasOrphanItem =
                    true;
        } else {
            tree.edits.put(key, TreeFacts.REMOVE);
        }
    }

    private void inode(Key key, FileFacts facts, byte[] page, int position, int length) {
        if (key.offset() != 0 || InodeItem.check(page, position, length) != null) {
            tree.edits.put(key, TreeFacts.REMOVE);
            return;
        }
        facts.present = true;
        facts.mode = InodeItem.MODE.get(page, position);
        facts.links = InodeItem.LINK_COUNT.get(page, position);
        facts.size = InodeItem.SIZE_BYTES.get(page, position);
        facts.sectors = InodeItem.SECTORS.get(page, position);
        facts.generation = InodeItem.GENERATION.get(page, position);
    }

    private boolean ref(Key key, FileFacts facts, byte[] page, int position, int length) {
        if (InodeRefItem.check(page, position, length) != null) {
            return false;
        }
        long parent = InodeRefItem.PARENT.get(page, position);
        byte[] name = InodeRefItem.name(page, position);
        if (!TreeFacts.isName(name)
                || !NameHash.sameHash(key.offset(), tree.hash.offset(parent, name))) {
            return false;
        }
        facts.refs.add(new Ref(parent, TreeFacts.text(name), key.offset()));
        return true;
    }

    private boolean dirent(Key key, FileFacts facts, byte[] page, int position, int length) {
        boolean directory = !facts.present || TreeFacts.type(facts) == Attributes.DIRECTORY;
        if (!directory
                || DirentItem.check(page, position, length) != null
                || key.offset() >>> NameHash.DISAMBIGUATOR_BITS == 0) {
            return false;
        }
        byte[] name = DirentItem.name(page, position);
        if (!TreeFacts.isName(name) || !NameHash.sameHash(key.offset(), tree.hash.offset(name))) {
            return false;
        }
        facts.hasEntries = true;
        TreeFacts.Entry entry =
                new TreeFacts.Entry(
                        DirentItem.CHILD.get(page, position),
                        DirentItem.type(page, position),
                        key.offset());
        return tree.entriesOf(key.inode()).putIfAbsent(TreeFacts.text(name), entry) == null;
    }

    private boolean xattr(Key key, byte[] page, int position, int length) {
        if (XattrItem.check(page, position, length) != null) {
            tree.lostXattrs.add(key.inode());
            return false;
        }
        int piece = XattrItem.PIECE.get(page, position);
        long total = XattrItem.VALUE_BYTES.getUnsigned(page, position);
        boolean goesOn =
                piece == xattrKeys.size()
                        && piece > 0
                        && key.inode() == xattrInode
                        && key.offset() - piece == xattrHead
                        && total == xattrTotal;
        if (!goesOn) {
            finishXattr();
            boolean head =
                    piece == 0
                            && NameHash.sameHash(
                                    key.offset(), tree.hash.offset(XattrItem.name(page, position)));
            if (!head) {
                tree.lostXattrs.add(key.inode());
                return false;
            }
            xattrInode = key.inode();
            xattrHead = key.offset();
            xattrTotal = total;
        }
        xattrKeys.add(key);
        xattrFound += length - XattrItem.valueOffset(page, position);
        return true;
    }

    /// Gives up the attribute that was being read when it is not whole.
    private void finishXattr() {
        if (xattrFound != xattrTotal) {
            xattrKeys.forEach(key -> tree.edits.put(key, TreeFacts.REMOVE));
            tree.lostXattrs.add(xattrInode);
        }
        xattrKeys = new ArrayList<>();
        xattrInode = 0;
        xattrTotal = 0;
        xattrFound = 0;
    }

    private boolean content(Key key, FileFacts facts, byte[] page, int position, int length) {
        boolean mayHold =
                !facts.present
                        || TreeFacts.type(facts) == Attributes.REGULAR
                        || TreeFacts.type(facts) == Attributes.SYMLINK;
        long start = key.offset() >>> Blocks.SHIFT;
        if (!mayHold
                || ContentItem.check(page, position, length) != null
                || (key.offset() & (Blocks.SIZE - 1)) != 0
                || start + ContentItem.blockCount(page, position) > MAX_FILE_BLOCKS) {
            tree.loseContent(key.inode(), key.offset(), 0);
            return false;
        }
        int blocks = ContentItem.blockCount(page, position);
        if (key.inode() == contentInode && start < contentEndBlock) {
            tree.loseContent(key.inode(), key.offset(), Blocks.toBytes(blocks));
            return false;
        }
        contentInode = key.inode();
        contentEndBlock = start + blocks;
        int encoding = ContentItem.ENCODING.get(page, position);
        if (encoding == ContentItem.INLINE) {
            inline(key, facts, page, position);
            int bytes = ContentItem.LENGTH.get(page, position);
            long target = facts.present ? facts.size : bytes;
            facts.hasTarget |=
                    start == 0
                            && target <= bytes
                            && SymlinkTarget.check(
                                            page, position + ContentItem.LAYOUT.sizeBytes(), target)
                                    == null;
            return true;
        }
        boolean[] good = verdict.of(page, position);
        if (ContentItem.isCompressed(page, position)) {
            compressed(key, facts, Arrays.copyOfRange(page, position, position + length), good);
            return true;
        }
        // a long target has a block of its own, which its reader looks at
        facts.hasTarget |= start == 0 && good[0] && encoding == ContentItem.PLAIN;
        long birth = ContentItem.BIRTH_TXG.get(page, position);
        boolean allGood = birth <= tree.txg;
        for (boolean each : good) {
            allGood &= each;
        }
        if (!allGood) {
            tree.edits.put(key, TreeFacts.REMOVE);
        }
        int from = -1;
        for (int i = 0; i <= blocks; i++) {
            boolean here = i < blocks && good[i];
            if (here && from < 0) {
                from = i;
            } else if (!here && from >= 0) {
                extent(key, facts, page, position, from, i, allGood);
                from = -1;
            }
            if (i < blocks && !here) {
                tree.loseContent(key.inode(), key.offset() + Blocks.toBytes(i), Blocks.SIZE);
            }
        }
        return true;
    }

    private void inline(Key key, FileFacts facts, byte[] page, int position) {
        int bytes = ContentItem.LENGTH.get(page, position);
        facts.hasContent = true;
        facts.foundSectors += (bytes + 511) / 512;
        facts.contentEnd = Math.max(facts.contentEnd, key.offset() + bytes);
        int from = position + ContentItem.LAYOUT.sizeBytes();
        for (int i = (int) Math.max(0, Math.min(bytes, facts.size - key.offset()));
                i < bytes;
                i++) {
            if (page[from + i] != 0) {
                facts.sizeNeeded = Math.max(facts.sizeNeeded, key.offset() + i + 1);
            }
        }
        if (Blocks.fromBytes(facts.size) <= key.offset() >>> Blocks.SHIFT) {
            facts.sizeNeeded = Math.max(facts.sizeNeeded, key.offset() + bytes);
        }
    }

    /// Keeps the good blocks `from` to `to` of an extent.
    private void extent(
            Key key, FileFacts facts, byte[] page, int position, int from, int to, boolean whole) {
        boolean plain = ContentItem.ENCODING.get(page, position) == ContentItem.PLAIN;
        long address = ContentItem.ADDRESS.get(page, position);
        if (!whole) {
            byte[] item =
                    ContentItem.extent(
                            plain ? ContentItem.PLAIN : ContentItem.UNWRITTEN,
                            address + from,
                            to - from,
                            Math.min(tree.txg, ContentItem.BIRTH_TXG.get(page, position)));
            for (int i = from; plain && i < to; i++) {
                ContentItem.setCrc(item, 0, i - from, ContentItem.crc(page, position, i));
            }
            tree.edits.put(
                    new Key(key.inode(), key.kind(), key.offset() + Blocks.toBytes(from)), item);
        }
        facts.hasContent = true;
        facts.foundSectors += 8L * (to - from);
        if (!plain) {
            return;
        }
        written(
                facts,
                key.offset() + Blocks.toBytes(to),
                used -> verdict.isZeroFrom(address + to - 1, used));
    }

    /// Keeps what an item stands for of a compressed extent, all of it or nothing.
    private void compressed(Key key, FileFacts facts, byte[] item, boolean[] good) {
        long lengthBytes = Blocks.toBytes(ContentItem.LENGTH.get(item, 0));
        for (boolean each : good) {
            if (!each) {
                tree.edits.put(key, TreeFacts.REMOVE);
                tree.loseContent(key.inode(), key.offset(), lengthBytes);
                return;
            }
        }
        if (ContentItem.BIRTH_TXG.get(item, 0) > tree.txg) {
            ContentItem.BIRTH_TXG.set(item, 0, tree.txg);
            tree.edits.put(key, item);
        }
        facts.hasContent = true;
        facts.foundSectors += 8L * ContentItem.chargedBlocks(item, 0);
        written(facts, key.offset() + lengthBytes, from -> verdict.isZeroFrom(item, 0, from));
    }

    /// Takes account of written content up to a block's end.
    ///
    /// @param isZeroFrom whether the block's bytes from one on are zero
    private static void written(FileFacts facts, long end, IntPredicate isZeroFrom) {
        facts.contentEnd = Math.max(facts.contentEnd, end);
        if (!facts.present) {
            return;
        }
        boolean behind = end >>> Blocks.SHIFT > Blocks.fromBytes(facts.size);
        if (behind
                || (end > facts.size && !isZeroFrom.test((int) (facts.size & (Blocks.SIZE - 1))))) {
            facts.sizeNeeded = Math.max(facts.sizeNeeded, end);
        }
    }
}
