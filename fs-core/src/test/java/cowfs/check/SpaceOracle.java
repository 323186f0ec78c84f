package cowfs.check;

import cowfs.api.Ref;
import cowfs.device.MemoryDevice;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// What reaches each block of a small image, by reading all trees whole, without a look at a
/// reference count: what the walks that tell where space has gone must come to.
final class SpaceOracle {
    private static final int BLOCK_BYTES = 4096;

    private final ImageSurgeon image;
    private final Map<Ref, Long> ids = new TreeMap<>((a, b) -> a.toString().compareTo("" + b));
    private final Map<Long, Tree> trees = new HashMap<>();

    /// A name in a directory, and the inode that it leads to.
    private record Name(long directory, FilePath name, long inode, boolean isDirectory) {}

    /// Everything that one tree holds.
    private static final class Tree {
        final Set<Long> nodes = new HashSet<>();
        final Map<Long, Set<Long>> blocksOfInode = new HashMap<>();
        final Map<Long, Long> inlineOfInode = new HashMap<>();
        final List<Name> names = new ArrayList<>();

        Set<Long> blocks() {
            Set<Long> all = new HashSet<>();
            blocksOfInode.values().forEach(all::addAll);
            return all;
        }
    }

    /// The same as {@link cowfs.api.PathUsage} says.
    record PathSpace(
            long files, long directories, long referenced, long exclusive, long inlineBytes) {}

    SpaceOracle(MemoryDevice device) throws IOException {
        image = new ImageSurgeon(device);
        Map<Long, String> names = new HashMap<>();
        for (ImageSurgeon.Place place : image.all(1)) {
            if (place.key().kind() == ItemKind.SUBVOLUME.number()) {
                SubvolumeItem item = ImageSurgeon.subvolume(place);
                long id = place.key().inode();
                names.put(id, item.name());
                ids.put(
                        item.isSnapshot()
                                ? new Ref(names.get(item.parentTree()), item.name())
                                : new Ref(item.name(), null),
                        id);
                trees.put(id, read(id));
            }
        }
    }

    private Tree read(long id) {
        Tree tree = new Tree();
        tree.nodes.addAll(image.leaves(id));
        tree.nodes.addAll(image.interiors(id));
        for (ImageSurgeon.Place place : image.all(id)) {
            long inode = place.key().inode();
            byte[] page = place.page();
            int at = place.position();
            if (place.key().kind() == ItemKind.DIRENT.number()) {
                tree.names.add(
                        new Name(
                                inode,
                                FilePath.ROOT.resolve(DirentItem.name(page, at)),
                                DirentItem.CHILD.get(page, at),
                                DirentItem.type(page, at) == 0040000));
            } else if (place.key().kind() == ItemKind.CONTENT.number()) {
                if (ContentItem.namesBlocks(page, at)) {
                    Set<Long> blocks =
                            tree.blocksOfInode.computeIfAbsent(inode, i -> new HashSet<>());
                    for (int i = 0; i < ContentItem.diskBlocks(page, at); i++) {
                        blocks.add(ContentItem.ADDRESS.get(page, at) + i);
                    }
                } else {
                    long bytes = ContentItem.LENGTH.getUnsigned(page, at);
                    tree.inlineOfInode.merge(inode, bytes, Long::sum);
                }
            }
        }
        return tree;
    }

    /// All subvolumes and snapshots.
    List<Ref> refs() {
        return List.copyOf(ids.keySet());
    }

    private Tree tree(Ref ref) {
        return Objects.requireNonNull(trees.get(ids.get(ref)), ref + " is there");
    }

    /// All paths of a tree, the root's first.
    List<FilePath> paths(Ref ref) {
        List<FilePath> paths = new ArrayList<>(List.of(FilePath.ROOT));
        addPaths(tree(ref), Volume.ROOT_INODE, FilePath.ROOT, paths);
        return paths;
    }

    private static void addPaths(Tree tree, long directory, FilePath at, List<FilePath> paths) {
        for (Name each : tree.names) {
            if (each.directory == directory) {
                FilePath path = at.resolve(each.name.name());
                paths.add(path);
                if (each.isDirectory) {
                    addPaths(tree, each.inode, path, paths);
                }
            }
        }
    }

    /// What a snapshot reaches and no subvolume does.
    long cowBytes(Ref snapshot) {
        Set<Long> nodes = new HashSet<>(tree(snapshot).nodes);
        Set<Long> blocks = tree(snapshot).blocks();
        for (Ref ref : ids.keySet()) {
            if (!ref.isSnapshot()) {
                nodes.removeAll(tree(ref).nodes);
                blocks.removeAll(tree(ref).blocks());
            }
        }
        long copies = image.superblock().metadataCopies();
        return nodes.size() * image.superblock().nodeBytes() * copies
                + blocks.size() * (long) BLOCK_BYTES;
    }

    PathSpace pathSpace(Ref ref, FilePath path) {
        Tree tree = tree(ref);
        Set<Name> inside = new HashSet<>();
        long top = Volume.ROOT_INODE;
        for (byte[] part : path.names()) {
            long directory = top;
            Name name =
                    tree.names.stream()
                            .filter(each -> each.directory == directory)
                            .filter(each -> each.name.equals(FilePath.ROOT.resolve(part)))
                            .findFirst()
                            .orElseThrow();
            inside.clear();
            inside.add(name);
            top = name.inode;
        }
        Set<Long> directories = new HashSet<>();
        if (path.isRoot() || inside.iterator().next().isDirectory) {
            Deque<Long> open = new ArrayDeque<>(List.of(top));
            while (!open.isEmpty()) {
                long directory = open.pop();
                directories.add(directory);
                for (Name each : tree.names) {
                    if (each.directory == directory) {
                        inside.add(each);
                        if (each.isDirectory) {
                            open.push(each.inode);
                        }
                    }
                }
            }
        }
        Set<Long> inodes = new HashSet<>(directories);
        inside.forEach(each -> inodes.add(each.inode));
        Set<Long> outside = new HashSet<>();
        for (Name each : tree.names) {
            if (!inside.contains(each)) {
                outside.add(each.inode);
            }
        }
        Set<Long> referenced = new HashSet<>();
        long inline = 0;
        for (long inode : inodes) {
            referenced.addAll(tree.blocksOfInode.getOrDefault(inode, Set.of()));
            inline += tree.inlineOfInode.getOrDefault(inode, 0L);
        }
        Set<Long> exclusive = new HashSet<>(referenced);
        for (Tree other : trees.values()) {
            other.blocksOfInode.forEach(
                    (inode, blocks) -> {
                        if (other != tree || !inodes.contains(inode) || outside.contains(inode)) {
                            exclusive.removeAll(blocks);
                        }
                    });
        }
        return new PathSpace(
                inodes.size() - directories.size(),
                directories.size(),
                referenced.size() * (long) BLOCK_BYTES,
                exclusive.size() * (long) BLOCK_BYTES,
                inline);
    }
}
