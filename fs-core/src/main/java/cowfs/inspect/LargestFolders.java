package cowfs.inspect;

import cowfs.btree.Cursor;
import cowfs.check.InodePaths;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The directories of the live subvolumes with the most on disk below them. A file with several
/// names counts for the first. One walk of each tree; memory: about 150 bytes for each directory.
public final class LargestFolders {
    private static final int SECTOR_BYTES = 512;

    private final Map<Long, Long> parents = new HashMap<>();
    private final Map<Long, Long> bytes = new HashMap<>();
    private final Map<Long, Long> files = new HashMap<>();

    private LargestFolders() {}

    /// Walks the live subvolumes.
    ///
    /// @param limit directories that are listed for each
    public static Map<String, @Nullable Object> of(InspectedImage image, int limit)
            throws IOException {
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        for (InspectedTree tree : image.trees()) {
            if (tree.item() != null && !tree.item().isSnapshot()) {
                LargestFolders folders = new LargestFolders();
                folders.read(image, tree);
                folders.sumUp();
                folders.list(image, tree, limit, items);
            }
        }
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("items", items);
        facts.put("damage", image.damage());
        return facts;
    }

    private void read(InspectedImage image, InspectedTree tree) throws IOException {
        Cursor cursor = image.reader(tree).cursor();
        long inode = 0;
        long size = 0;
        boolean directory = false;
        boolean named = true;
        for (boolean more = cursor.seek(1, 0, 0); more; more = cursor.next()) {
            byte[] page = cursor.page();
            int at = cursor.position();
            if (cursor.kind() == ItemKind.INODE.number()
                    && InodeItem.check(page, at, cursor.lengthBytes()) == null) {
                inode = cursor.inode();
                size = SECTOR_BYTES * InodeItem.SECTORS.get(page, at);
                directory =
                        (InodeItem.MODE.get(page, at) & Attributes.TYPE_MASK)
                                == Attributes.DIRECTORY;
                named = false;
                if (inode == Volume.ROOT_INODE) {
                    bytes.merge(inode, 0L, Long::sum);
                }
            } else if (cursor.kind() == ItemKind.INODE_REF.number()
                    && cursor.inode() == inode
                    && !named
                    && InodeRefItem.check(page, at, cursor.lengthBytes()) == null) {
                named = true;
                long parent = InodeRefItem.PARENT.get(page, at);
                if (directory) {
                    parents.put(inode, parent);
                    bytes.merge(inode, 0L, Long::sum);
                } else {
                    bytes.merge(parent, size, Long::sum);
                    files.merge(parent, 1L, Long::sum);
                }
            }
        }
    }

    /// Adds each directory's own to all above it. In a damaged tree parents may lead in a circle:
    /// no way is longer than there are directories.
    private void sumUp() {
        Map<Long, Long> ownBytes = new HashMap<>(bytes);
        Map<Long, Long> ownFiles = new HashMap<>(files);
        int limit = Math.min(parents.size(), 4096);
        ownBytes.forEach(
                (directory, own) -> {
                    long count = ownFiles.getOrDefault(directory, 0L);
                    Long above = parents.get(directory);
                    for (int depth = 0; above != null && depth < limit; depth++) {
                        bytes.merge(above, own, Long::sum);
                        files.merge(above, count, Long::sum);
                        above = parents.get(above);
                    }
                });
    }

    private void list(
            InspectedImage image,
            InspectedTree tree,
            int limit,
            List<Map<String, @Nullable Object>> items)
            throws IOException {
        List<Map.Entry<Long, Long>> sorted = new ArrayList<>(bytes.entrySet());
        sorted.sort(
                Map.Entry.<Long, Long>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()));
        for (Map.Entry<Long, Long> each : sorted.subList(0, Math.min(limit, sorted.size()))) {
            Map<String, @Nullable Object> item = Facts.of();
            item.put("name", tree.name());
            item.put("path", InodePaths.lookup(image.reader(tree), each.getKey()));
            item.put("bytes", each.getValue());
            item.put("files", files.getOrDefault(each.getKey(), 0L));
            items.add(item);
        }
    }
}
