package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.ItemKind;
import cowfs.format.XattrItem;
import java.io.IOException;

/// The extended attributes of one inode, each put together from its pieces. A value of which a
/// piece is missing is damage. Stateless.
final class XattrReader {
    private static final int XATTR = ItemKind.XATTR.number();

    private XattrReader() {}

    /// Takes attributes, in the order of their keys.
    @FunctionalInterface
    interface Sink {
        /// @param offset of the key of the first piece
        void xattr(long offset, byte[] name, byte[] value) throws IOException;
    }

    static void read(BTree items, long inode, Sink sink) throws IOException {
        Cursor c = items.cursor();
        boolean more = c.seek(inode, XATTR, 0);
        while (more && isOf(c, inode)) {
            check(items, c, 0);
            long head = c.offset();
            byte[] name = XattrItem.name(c.page(), c.position());
            byte[] value =
                    new byte[(int) XattrItem.VALUE_BYTES.getUnsigned(c.page(), c.position())];
            int done = copy(items, c, value, 0);
            for (int piece = 1; done < value.length; piece++) {
                if (!c.next() || !isOf(c, inode) || c.offset() != head + piece) {
                    throw damage(
                            items,
                            inode,
                            head + piece,
                            "piece " + piece + " of a value is missing");
                }
                check(items, c, piece);
                done = copy(items, c, value, done);
            }
            sink.xattr(head, name, value);
            more = c.next();
        }
    }

    private static boolean isOf(Cursor c, long inode) {
        return c.inode() == inode && c.kind() == XATTR;
    }

    private static void check(BTree items, Cursor c, int piece) throws CorruptException {
        ItemCheck.require(
                "xattr item",
                XattrItem.check(c.page(), c.position(), c.lengthBytes()),
                items.owner(),
                c.inode(),
                c.offset());
        int has = XattrItem.PIECE.get(c.page(), c.position());
        if (has != piece) {
            throw damage(
                    items,
                    c.inode(),
                    c.offset(),
                    "piece of a value, has " + has + " want " + piece);
        }
    }

    private static int copy(BTree items, Cursor c, byte[] value, int done) throws CorruptException {
        int skip = XattrItem.valueOffset(c.page(), c.position());
        int count = c.lengthBytes() - skip;
        if (count > value.length - done) {
            throw damage(
                    items, c.inode(), c.offset(), "a value is longer than its " + value.length);
        }
        System.arraycopy(c.page(), c.position() + skip, value, done, count);
        return done + count;
    }

    private static CorruptException damage(BTree items, long inode, long offset, String reason) {
        return new CorruptException(
                "xattr item", ItemCheck.where(items.owner(), inode, offset), reason);
    }
}
