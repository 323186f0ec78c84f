package cowfs.check;

/// The kinds of damage that the checker tells apart. Numbers and names are permanent and never
/// reused; `docs/damage-codes.md` lists them and a test compares.
public enum DamageCode {
    BAD_SUPERBLOCK(1, "bad-superblock", "a copy of the superblock of the state can't be used"),
    SUPERBLOCK_MISMATCH(2, "superblock-mismatch", "two superblocks contradict each other"),
    WRONG_COUNTER(3, "wrong-counter", "a counter of the superblock is not what was counted"),

    BAD_NODE(10, "bad-node", "no copy of a node can be used; what lies below it is lost"),
    BAD_COPY(11, "bad-copy", "one copy of a node can't be used, the other one can"),
    BAD_POINTER(12, "bad-pointer", "a pointer leaves the image or contradicts what it points to"),
    KEY_OUT_OF_BOUNDS(13, "key-out-of-bounds", "a key lies outside the bounds of its parent"),
    WRONG_OWNER(14, "wrong-owner", "a node was written for another tree"),
    WRONG_BIRTH(15, "wrong-birth", "something is younger than what points to it"),
    SHARED_TOO_YOUNG(
            16, "shared-too-young", "a shared node is younger than its tree's last snapshot"),

    BAD_ITEM(20, "bad-item", "the bytes of an item are no valid record of its kind"),
    WRONG_KIND(21, "wrong-kind", "an item of this kind has no place there"),

    MISSING_TREE(30, "missing-tree", "the root tree does not name one of the pool's own trees"),
    BAD_SUBVOLUME(31, "bad-subvolume", "a subvolume or snapshot contradicts the others"),
    WRONG_TREE_COUNTER(
            32, "wrong-tree-counter", "a counter of a tree's item is not what was counted"),

    MISSING_INODE(40, "missing-inode", "items belong to an inode that does not exist"),
    DANGLING_DIRENT(41, "dangling-dirent", "a directory entry leads to no inode"),
    WRONG_DIRENT_TYPE(42, "wrong-dirent-type", "a directory entry gives its inode another type"),
    MISSING_INODE_REF(43, "missing-inode-ref", "a directory entry without the way back"),
    STRAY_INODE_REF(44, "stray-inode-ref", "an inode ref without its directory entry"),
    WRONG_LINK_COUNT(45, "wrong-link-count", "a link count is not the number of names"),
    WRONG_DIRECTORY_SIZE(46, "wrong-directory-size", "a directory counts its entries wrong"),
    MISSING_ORPHAN(47, "missing-orphan", "an inode without a name that no orphan item names"),
    STRAY_ORPHAN(48, "stray-orphan", "an orphan item for an inode that is none"),
    WRONG_NAME_HASH(49, "wrong-name-hash", "a name does not lie where its hash leads"),
    BAD_NAME(50, "bad-name", "a name that no file can have, or one that exists twice"),
    CONTENT_OVERLAP(51, "content-overlap", "two content items cover the same part of a file"),
    CONTENT_BEYOND_END(52, "content-beyond-end", "content that is not zero behind the end"),
    WRONG_SECTORS(53, "wrong-sectors", "an inode counts the space of its content wrong"),
    BAD_XATTR(54, "bad-xattr", "the pieces of an extended attribute do not make one value"),
    DIRECTORY_LOOP(55, "directory-loop", "a directory lies below itself"),
    SAME_DAMAGE(56, "same-damage", "a tree shares damage that was reported for another one"),

    LEAKED_BLOCK(60, "leaked-block", "an allocated block that nothing reaches"),
    FREE_BLOCK_USED(61, "free-block-used", "a block in use that the bitmap calls free"),
    BLOCK_USED_TWICE(62, "block-used-twice", "a block that serves two purposes"),
    WRONG_REFCOUNT(63, "wrong-refcount", "a reference count is not what was counted"),
    WRONG_SUMMARY(64, "wrong-summary", "the summary of a group contradicts its bitmap or use"),

    BAD_DATA(70, "bad-data", "a data block that can't be read or fails its checksum"),
    CHECKSUM_CONFLICT(71, "checksum-conflict", "two items give the same block different checksums");

    private final int number;
    private final String id;
    private final String meaning;

    DamageCode(int number, String id, String meaning) {
        this.number = number;
        this.id = id;
        this.meaning = meaning;
    }

    /// The permanent number.
    public int number() {
        return number;
    }

    /// The permanent name that commands print.
    public String id() {
        return id;
    }

    /// What it means, for documents.
    public String meaning() {
        return meaning;
    }
}
