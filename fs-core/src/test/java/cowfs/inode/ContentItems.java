package cowfs.inode;

import cowfs.btree.Cursor;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Shows how the content of a file lies in its tree, for tests that care.
final class ContentItems {
    private ContentItems() {}

    /// One word for each item, such as `plain 0+8`, `unwritten 8+2` or `inline 10:100`.
    static List<String> of(FileTree tree, long inode) throws IOException {
        return tree.read(
                items -> {
                    List<String> shown = new ArrayList<>();
                    Cursor c = items.cursor();
                    for (boolean more = c.seek(inode, ItemKind.CONTENT.number(), 0);
                            more && c.inode() == inode && c.kind() == ItemKind.CONTENT.number();
                            more = c.next()) {
                        ContentItem.validate(c.page(), c.position(), c.lengthBytes());
                        shown.add(show(c));
                    }
                    return shown;
                });
    }

    /// The address of the extent that covers a block of a file.
    static long address(FileTree tree, long inode, long block) throws IOException {
        return tree.read(
                items -> {
                    Cursor c = items.cursor();
                    long offset = Blocks.toBytes(block);
                    if (!c.seekFloor(inode, ItemKind.CONTENT.number(), offset)) {
                        throw new AssertionError("no extent at block " + block);
                    }
                    long first = c.offset() >>> Blocks.SHIFT;
                    return ContentItem.ADDRESS.get(c.page(), c.position()) + block - first;
                });
    }

    private static String show(Cursor c) {
        long block = c.offset() >>> Blocks.SHIFT;
        int length = ContentItem.LENGTH.get(c.page(), c.position());
        return switch (ContentItem.ENCODING.get(c.page(), c.position())) {
            case ContentItem.INLINE -> "inline " + block + ":" + length;
            case ContentItem.PLAIN -> "plain " + block + "+" + length;
            default -> "unwritten " + block + "+" + length;
        };
    }
}
