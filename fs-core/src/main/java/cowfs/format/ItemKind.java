package cowfs.format;

/// The kinds of items, the middle part of every key. Numbers are permanent and never reused.
public enum ItemKind {
    INODE(1, "inode attributes"),
    INODE_REF(2, "a name of an inode: parent and name"),
    XATTR(3, "an extended attribute"),
    DIRENT(4, "a directory entry"),
    CONTENT(5, "a range of file content: extent or inline"),
    ORPHAN(7, "an inode without a name that is still held"),
    RECEIVE(8, "what a tree was received from"),
    SUBVOLUME(16, "a subvolume or snapshot"),
    RECLAIM(17, "a reference left to drop by a deleted tree"),
    PENDING(18, "ranges that the next transaction group frees"),
    TREE_ROOT(19, "the root of one of the pool's own trees"),
    GROUP_SUMMARY(20, "free counts and use of a region of groups"),
    GROUP_BITMAP(21, "allocated blocks of a group"),
    REFCOUNT(24, "a range of blocks with two or more references"),
    SCRUB(25, "how far the last scrub has come"),
    SCRUB_DAMAGE(26, "something that the last scrub could not read or repair"),
    PROPERTY(27, "a property of a subvolume or snapshot"),
    BOOKMARK(28, "a snapshot that was, kept as a base to send from");

    private static final ItemKind[] BY_NUMBER = new ItemKind[32];

    static {
        for (ItemKind kind : values()) {
            BY_NUMBER[kind.number] = kind;
        }
    }

    private final int number;
    private final String meaning;

    ItemKind(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /// The number that keys hold.
    public int number() {
        return number;
    }

    /// What an item of this kind is, for documents and inspection.
    public String meaning() {
        return meaning;
    }

    /// Whether `number` stands for a kind that this version knows.
    public static boolean isKnown(int number) {
        return number > 0 && number < BY_NUMBER.length && BY_NUMBER[number] != null;
    }

    /// The name of a kind for messages, whether known or not.
    public static String nameOf(int number) {
        return isKnown(number)
                ? BY_NUMBER[number].name().toLowerCase(java.util.Locale.ROOT)
                : "kind-" + number;
    }
}
