package cowfs.check;

import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.ItemKind;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Says what of a file tree could not be kept, by path. Used once, on one thread.
final class LossReport {
    private final TreeFacts tree;
    private final long treeId;
    private final List<LostPath> lost;

    /// @param lost takes what is found
    LossReport(TreeFacts tree, long treeId, List<LostPath> lost) {
        this.tree = tree;
        this.treeId = treeId;
        this.lost = lost;
    }

    /// @param ranges keys whose items were lost with their nodes
    void report(List<KeyRange> ranges) {
        Map<Long, String> names = new HashMap<>();
        Map<Long, Long> parents = new HashMap<>();
        tree.directories.forEach(
                (directory, entries) ->
                        entries.forEach(
                                (name, entry) -> {
                                    if (parents.putIfAbsent(entry.child, directory) == null) {
                                        names.put(entry.child, name);
                                    }
                                }));
        for (TreeFacts.DeadEntry dead : tree.deadEntries) {
            add(path(dead.directory(), parents, names) + "/" + show(dead.name()), "file", 0, 0);
        }
        for (Map.Entry<Long, FileFacts> each : tree.inodes.entrySet()) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            if (!facts.present) {
                continue;
            }
            String path = path(inode, parents, names);
            path = path.isEmpty() ? "/" : path;
            if (tree.lostAttributes.contains(inode)) {
                add(path, "attributes", 0, 0);
            }
            if (tree.lostXattrs.contains(inode)) {
                add(path, "xattr", 0, 0);
            }
            long lostSectors = 0;
            for (long[] range : tree.lostContent.getOrDefault(inode, List.of())) {
                add(path, "data", range[0], range[1]);
                lostSectors += range[1] / 512;
            }
            boolean directory = TreeFacts.type(facts) == Attributes.DIRECTORY;
            if (directory && facts.links >= 0 && facts.size > facts.entries) {
                add(path, "names", 0, 0);
            }
            if (!directory
                    && facts.links >= 0
                    && facts.sectors > facts.foundSectors + lostSectors) {
                addLostRanges(path, inode, facts, ranges);
            }
        }
        for (KeyRange range : ranges) {
            if (range.from().inode() == 0 && range.to() == null) {
                add("/", "tree", 0, 0);
            }
        }
    }

    private void addLostRanges(String path, long inode, FileFacts facts, List<KeyRange> ranges) {
        int kind = ItemKind.CONTENT.number();
        boolean any = false;
        for (KeyRange range : ranges) {
            if (range.touches(inode, kind)) {
                boolean starts = range.from().inode() == inode && range.from().kind() == kind;
                Key to = range.to();
                boolean ends = to != null && to.inode() == inode && to.kind() == kind;
                long from = starts ? range.from().offset() & -Blocks.SIZE : 0;
                long end = ends && to != null ? to.offset() : facts.size;
                add(path, "data", from, Math.max(0, end - from));
                any = true;
            }
        }
        if (!any) {
            add(path, "data", 0, 0);
        }
    }

    private void add(String path, String what, long offset, long lengthBytes) {
        lost.add(new LostPath(treeId, path, what, offset, lengthBytes));
    }

    private static String path(long inode, Map<Long, Long> parents, Map<Long, String> names) {
        StringBuilder path = new StringBuilder();
        long at = inode;
        for (int depth = 0; at != Volume.ROOT_INODE && depth < 4096; depth++) {
            Long parent = parents.get(at);
            String name = names.get(at);
            if (parent == null || name == null) {
                return "inode " + Long.toUnsignedString(inode);
            }
            path.insert(0, "/" + show(name));
            at = parent;
        }
        return path.toString();
    }

    private static String show(String name) {
        return InodePaths.printable(name.getBytes(StandardCharsets.ISO_8859_1));
    }
}
