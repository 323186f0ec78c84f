package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.SymlinkTarget;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The inode whose records are being applied: what it was before them, and what it will be.
///
/// A file that gets shorter keeps its old length until its content has come: before that, bytes
/// could lie behind its end. Not thread safe.
final class ReceivedInode {
    private final long number;
    private byte @Nullable [] before;
    private byte @Nullable [] described;
    private @Nullable LongConsumer finalSize;
    private boolean contentSeen;
    private boolean tailSeen;

    private ReceivedInode(long number, byte @Nullable [] before) {
        this.number = number;
        this.before = before;
    }

    /// What the tree has of an inode that no step is waiting for.
    static ReceivedInode read(FileTree tree, long number) throws IOException {
        return new ReceivedInode(number, tree.read(items -> lookupItem(items, number)));
    }

    /// A copy of an inode item; null when there is none.
    static byte @Nullable [] lookupItem(BTree items, long number) throws IOException {
        Cursor c = items.cursor();
        if (!items.find(c, number, ItemKind.INODE.number(), 0)) {
            return null;
        }
        ItemCheck.require(
                "inode item",
                InodeItem.check(c.page(), c.position(), c.lengthBytes()),
                items.owner(),
                number,
                0);
        return c.value();
    }

    static byte[] getItem(BTree items, long number) throws IOException {
        byte[] item = lookupItem(items, number);
        if (item == null) {
            throw RecordReader.damaged(
                    "it has records for inode " + number + ", which is not there");
        }
        return item;
    }

    long number() {
        return number;
    }

    boolean exists() {
        return before != null || described != null;
    }

    /// Takes the attributes of the stream, after checking them.
    ///
    /// @throws RequestException `INVALID`
    void describe(byte[] item) throws RequestException {
        String damage = InodeItem.check(item, 0, item.length);
        int type = InodeItem.MODE.get(item, 0) & Attributes.TYPE_MASK;
        long links = InodeItem.LINK_COUNT.getUnsigned(item, 0);
        long size = InodeItem.SIZE_BYTES.get(item, 0);
        byte[] old = before;
        if (damage == null && links < (type == Attributes.DIRECTORY ? 2 : 1)) {
            damage = "its link count is " + links;
        }
        if (damage == null && number == Volume.ROOT_INODE && type != Attributes.DIRECTORY) {
            damage = "the root is no directory";
        }
        if (damage == null && old != null && type != typeOf(old)) {
            damage = "it changes its type";
        }
        boolean device = type == Attributes.CHARACTER_DEVICE || type == Attributes.BLOCK_DEVICE;
        boolean sized =
                type == Attributes.REGULAR
                        || type == Attributes.DIRECTORY
                        || type == Attributes.SYMLINK;
        if (damage == null && ((!sized && size != 0) || (!device && hasDevice(item)))) {
            damage = "its size or device does not fit its type";
        }
        if (damage == null
                && type == Attributes.SYMLINK
                && (size < 1
                        || size > SymlinkTarget.MAX_BYTES
                        || (old != null && size != InodeItem.SIZE_BYTES.get(old, 0)))) {
            damage = "the length of its target is " + size;
        }
        if (damage != null) {
            throw RecordReader.damaged("inode " + number + " is not valid: " + damage);
        }
        described = item;
    }

    private static boolean hasDevice(byte[] item) {
        return InodeItem.DEVICE.get(item, 0) != 0;
    }

    private static int typeOf(byte[] item) {
        return InodeItem.MODE.get(item, 0) & Attributes.TYPE_MASK;
    }

    /// The item to put first: with the space and the generation that this image keeps, and with the
    /// longer one of two lengths.
    byte[] provisional(byte @Nullable [] old, long txg) {
        byte[] now = described().clone();
        InodeItem.GENERATION.set(now, 0, old == null ? txg : InodeItem.GENERATION.get(old, 0));
        if (old != null) {
            InodeItem.SECTORS.set(now, 0, InodeItem.SECTORS.get(old, 0));
            if (isRegular()) {
                InodeItem.SIZE_BYTES.set(
                        now,
                        0,
                        Math.max(
                                InodeItem.SIZE_BYTES.get(old, 0),
                                InodeItem.SIZE_BYTES.get(now, 0)));
            }
        }
        return now;
    }

    /// Who sets the length when the content is there.
    void onFinalSize(LongConsumer setter) {
        finalSize = setter;
    }

    /// Whether the length is still to be set, because it falls.
    boolean getsShorter() {
        byte[] old = before;
        return old != null
                && described != null
                && isRegular()
                && InodeItem.SIZE_BYTES.get(old, 0) > sizeBytes();
    }

    void setFinalSize() {
        LongConsumer setter = finalSize;
        if (setter != null) {
            setter.accept(sizeBytes());
        }
    }

    void remove() {
        before = null;
        described = null;
    }

    /// Whether it came with this stream.
    boolean isNew() {
        return before == null;
    }

    private byte[] described() {
        byte[] item = described != null ? described : before;
        if (item == null) {
            throw new IllegalStateException("inode " + number + " is not there");
        }
        return item;
    }

    /// @throws RequestException `INVALID`
    void requireThere() throws RequestException {
        if (!exists()) {
            throw RecordReader.damaged(
                    "it has records for inode " + number + ", which is not there");
        }
    }

    /// @throws RequestException `INVALID`
    void requireType(int type, String what) throws RequestException {
        requireThere();
        if (typeOf(described()) != type) {
            throw RecordReader.damaged("inode " + number + " can't have " + what);
        }
    }

    boolean isDirectory() {
        return typeOf(described()) == Attributes.DIRECTORY;
    }

    boolean isRegular() {
        return typeOf(described()) == Attributes.REGULAR;
    }

    boolean isSymlink() {
        return typeOf(described()) == Attributes.SYMLINK;
    }

    /// The length that the file will have.
    long sizeBytes() {
        return InodeItem.SIZE_BYTES.get(described(), 0);
    }

    void markContent() {
        contentSeen = true;
    }

    boolean hasContent() {
        return contentSeen;
    }

    /// Notes that what lies behind the end in the last block has been seen, and is zero.
    void markTail() {
        tailSeen = true;
    }

    /// Whether what lies behind the end in the last block is known to be zero.
    boolean isTailSeen() {
        return tailSeen;
    }
}
