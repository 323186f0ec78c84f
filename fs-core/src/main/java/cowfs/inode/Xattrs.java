package cowfs.inode;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.XattrItem;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The extended attributes of the inodes of one tree. Thread safe; each operation is one tree
/// section.
///
/// A value that does not fit one item lies in pieces, one behind the other in the key space. Names
/// beginning with `system.` are refused, but for access control lists (see {@link AccessLists}).
public final class Xattrs {
    private static final int XATTR = ItemKind.XATTR.number();
    private static final byte[] NO_NAME = new byte[0];
    private static final byte[] SYSTEM = "system.".getBytes(UTF_8);

    private final FileTree tree;
    private final Inodes inodes;
    private final NameHash hash;

    public Xattrs(FileTree tree, Inodes inodes, NameHash hash) {
        this.tree = tree;
        this.inodes = inodes;
        this.hash = hash;
    }

    /// The value of an attribute.
    ///
    /// @throws RequestException `NO_ATTRIBUTE`, `UNSUPPORTED`
    public byte[] get(long inode, byte[] name) throws IOException {
        requireName(name);
        return tree.read(
                items -> {
                    Cursor c = items.cursor();
                    if (!find(c, inode, name)) {
                        inodes.getAttributes(items, inode);
                        throw absent(inode, name);
                    }
                    return value(c, inode);
                });
    }

    /// The names of all attributes, in no particular order.
    public List<byte[]> list(long inode) throws IOException {
        return tree.read(
                items -> {
                    inodes.getAttributes(items, inode);
                    List<byte[]> names = new ArrayList<>();
                    Cursor c = items.cursor();
                    for (boolean more = c.seek(inode, XATTR, 0);
                            more && isOf(c, inode);
                            more = c.next()) {
                        checkItem(c);
                        if (XattrItem.PIECE.get(c.page(), c.position()) == 0) {
                            names.add(XattrItem.name(c.page(), c.position()));
                        }
                    }
                    return names;
                });
    }

    /// Sets an attribute.
    ///
    /// @throws RequestException `EXISTS`, `NO_ATTRIBUTE`, `ATTRIBUTE_TOO_LARGE`, `UNSUPPORTED`
    public void set(long inode, byte[] name, byte[] value, XattrMode mode) throws IOException {
        requireName(name);
        if (value.length > Volume.MAX_XATTR_BYTES) {
            throw new RequestException(
                    ErrorKind.ATTRIBUTE_TOO_LARGE,
                    "an attribute value has at most " + Volume.MAX_XATTR_BYTES + " bytes");
        }
        int itemCount =
                tree.read(
                        items ->
                                oldPieces(items, inode, name)
                                        + cut(name, value, items.maxValueBytes()).size()
                                        + 1);
        Timestamp now = inodes.now();
        tree.change(
                itemCount,
                change -> {
                    Inode target = inodes.get(change.tree(), inode);
                    target.requireChangeable();
                    requireMode(change.tree(), inode, name, mode);
                    put(change, inode, name, value);
                    target.changed(now);
                    target.put(change);
                    return target;
                });
    }

    /// Refuses what the mode does not allow.
    ///
    /// @throws RequestException `EXISTS`, `NO_ATTRIBUTE`
    void requireMode(BTree items, long inode, byte[] name, XattrMode mode) throws IOException {
        boolean exists = mode != XattrMode.CREATE_OR_REPLACE && find(items.cursor(), inode, name);
        if (exists && mode == XattrMode.CREATE) {
            throw new RequestException(
                    ErrorKind.EXISTS, "attribute " + text(name) + " exists already");
        }
        if (!exists && mode == XattrMode.REPLACE) {
            throw absent(inode, name);
        }
    }

    /// The value of an attribute, or null.
    byte @Nullable [] lookup(BTree items, long inode, byte[] name) throws IOException {
        Cursor c = items.cursor();
        return find(c, inode, name) ? value(c, inode) : null;
    }

    /// Makes or replaces an attribute: one item change for each piece of the old and the new value.
    public void put(Change change, long inode, byte[] name, byte[] value) throws IOException {
        BTree items = change.tree();
        Cursor c = items.cursor();
        boolean exists = find(c, inode, name);
        long old = exists ? c.offset() : 0;
        int oldPieces = exists ? pieceCount(c, inode) : 0;
        List<byte[]> pieces = cut(name, value, items.maxValueBytes());
        long place =
                pieces.size() <= oldPieces
                        ? old
                        : freePlace(items, inode, name, pieces.size(), old, oldPieces);
        remove(items, inode, old, oldPieces);
        for (int i = 0; i < pieces.size(); i++) {
            items.put(inode, XATTR, place + i, pieces.get(i));
        }
    }

    /// Removes an attribute.
    ///
    /// @throws RequestException `NO_ATTRIBUTE`, `UNSUPPORTED`
    public void remove(long inode, byte[] name) throws IOException {
        requireName(name);
        Timestamp now = inodes.now();
        int itemCount = tree.read(items -> oldPieces(items, inode, name) + 1);
        tree.changeFreeing(
                itemCount,
                change -> {
                    BTree items = change.tree();
                    Inode target = inodes.get(items, inode);
                    target.requireChangeable();
                    Cursor c = items.cursor();
                    if (!find(c, inode, name)) {
                        throw absent(inode, name);
                    }
                    long place = c.offset();
                    remove(items, inode, place, pieceCount(c, inode));
                    target.changed(now);
                    target.put(change);
                    return target;
                });
    }

    /// Removes an attribute if there is one: one item change for each of its pieces.
    void removeIfPresent(Change change, long inode, byte[] name) throws IOException {
        Cursor c = change.tree().cursor();
        if (find(c, inode, name)) {
            long place = c.offset();
            remove(change.tree(), inode, place, pieceCount(c, inode));
        }
    }

    private static void remove(BTree items, long inode, long place, int pieceCount)
            throws IOException {
        for (int i = 0; i < pieceCount; i++) {
            items.remove(inode, XATTR, place + i);
        }
    }

    /// Cuts name and value into items.
    private static List<byte[]> cut(byte[] name, byte[] value, int maxItemBytes) {
        List<byte[]> pieces = new ArrayList<>();
        int room = maxItemBytes - XattrItem.LAYOUT.sizeBytes();
        int count = Math.min(room - name.length, value.length);
        pieces.add(XattrItem.of(name, 0, value, 0, count));
        for (int at = count; at < value.length; at += count) {
            count = Math.min(room, value.length - at);
            pieces.add(XattrItem.of(NO_NAME, pieces.size(), value, at, count));
        }
        return pieces;
    }

    /// The first place with `wanted` free offsets in a row, the attribute's own old ones counted as
    /// free.
    private long freePlace(
            BTree items, long inode, byte[] name, int wanted, long old, int oldPieces)
            throws IOException {
        long first = hash.offset(name);
        long place = first;
        Cursor c = items.cursor();
        for (boolean more = c.seek(inode, XATTR, first);
                more && isOf(c, inode) && NameHash.sameHash(c.offset(), first);
                more = c.next()) {
            if (c.offset() >= old && c.offset() < old + oldPieces) {
                continue;
            }
            if (c.offset() - place >= wanted) {
                break;
            }
            place = c.offset() + 1;
        }
        if (place + wanted - 1 > first + NameHash.MAX_DISAMBIGUATOR) {
            throw new RequestException(
                    ErrorKind.NO_SPACE, "too many attributes of equal hash on inode " + inode);
        }
        return place;
    }

    private boolean find(Cursor c, long inode, byte[] name) throws IOException {
        long first = hash.offset(name);
        for (boolean more = c.seek(inode, XATTR, first);
                more && isOf(c, inode) && NameHash.sameHash(c.offset(), first);
                more = c.next()) {
            checkItem(c);
            if (XattrItem.isHeadOf(c.page(), c.position(), name)) {
                return true;
            }
        }
        return false;
    }

    /// How many items an attribute has now.
    private int oldPieces(BTree items, long inode, byte[] name) throws IOException {
        Cursor c = items.cursor();
        return find(c, inode, name) ? pieceCount(c, inode) : 0;
    }

    /// How many items the attribute has at whose head the cursor is.
    private int pieceCount(Cursor c, long inode) throws IOException {
        int total = (int) XattrItem.VALUE_BYTES.getUnsigned(c.page(), c.position());
        int count = 1;
        int done = pieceBytes(c);
        for (; done < total; done += pieceBytes(c), count++) {
            requireNext(c, inode, count);
        }
        return count;
    }

    /// The whole value of the attribute at whose head the cursor is.
    private byte[] value(Cursor c, long inode) throws IOException {
        byte[] value = new byte[(int) XattrItem.VALUE_BYTES.getUnsigned(c.page(), c.position())];
        int done = 0;
        for (int piece = 1; ; piece++) {
            int count = Math.min(pieceBytes(c), value.length - done);
            int from = c.position() + XattrItem.valueOffset(c.page(), c.position());
            System.arraycopy(c.page(), from, value, done, count);
            done += count;
            if (done == value.length) {
                return value;
            }
            requireNext(c, inode, piece);
        }
    }

    private void requireNext(Cursor c, long inode, int piece) throws IOException {
        long offset = c.offset() + 1;
        boolean there = c.next() && isOf(c, inode) && c.offset() == offset;
        if (there) {
            checkItem(c);
        }
        if (!there || XattrItem.PIECE.get(c.page(), c.position()) != piece) {
            throw new CorruptException(
                    "xattr item",
                    where(inode, offset),
                    "piece " + piece + " of a value is missing");
        }
    }

    private static int pieceBytes(Cursor c) {
        return c.lengthBytes() - XattrItem.valueOffset(c.page(), c.position());
    }

    private static boolean isOf(Cursor c, long inode) {
        return c.inode() == inode && c.kind() == XATTR;
    }

    private void checkItem(Cursor c) throws CorruptException {
        String damage = XattrItem.check(c.page(), c.position(), c.lengthBytes());
        if (damage != null) {
            throw new CorruptException("xattr item", where(c.inode(), c.offset()), damage);
        }
    }

    private String where(long inode, long offset) {
        return "tree=" + tree.id() + " inode=" + inode + " offset=" + offset;
    }

    /// How many items an attribute takes.
    public static int itemCount(BTree items, byte[] name, byte[] value) {
        return cut(name, value, items.maxValueBytes()).size();
    }

    /// Refuses what can't be the name of an attribute.
    ///
    /// @throws RequestException `NAME_TOO_LONG`, `INVALID`, `UNSUPPORTED`
    public static void requireName(byte[] name) throws RequestException {
        if (name.length > Volume.MAX_NAME_BYTES) {
            throw new RequestException(
                    ErrorKind.NAME_TOO_LONG,
                    "an attribute name has at most " + Volume.MAX_NAME_BYTES + " bytes");
        }
        if (name.length == 0) {
            throw new RequestException(ErrorKind.INVALID, "an attribute name must not be empty");
        }
        for (byte each : name) {
            if (each == 0) {
                throw new RequestException(
                        ErrorKind.INVALID, "an attribute name must not contain NUL");
            }
        }
        if (!AccessLists.isAccessList(name)
                && name.length >= SYSTEM.length
                && Arrays.equals(name, 0, SYSTEM.length, SYSTEM, 0, SYSTEM.length)) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED, "attributes like " + text(name) + " are not supported");
        }
    }

    private static RequestException absent(long inode, byte[] name) {
        return new RequestException(
                ErrorKind.NO_ATTRIBUTE, "inode " + inode + " has no attribute " + text(name));
    }

    private static String text(byte[] name) {
        return new String(name, UTF_8);
    }
}
