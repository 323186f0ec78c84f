package cowfs.stream;

import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import org.jspecify.annotations.Nullable;

/// What must be true of an item of a file tree before it is believed; what is not is damage that
/// says where it lies. Stateless.
final class ItemCheck {
    /// No file reaches it.
    private static final long END_BLOCK = Long.MAX_VALUE >>> Blocks.SHIFT;

    private ItemCheck() {}

    /// Lets an item through that its record's own check finds nothing in.
    ///
    /// @param damage what that said
    static void require(String record, @Nullable String damage, long tree, long inode, long offset)
            throws CorruptException {
        if (damage != null) {
            throw new CorruptException(record, where(tree, inode, offset), damage);
        }
    }

    /// Lets a content item through that is whole, lies where one can, and covers nothing that the
    /// one before covers.
    ///
    /// @param offset of the item's key
    /// @param end the block behind the item before of the same file and tree; 0 without one
    static void requireContent(long tree, long inode, long offset, ItemValue item, long end)
            throws CorruptException {
        require("content item", damage(offset, item, end), tree, inode, offset);
    }

    private static @Nullable String damage(long offset, ItemValue item, long end) {
        String damage = ContentItem.check(item.page(), item.position(), item.lengthBytes());
        if (damage != null) {
            return damage;
        }
        if (offset < 0 || (offset & (Blocks.SIZE - 1)) != 0) {
            return "offset is no multiple of " + Blocks.SIZE;
        }
        long block = offset >>> Blocks.SHIFT;
        if (block < end) {
            return "it covers what the item before does";
        }
        return block + ContentItem.blockCount(item.page(), item.position()) > END_BLOCK
                ? "ends behind the largest file"
                : null;
    }

    /// The place of an item of a file tree, for messages.
    static String where(long tree, long inode, long offset) {
        return "tree=" + tree + " inode=" + inode + " offset=" + Long.toUnsignedString(offset);
    }
}
