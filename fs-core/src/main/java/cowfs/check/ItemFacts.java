package cowfs.check;

import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.XattrItem;

/// What a valid item of a file tree says for the rules of {@link Balance}.
final class ItemFacts {
    private ItemFacts() {}

    /// One thing that an item says: so many of what `a`, `b` and `c` name.
    ///
    /// @param rule what it counts for
    /// @param statement whether an inode, a ref or the head of an attribute states a number, as a
    ///   negative amount; what it is about brings positive ones
    record Fact(Balance rule, long a, long b, long c, long amount, boolean statement) {
        /// The hash that the amount counts under.
        long weight() {
            return rule.hash(a, b, c);
        }

        /// What must come out even by itself: a name, an inode or an attribute.
        long subject() {
            return switch (rule) {
                case NAMES -> weight();
                case XATTRS -> rule.hash(a, b, 0);
                default -> rule.hash(a, 0, 0);
            };
        }
    }

    /// Takes facts.
    @FunctionalInterface
    interface FactSink {
        void fact(Fact fact);
    }

    static void of(Key key, byte[] page, int position, int lengthBytes, FactSink sink) {
        int kind = key.kind();
        if (kind == ItemKind.INODE.number()) {
            inode(key.inode(), page, position, sink);
        } else if (kind == ItemKind.ORPHAN.number()) {
            sink.fact(new Fact(Balance.ORPHANS, key.offset(), 0, 0, 1, false));
        } else if (kind == ItemKind.INODE_REF.number()) {
            long parent = InodeRefItem.PARENT.get(page, position);
            long name = Balance.hash(InodeRefItem.name(page, position));
            sink.fact(new Fact(Balance.NAMES, parent, name, key.inode(), -1, true));
        } else if (kind == ItemKind.DIRENT.number()) {
            dirent(key.inode(), page, position, sink);
        } else if (kind == ItemKind.XATTR.number()) {
            xattr(key, page, position, lengthBytes, sink);
        } else if (kind == ItemKind.CONTENT.number()) {
            sink.fact(new Fact(Balance.SECTORS, key.inode(), 0, 0, sectors(page, position), false));
        }
    }

    private static void inode(long inode, byte[] page, int position, FactSink sink) {
        int type = InodeItem.MODE.get(page, position) & Attributes.TYPE_MASK;
        long links = InodeItem.LINK_COUNT.get(page, position);
        long names = links;
        if (type == Attributes.DIRECTORY) {
            names = links == 0 || inode == Volume.ROOT_INODE ? 0 : 1;
            long entries = InodeItem.SIZE_BYTES.get(page, position);
            long below = Math.max(0, links - 2);
            sink.fact(new Fact(Balance.SUBDIRECTORIES, inode, 0, 0, -below, true));
            sink.fact(new Fact(Balance.ENTRIES, inode, 0, 0, -entries, true));
        }
        sink.fact(new Fact(Balance.LINKS, inode, type, 0, -names, true));
        if (links == 0) {
            sink.fact(new Fact(Balance.ORPHANS, inode, 0, 0, -1, true));
        }
        long sectors = InodeItem.SECTORS.get(page, position);
        sink.fact(new Fact(Balance.SECTORS, inode, 0, 0, -sectors, true));
    }

    private static void dirent(long directory, byte[] page, int position, FactSink sink) {
        long child = DirentItem.CHILD.get(page, position);
        int type = DirentItem.type(page, position);
        long name = Balance.hash(DirentItem.name(page, position));
        sink.fact(new Fact(Balance.NAMES, directory, name, child, 1, false));
        sink.fact(new Fact(Balance.LINKS, child, type, 0, 1, false));
        sink.fact(new Fact(Balance.ENTRIES, directory, 0, 0, 1, false));
        if (type == Attributes.DIRECTORY) {
            sink.fact(new Fact(Balance.SUBDIRECTORIES, directory, 0, 0, 1, false));
        }
    }

    private static void xattr(Key key, byte[] page, int position, int lengthBytes, FactSink sink) {
        int piece = XattrItem.PIECE.get(page, position);
        long head = key.offset() - piece;
        long total = XattrItem.VALUE_BYTES.getUnsigned(page, position);
        long here = (long) lengthBytes - XattrItem.valueOffset(page, position);
        sink.fact(new Fact(Balance.XATTRS, key.inode(), head, total, here, false));
        if (piece == 0) {
            sink.fact(new Fact(Balance.XATTRS, key.inode(), head, total, -total, true));
        }
    }

    /// The space that a content item stands for, in units of 512 bytes.
    private static long sectors(byte[] page, int position) {
        return ContentItem.namesBlocks(page, position)
                ? 8L * ContentItem.chargedBlocks(page, position)
                : (ContentItem.LENGTH.get(page, position) + 511L) / 512;
    }
}
