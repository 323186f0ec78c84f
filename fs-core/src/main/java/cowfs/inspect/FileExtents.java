package cowfs.inspect;

import cowfs.alloc.Refcounts;
import cowfs.btree.Cursor;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The content items of a file, with its holes, and how its extents lie on disk.
public final class FileExtents {
    private FileExtents() {}

    /// Reads them.
    ///
    /// @param treeId of a subvolume or snapshot
    public static Map<String, @Nullable Object> of(InspectedImage image, long treeId, long inode)
            throws IOException {
        InspectedTree tree = image.tree(Long.toString(treeId));
        Refcounts counts = SpaceFacts.refcounts(image);
        Cursor cursor = image.reader(tree).cursor();
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("tree", tree.id());
        facts.put("name", tree.name());
        facts.put("inode", inode);
        if (cursor.seek(inode, ItemKind.INODE.number(), 0)
                && cursor.inode() == inode
                && cursor.kind() == ItemKind.INODE.number()
                && InodeItem.check(cursor.page(), cursor.position(), cursor.lengthBytes())
                        == null) {
            facts.put(
                    "item",
                    RecordReader.fields(InodeItem.LAYOUT, cursor.page(), cursor.position()));
        }
        List<Map<String, @Nullable Object>> extents = new ArrayList<>();
        long end = 0;
        long next = 0;
        int pieces = 0;
        for (boolean more = cursor.seek(inode, ItemKind.CONTENT.number(), 0);
                more && cursor.inode() == inode && cursor.kind() == ItemKind.CONTENT.number();
                more = cursor.next()) {
            byte[] page = cursor.page();
            int at = cursor.position();
            String problem = ContentItem.check(page, at, cursor.lengthBytes());
            Map<String, @Nullable Object> extent = Facts.of();
            long length = problem == null ? Blocks.toBytes(ContentItem.blockCount(page, at)) : 0;
            extent.put("offset", cursor.offset());
            extent.put("hole_before", Math.max(0, cursor.offset() - end));
            extent.put("problem", problem);
            if (problem == null) {
                describe(extent, page, at, counts);
                if (ContentItem.namesBlocks(page, at)) {
                    pieces += ContentItem.ADDRESS.get(page, at) == next ? 0 : 1;
                    next = ContentItem.ADDRESS.get(page, at) + ContentItem.diskBlocks(page, at);
                }
            }
            end = cursor.offset() + length;
            extents.add(extent);
        }
        facts.put("extents", extents);
        facts.put("pieces_on_disk", pieces);
        facts.put("damage", image.damage());
        return facts;
    }

    private static void describe(
            Map<String, @Nullable Object> extent, byte[] page, int at, Refcounts counts)
            throws IOException {
        if (!ContentItem.namesBlocks(page, at)) {
            extent.put("encoding", ContentItem.encodingName(page, at));
            extent.put("bytes", ContentItem.LENGTH.getUnsigned(page, at));
            return;
        }
        long address = ContentItem.ADDRESS.get(page, at);
        int blocks = ContentItem.diskBlocks(page, at);
        extent.put("encoding", ContentItem.encodingName(page, at));
        extent.put("bytes", Blocks.toBytes(ContentItem.blockCount(page, at)));
        extent.put("disk_bytes", Blocks.toBytes(blocks));
        extent.put("block", address);
        extent.put("birth_txg", ContentItem.BIRTH_TXG.get(page, at));
        int[] most = {1};
        counts.forEachPiece(
                address,
                blocks,
                (first, count, references) -> most[0] = Math.max(most[0], references));
        extent.put("references", most[0]);
    }
}
