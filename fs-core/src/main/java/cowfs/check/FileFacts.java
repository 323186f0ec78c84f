package cowfs.check;

import java.util.ArrayList;
import java.util.List;

/// What the items of one inode say, and what was found of it, while a tree is mended. Not thread
/// safe.
final class FileFacts {
    /// A name of the inode, as an inode ref tells it.
    ///
    /// @param offset of the item's key
    record Ref(long parent, String name, long offset) {}

    /// Whether there is a valid inode item.
    boolean present;

    int mode;
    long links;
    long size;
    long sectors;
    long generation;

    /// In units of 512 bytes.
    long foundSectors;

    /// The first byte behind content that is not zero by itself.
    long contentEnd;

    /// Content behind the end of the file, as in `CONTENT_BEYOND_END`, reaches to here.
    long sizeNeeded;

    /// Whether its content begins with what can be the target of a symlink.
    boolean hasTarget;

    boolean hasContent;
    boolean hasEntries;
    boolean hasOrphanItem;

    final List<Ref> refs = new ArrayList<>(1);

    /// Keys of items without an inode, and of symlinks, in case they must go.
    final List<Key> keys = new ArrayList<>(0);

    // ---- found in the end

    int names;
    int subdirectories;
    int entries;
    boolean reached;
}
