package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.file.Attributes;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.EntryName;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.NodePage;
import cowfs.format.OrphanItem;
import cowfs.format.ReceiveItem;
import cowfs.format.SymlinkTarget;
import cowfs.format.XattrItem;

/// Checks the items of a leaf of a file tree one by one and adds them up for the rules that tie
/// items together. Each leaf comes here once, however many trees share it. Not thread safe.
final class FileLeaf {
    /// Past the last block of the largest file.
    private static final long MAX_FILE_BLOCKS = (1L << 51) - 1;

    /// The lowest offset that the hash of a name leads to.
    private static final long FIRST_HASHED = 1L << NameHash.DISAMBIGUATOR_BITS;

    private final Findings findings;
    private final DataCheck data;
    private final NameHash hash;
    private final long txg;

    FileLeaf(Findings findings, DataCheck data, NameHash hash, long txg) {
        this.findings = findings;
        this.data = data;
        this.hash = hash;
        this.txg = txg;
    }

    /// Adds the items of a leaf to a summary that is empty so far.
    void check(long tree, CommittedNode leaf, FileSummary summary) {
        byte[] page = leaf.page();
        ItemFindings items = new ItemFindings(findings, tree);
        for (int slot = 0; slot < leaf.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            Key key = Key.at(page, at);
            Item item =
                    new Item(
                            key,
                            page,
                            NodePage.valuePosition(page, at),
                            NodePage.valueLength(page, at),
                            slot);
            if (key.inode() == 0) {
                orphan(item, summary, items);
            } else if (key.kind() == ItemKind.INODE.number() && key.offset() == 0) {
                inode(item, summary, items);
            } else {
                summary.item(key.inode(), key.kind(), items);
                part(tree, item, summary, items);
            }
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // names a place and is never compared
    private record Item(Key key, byte[] page, int position, int lengthBytes, int slot) {
        long inode() {
            return key.inode();
        }
    }

    private void part(long tree, Item item, FileSummary summary, ItemFindings items) {
        int kind = item.key.kind();
        if (kind == ItemKind.INODE_REF.number()) {
            ref(item, summary, items);
        } else if (kind == ItemKind.XATTR.number()) {
            xattr(item, summary, items);
        } else if (kind == ItemKind.DIRENT.number()) {
            dirent(item, summary, items);
        } else if (kind == ItemKind.CONTENT.number()) {
            content(tree, item, summary, items);
        } else {
            summary.spoil();
            items.item(
                    DamageCode.WRONG_KIND,
                    "leaf",
                    item.key,
                    "an item of kind " + ItemKind.nameOf(kind) + " has no place here");
        }
    }

    private void inode(Item item, FileSummary summary, ItemFindings items) {
        String damage = InodeItem.check(item.page, item.position, item.lengthBytes);
        if (damage != null) {
            bad("inode item", item, damage, summary, items);
            summary.damagedInode(item.inode());
            return;
        }
        long inode = item.inode();
        int type = InodeItem.MODE.get(item.page, item.position) & Attributes.TYPE_MASK;
        long links = InodeItem.LINK_COUNT.get(item.page, item.position);
        long size = InodeItem.SIZE_BYTES.get(item.page, item.position);
        summary.inode(inode, type, size);
        if (type == Attributes.DIRECTORY && links == 1) {
            items.inode(
                    DamageCode.WRONG_LINK_COUNT,
                    "inode item",
                    inode,
                    "a directory has link count 1");
        }
        if (type == Attributes.SYMLINK && (size < 1 || size > SymlinkTarget.MAX_BYTES)) {
            items.inode(
                    DamageCode.BAD_ITEM,
                    "inode item",
                    inode,
                    "length of a symlink's target is out of range, has " + size);
        }
        boolean sized =
                type == Attributes.REGULAR
                        || type == Attributes.DIRECTORY
                        || type == Attributes.SYMLINK;
        if (!sized && size != 0) {
            items.inode(
                    DamageCode.BAD_ITEM,
                    "inode item",
                    inode,
                    "it is a special file and has a size of " + size);
        }
        add(item, summary);
        long generation = InodeItem.GENERATION.get(item.page, item.position);
        if (generation < 0 || generation > txg) {
            items.inode(
                    DamageCode.WRONG_BIRTH,
                    "inode item",
                    inode,
                    "it was made in txg " + Long.toUnsignedString(generation) + ", now is " + txg);
        }
    }

    private void receive(Item item, FileSummary summary, ItemFindings items) {
        String damage = ReceiveItem.check(item.page, item.position, item.lengthBytes);
        if (damage != null) {
            bad("receive item", item, damage, summary, items);
        } else if (!ReceiveItem.isComplete(item.page, item.position)) {
            summary.markUnfinished();
        }
    }

    private void orphan(Item item, FileSummary summary, ItemFindings items) {
        if (item.key.kind() == ItemKind.RECEIVE.number() && item.key.offset() == 0) {
            receive(item, summary, items);
            return;
        }
        if (item.key.kind() != ItemKind.ORPHAN.number()) {
            summary.spoil();
            items.item(
                    DamageCode.WRONG_KIND,
                    "leaf",
                    item.key,
                    "an item of kind " + ItemKind.nameOf(item.key.kind()) + " under inode 0");
            return;
        }
        String damage = OrphanItem.check(item.page, item.position, item.lengthBytes);
        if (damage != null) {
            bad("orphan item", item, damage, summary, items);
            return;
        }
        add(item, summary);
    }

    private void ref(Item item, FileSummary summary, ItemFindings items) {
        String damage = InodeRefItem.check(item.page, item.position, item.lengthBytes);
        if (damage != null) {
            bad("inode ref item", item, damage, summary, items);
            return;
        }
        long parent = InodeRefItem.PARENT.get(item.page, item.position);
        byte[] name = InodeRefItem.name(item.page, item.position);
        requireName("inode ref item", name, item, items);
        if (!NameHash.sameHash(item.key.offset(), hash.offset(parent, name))) {
            items.item(
                    DamageCode.WRONG_NAME_HASH,
                    "inode ref item",
                    item.key,
                    "parent and name lead to offset " + hash.offset(parent, name));
        }
        add(item, summary);
        if (Long.compareUnsigned(parent, item.inode()) >= 0) {
            summary.addRisingRef();
        }
    }

    private void dirent(Item item, FileSummary summary, ItemFindings items) {
        String damage = DirentItem.check(item.page, item.position, item.lengthBytes);
        if (damage == null && Long.compareUnsigned(item.key.offset(), FIRST_HASHED) < 0) {
            damage = "key lies below 65536, where no hash leads";
        }
        if (damage != null) {
            bad("dirent item", item, damage, summary, items);
            return;
        }
        byte[] name = DirentItem.name(item.page, item.position);
        requireName("dirent item", name, item, items);
        if (!NameHash.sameHash(item.key.offset(), hash.offset(name))) {
            items.item(
                    DamageCode.WRONG_NAME_HASH,
                    "dirent item",
                    item.key,
                    "its name leads to offset " + hash.offset(name));
        }
        requireUnique(item, name, items);
        add(item, summary);
    }

    /// Looks for the same name among the entries of equal hash right before, in this leaf.
    private static void requireUnique(Item item, byte[] name, ItemFindings items) {
        for (int slot = item.slot - 1; slot >= 0; slot--) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            Key before = Key.at(item.page, at);
            boolean sameHash =
                    before.inode() == item.inode()
                            && before.kind() == item.key.kind()
                            && NameHash.sameHash(before.offset(), item.key.offset());
            int position = NodePage.valuePosition(item.page, at);
            if (!sameHash
                    || DirentItem.check(item.page, position, NodePage.valueLength(item.page, at))
                            != null) {
                return;
            }
            if (DirentItem.hasName(item.page, position, name)) {
                items.item(
                        DamageCode.BAD_NAME,
                        "dirent item",
                        item.key,
                        "the name exists already at offset " + before.offset());
                return;
            }
        }
    }

    private void xattr(Item item, FileSummary summary, ItemFindings items) {
        String damage = XattrItem.check(item.page, item.position, item.lengthBytes);
        if (damage != null) {
            bad("xattr item", item, damage, summary, items);
            return;
        }
        add(item, summary);
        if (XattrItem.PIECE.get(item.page, item.position) == 0) {
            byte[] name = XattrItem.name(item.page, item.position);
            if (!NameHash.sameHash(item.key.offset(), hash.offset(name))) {
                items.item(
                        DamageCode.WRONG_NAME_HASH,
                        "xattr item",
                        item.key,
                        "its name leads to offset " + hash.offset(name));
            }
        }
    }

    private void content(long tree, Item item, FileSummary summary, ItemFindings items) {
        String damage = ContentItem.check(item.page, item.position, item.lengthBytes);
        long start = item.key.offset() >>> Blocks.SHIFT;
        if (damage == null && (item.key.offset() & (Blocks.SIZE - 1)) != 0) {
            damage = "offset is no multiple of 4096";
        } else if (damage == null
                && start + ContentItem.blockCount(item.page, item.position) > MAX_FILE_BLOCKS) {
            damage = "it ends behind the largest file";
        }
        if (damage != null) {
            bad("content item", item, damage, summary, items);
            return;
        }
        int encoding = ContentItem.ENCODING.get(item.page, item.position);
        int blocks = ContentItem.blockCount(item.page, item.position);
        long end = start + blocks;
        summary.content(start, end, encoding == ContentItem.UNWRITTEN ? 0 : end, items);
        if (encoding == ContentItem.INLINE) {
            requireZeroTail(item, summary.knownSizeBytes(), items);
            requireTarget(item, summary, items);
        } else {
            summary.addReferencedBlocks(ContentItem.chargedBlocks(item.page, item.position));
            requireBirth(item, items);
            if (!data.extent(tree, item.key, item.page, item.position, summary.knownSizeBytes())) {
                summary.spoil();
            }
        }
        add(item, summary);
    }

    private static void add(Item item, FileSummary summary) {
        ItemFacts.of(item.key, item.page, item.position, item.lengthBytes, summary::add);
    }

    private void requireBirth(Item item, ItemFindings items) {
        long birth = ContentItem.BIRTH_TXG.get(item.page, item.position);
        if (birth > txg) {
            items.item(
                    DamageCode.WRONG_BIRTH,
                    "content item",
                    item.key,
                    "its birth is txg " + birth + ", now is " + txg);
        }
    }

    private static void requireZeroTail(Item item, long sizeBytes, ItemFindings items) {
        int length = ContentItem.LENGTH.get(item.page, item.position);
        if (sizeBytes < 0 || sizeBytes - item.key.offset() >= length) {
            return;
        }
        int from = item.position + ContentItem.LAYOUT.sizeBytes();
        for (int i = (int) Math.max(0, sizeBytes - item.key.offset()); i < length; i++) {
            if (item.page[from + i] != 0) {
                items.item(
                        DamageCode.CONTENT_BEYOND_END,
                        "content item",
                        item.key,
                        "bytes behind the end of the file, at " + sizeBytes + ", are not zero");
                return;
            }
        }
    }

    private static void requireTarget(Item item, FileSummary summary, ItemFindings items) {
        if (!summary.isSymlink()) {
            return;
        }
        String problem =
                item.key.offset() != 0
                                || ContentItem.LENGTH.get(item.page, item.position)
                                        < summary.knownSizeBytes()
                        ? "its target is longer than the content"
                        : SymlinkTarget.check(
                                item.page,
                                item.position + ContentItem.LAYOUT.sizeBytes(),
                                summary.knownSizeBytes());
        if (problem != null) {
            items.item(DamageCode.BAD_ITEM, "symlink", item.key, problem);
        }
    }

    private static void requireName(String record, byte[] name, Item item, ItemFindings items) {
        String problem = EntryName.check(name, 0, name.length);
        if (problem != null) {
            items.item(DamageCode.BAD_NAME, record, item.key, "its name " + problem);
        }
    }

    private static void bad(
            String record, Item item, String damage, FileSummary summary, ItemFindings items) {
        summary.spoil();
        items.item(DamageCode.BAD_ITEM, record, item.key, damage);
    }
}
