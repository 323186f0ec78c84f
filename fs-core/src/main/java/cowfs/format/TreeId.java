package cowfs.format;

/// The ids of the pool's own trees. Subvolumes and snapshots count on from {@link
/// #FIRST_SUBVOLUME}; an id is never used twice in an image.
public final class TreeId {
    public static final long ROOT = 1;
    public static final long REFCOUNT = 2;
    public static final long SPACE = 3;
    public static final long FIRST_SUBVOLUME = 16;

    private TreeId() {}
}
