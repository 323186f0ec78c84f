package cowfs.stream;

import cowfs.format.ItemKind;
import org.jspecify.annotations.Nullable;

/// The kinds of records in a send stream. Numbers are permanent and never reused.
///
/// A record that changes an inode names the kind of items that it is about: records come in the
/// order of (inode, that kind, offset), which is the key order of the sending tree. That order is
/// what a resumed stream goes on from.
public enum RecordKind {
    HEADER(1, null, "the first record of a stream"),
    SNAPSHOT(2, null, "a snapshot begins, with what it is based on"),
    INODE(3, ItemKind.INODE, "attributes of an inode that is new or has changed"),
    REMOVE_INODE(4, ItemKind.INODE, "an inode is gone with all that belongs to it"),
    REF(5, ItemKind.INODE_REF, "a name of the inode: parent and name"),
    REMOVE_REF(6, ItemKind.INODE_REF, "a name of the inode is gone"),
    CLEAR_XATTRS(7, ItemKind.XATTR, "extended attributes have changed: all are gone, and follow"),
    XATTR(8, ItemKind.XATTR, "an extended attribute"),
    DIRENT(9, ItemKind.DIRENT, "an entry of the directory"),
    REMOVE_DIRENT(10, ItemKind.DIRENT, "an entry of the directory is gone"),
    DATA(11, ItemKind.CONTENT, "whole blocks of content"),
    INLINE(12, ItemKind.CONTENT, "content of less than a block; the rest of the block is zero"),
    UNWRITTEN(13, ItemKind.CONTENT, "blocks that are allocated and read as zero"),
    HOLE(14, ItemKind.CONTENT, "blocks that hold nothing"),
    CLONE(15, ItemKind.CONTENT, "blocks that are shared with others of the same snapshot"),
    SNAPSHOT_END(16, null, "the snapshot is complete"),
    SEAL(17, null, "hash of all before"),
    TRAILER(18, null, "the last record of a stream, with the hash of all before"),
    REMOVE_INODES(19, ItemKind.INODE, "from this inode number on, no other is there"),
    CLEAR_REFS(20, ItemKind.INODE_REF, "all names of the inode are gone, and follow"),
    CLEAR_DIRENTS(21, ItemKind.DIRENT, "entries in ranges are gone, and follow");

    private static final RecordKind[] BY_NUMBER = new RecordKind[32];

    static {
        for (RecordKind kind : values()) {
            BY_NUMBER[kind.number] = kind;
        }
    }

    private final int number;
    private final @Nullable ItemKind items;
    private final String meaning;

    RecordKind(int number, @Nullable ItemKind items, String meaning) {
        this.number = number;
        this.items = items;
        this.meaning = meaning;
    }

    /// The number in a record.
    public int number() {
        return number;
    }

    /// What a record of this kind is, for documents and people.
    public String meaning() {
        return meaning;
    }

    /// Whether only streams with ranges of keys have it.
    boolean isOfRanges() {
        return this == REMOVE_INODES || this == CLEAR_REFS || this == CLEAR_DIRENTS;
    }

    /// Whether it changes an inode.
    boolean isOfInode() {
        return items != null;
    }

    /// The number of the kind of items that it is about; 0 when it changes no inode.
    int itemKind() {
        return items == null ? 0 : items.number();
    }

    /// The kind with a number; null when this version does not know it.
    static @Nullable RecordKind lookup(int number) {
        return number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }
}
