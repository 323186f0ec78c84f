package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Content that comes from another image, range by range in whole blocks. Unlike a write it leaves
/// times, permissions and length alone: they come by themselves. Whoever puts it sees to it that
/// what lies behind the end of the file is zero.
///
/// Nobody else changes the tree meanwhile, so there are no inode locks. Thread safe as far as the
/// tree is; every call that takes a tree or a change belongs into a tree section.
public final class ReceivedContent {
    /// The most items that one change drops.
    public static final int STEP_ITEMS = 64;

    private static final int CONTENT = ItemKind.CONTENT.number();

    private final FileTree tree;
    private final ExtentMap extents;
    private final ContentReader reader;

    public ReceivedContent(FileTree tree, Inodes inodes) {
        this.tree = tree;
        this.extents = new ExtentMap(tree.id());
        this.reader = new ContentReader(tree, inodes, extents);
    }

    /// Writes whole blocks to where the file is to have them. The caller closes what it gets, after
    /// it has been applied or when it can't be.
    public ContentSwap data(long inode, long block, ByteBuffer content) throws IOException {
        ContentSwap swap = new ContentSwap(tree.data(), extents, inode);
        swap.drop(block, block + content.remaining() / Blocks.SIZE);
        try {
            swap.write(block, content, tree.compression());
        } catch (IOException | RuntimeException failed) {
            swap.close();
            throw failed;
        }
        return swap;
    }

    /// The same of an extent that comes compressed; stored plain where the free space is in pieces
    /// too small for it.
    ///
    /// @param content what it uncompresses to
    public ContentSwap compressed(long inode, long block, CompressedContent extent, byte[] content)
            throws IOException {
        ContentSwap swap = new ContentSwap(tree.data(), extents, inode);
        swap.drop(block, block + extent.blockCount());
        try {
            if (!swap.writeCompressed(block, extent)) {
                swap.write(block, ByteBuffer.wrap(content));
            }
        } catch (IOException | RuntimeException failed) {
            swap.close();
            throw failed;
        }
        return swap;
    }

    /// Content of one block, of which the rest is zero: kept in the leaf where it fits.
    public ContentSwap inline(long inode, long block, byte[] content) throws IOException {
        if (content.length > tree.read(ExtentMap::maxInlineBytes)) {
            byte[] whole = new byte[Blocks.SIZE];
            System.arraycopy(content, 0, whole, 0, content.length);
            return data(inode, block, ByteBuffer.wrap(whole));
        }
        ContentSwap swap = new ContentSwap(tree.data(), extents, inode);
        swap.drop(block, block + 1);
        swap.inline(block, content, content.length);
        return swap;
    }

    /// Allocates blocks that read as zero, as many as there are in one place.
    public Reserved unwritten(long inode, long block, long wantBlocks) throws IOException {
        ContentSwap swap = new ContentSwap(tree.data(), extents, inode);
        try {
            int count = swap.reserve(block, wantBlocks);
            swap.drop(block, block + count);
            return new Reserved(swap, count);
        } catch (IOException | RuntimeException failed) {
            swap.close();
            throw failed;
        }
    }

    /// How many items one change must drop for a range.
    public int itemCount(BTree items, long inode, long from, long to) throws IOException {
        return extents.count(items, inode, from, to, Integer.MAX_VALUE);
    }

    /// Up to which block a change can go that drops at most {@link #STEP_ITEMS} items from a range.
    public long endOfStep(BTree items, long inode, long from, long to) throws IOException {
        return extents.endOfFirst(items, inode, from, to, STEP_ITEMS);
    }

    /// Leaves a hole.
    public void drop(Change change, Inode target, long from, long to) throws IOException {
        target.addSectors(-extents.drop(change, target.number(), from, to));
    }

    /// Names the blocks of a range of another file, or of another range of the same one, once more:
    /// as many as {@link #STEP_ITEMS} items hold. The caller admits a change of twice that many
    /// items, with as many shares.
    ///
    /// @return up to which block of the target; `to` when all was shared
    /// @throws CorruptException when the source does not hold written blocks all over
    public long share(Change change, Inode target, long from, long to, long source, long sourceFrom)
            throws IOException {
        long shift = sourceFrom - from;
        long stop = endOfStep(change.tree(), target.number(), from, to);
        Cursor c = change.tree().cursor();
        List<byte[]> pieces = new ArrayList<>();
        List<Long> places = new ArrayList<>();
        long at = from;
        boolean more = extents.seek(c, source, from + shift);
        while (at < stop && pieces.size() < STEP_ITEMS) {
            if (!more
                    || ExtentMap.startBlock(c) > at + shift
                    || !ContentItem.hasCrcs(c.page(), c.position())) {
                throw new CorruptException(
                        "content",
                        "tree=" + tree.id() + " inode=" + source + " block=" + (at + shift),
                        "there is nothing to share");
            }
            pieces.add(ExtentMap.cut(c, at + shift, stop + shift));
            places.add(at);
            at = Math.min(stop, ExtentMap.endBlock(c) - shift);
            more = extents.next(c, source);
        }
        target.addSectors(-extents.drop(change, target.number(), from, at));
        for (int i = 0; i < pieces.size(); i++) {
            target.addSectors(
                    extents.insertShared(change, target.number(), places.get(i), pieces.get(i)));
        }
        return at;
    }

    /// Past the last block of a file that may hold anything but zeros; 0 when there is none.
    public long writtenEnd(BTree items, long inode) throws IOException {
        Cursor c = items.cursor();
        boolean more = c.seekFloor(inode, CONTENT, Long.MAX_VALUE);
        while (more && c.inode() == inode && c.kind() == CONTENT) {
            if (ContentItem.ENCODING.get(c.page(), c.position()) != ContentItem.UNWRITTEN) {
                return ExtentMap.endBlock(c);
            }
            more = c.previous();
        }
        return 0;
    }

    /// What a block holds, whatever the length and type of its inode.
    public byte[] block(long inode, long block) throws IOException {
        return reader.readBlock(inode, block);
    }

    /// Blocks that were allocated.
    ///
    /// @param swap puts them in their place
    public record Reserved(ContentSwap swap, int blockCount) {}
}
