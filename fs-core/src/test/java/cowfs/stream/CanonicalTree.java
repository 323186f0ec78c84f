package cowfs.stream;

import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.XattrItem;
import cowfs.inode.ExtentUnpacker;
import cowfs.subvol.Subvolume;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// All that a snapshot holds, as lines that are the same in every image that has the same files:
/// nothing of where items and blocks lie, nor of the transaction groups that wrote them. Inodes
/// without a name are left out. The space of a file depends on how it is compressed: a check of the
/// image holds that, not this.
final class CanonicalTree {
    private final Map<String, String> lines = new TreeMap<>();
    private final PoolStore store;
    private final Set<Long> nameless = new HashSet<>();

    private CanonicalTree(PoolStore store) {
        this.store = store;
    }

    static Map<String, String> of(PoolStore store, Subvolume snapshot) throws IOException {
        CanonicalTree tree = new CanonicalTree(store);
        try (StableTrees state = StableTrees.open(store, List.of(snapshot))) {
            Cursor c = state.tree(snapshot).cursor();
            StringBuilder xattr = new StringBuilder();
            for (boolean more = c.seek(1, 0, 0); more; more = c.next()) {
                tree.item(c, xattr);
            }
        }
        return tree.lines;
    }

    private void item(Cursor c, StringBuilder xattr) throws IOException {
        byte[] page = c.page();
        int at = c.position();
        String inode = String.format("%010d ", c.inode());
        if (c.kind() == ItemKind.INODE.number()) {
            if (InodeItem.LINK_COUNT.get(page, at) == 0) {
                nameless.add(c.inode());
                return;
            }
            byte[] item = c.value();
            InodeItem.GENERATION.set(item, 0, 0);
            InodeItem.SECTORS.set(item, 0, 0);
            lines.put(inode + "inode", HexFormat.of().formatHex(item));
        } else if (nameless.contains(c.inode())) {
            return;
        } else if (c.kind() == ItemKind.INODE_REF.number()) {
            String name = text(InodeRefItem.name(page, at));
            lines.put(inode + "ref " + InodeRefItem.PARENT.get(page, at) + " " + name, "");
        } else if (c.kind() == ItemKind.DIRENT.number()) {
            lines.put(
                    inode + "dirent " + text(DirentItem.name(page, at)),
                    DirentItem.CHILD.get(page, at) + " " + DirentItem.type(page, at));
        } else if (c.kind() == ItemKind.XATTR.number()) {
            if (XattrItem.PIECE.get(page, at) == 0) {
                xattr.setLength(0);
                xattr.append(inode + "xattr " + text(XattrItem.name(page, at)));
            }
            int skip = XattrItem.valueOffset(page, at);
            byte[] value = Arrays.copyOfRange(page, at + skip, at + c.lengthBytes());
            lines.merge(xattr.toString(), HexFormat.of().formatHex(value), String::concat);
        } else if (c.kind() == ItemKind.CONTENT.number()) {
            content(inode, c);
        } else {
            throw new AssertionError("an item of kind " + c.kind());
        }
    }

    private void content(String inode, Cursor c) throws IOException {
        byte[] page = c.page();
        int at = c.position();
        long block = c.offset() >>> Blocks.SHIFT;
        int count = ContentItem.blockCount(page, at);
        for (int i = 0; i < count; i++) {
            String value =
                    switch (ContentItem.ENCODING.get(page, at)) {
                        case ContentItem.INLINE -> "inline " + HexFormat.of().formatHex(c.value());
                        case ContentItem.PLAIN -> "data " + verified(page, at, i);
                        case ContentItem.UNWRITTEN -> "unwritten";
                        default -> "data " + uncompressed(c, i);
                    };
            lines.put(inode + String.format("content %012d", block + i), value);
        }
    }

    private String verified(byte[] page, int at, int block) throws IOException {
        byte[] bytes = new byte[Blocks.SIZE];
        store.data().read(ContentItem.ADDRESS.get(page, at) + block, ByteBuffer.wrap(bytes));
        int crc = Checksum.crc32c(bytes, 0, bytes.length);
        if (crc != ContentItem.crc(page, at, block)) {
            throw new CorruptException("data", "block " + block, "the checksum is wrong");
        }
        return text(crc, bytes);
    }

    private String uncompressed(Cursor c, int block) throws IOException {
        ByteBuffer whole = new ExtentUnpacker(store.data()).unpack(c.value(), "a test");
        byte[] bytes = new byte[Blocks.SIZE];
        int first = ContentItem.FIRST_BLOCK.get(c.page(), c.position());
        whole.get((first + block) * Blocks.SIZE, bytes);
        return text(Checksum.crc32c(bytes, 0, bytes.length), bytes);
    }

    private static String text(int crc, byte[] bytes) {
        return Integer.toHexString(crc) + " " + Integer.toHexString(Arrays.hashCode(bytes));
    }

    private static String text(byte[] name) {
        return HexFormat.of().formatHex(name);
    }
}
