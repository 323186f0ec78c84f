package cowfs.inspect;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.btree.Loss;
import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import cowfs.txn.RingSlots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The state of an image that is looked at: its superblock, its trees, and its nodes, each read
/// past damage. What was damaged is noted. Not thread safe.
public final class InspectedImage {
    private static final long CACHE_BYTES = 64L << 20;

    private final BlockDevice device;
    private final Superblock superblock;
    private final NodeStore nodes;
    private final List<InspectedTree> trees = new ArrayList<>();
    private final Set<String> damage = new LinkedHashSet<>();

    private InspectedImage(BlockDevice device, Superblock superblock) {
        this.device = device;
        this.superblock = superblock;
        this.nodes =
                new NodeStore(
                        device,
                        superblock.uuid(),
                        superblock.nodeBytes(),
                        superblock.deviceBlocks(),
                        CACHE_BYTES);
    }

    /// The state that an open would choose.
    ///
    /// @throws ImageException when there is none
    public static InspectedImage open(BlockDevice device) throws IOException {
        RingSlots ring = RingSlots.read(device);
        Superblock chosen = ring.chosen();
        if (chosen == null) {
            throw new ImageException(ErrorKind.NOT_AN_IMAGE, ring.why());
        }
        InspectedImage image = new InspectedImage(device, chosen);
        image.readTrees();
        return image;
    }

    BlockDevice device() {
        return device;
    }

    Superblock superblock() {
        return superblock;
    }

    NodeStore nodes() {
        return nodes;
    }

    /// The pool's own trees, then those of subvolumes and snapshots, then what is left of deleted
    /// ones.
    List<InspectedTree> trees() {
        return trees;
    }

    /// What could not be read so far, a line each.
    List<String> damage() {
        return List.copyOf(damage);
    }

    void noteDamage(String line) {
        damage.add(line);
    }

    /// A node, or null when no copy is good, which is noted.
    @Nullable CommittedNode read(long tree, BlockPointer pointer, int level) {
        try {
            return nodes.read(pointer, level);
        } catch (IOException lost) {
            damage.add("tree " + tree + ": " + lost.getMessage());
            return null;
        }
    }

    /// A reader of a tree that goes past damage.
    BTree reader(InspectedTree tree) {
        CommittedNode root =
                tree.root().isNone() ? null : read(tree.id(), tree.root(), tree.level());
        return BTree.reader(nodes, tree.id(), root).tolerant(this::note);
    }

    private void note(Loss loss) {
        damage.add("tree " + loss.tree() + ": " + loss.why().getMessage());
    }

    /// A tree by its number, its name (`root`, `refcount`, `space`), or the name of a subvolume or
    /// snapshot.
    ///
    /// @throws RequestException `NOT_FOUND`
    InspectedTree tree(String text) throws RequestException {
        for (InspectedTree tree : trees) {
            if (tree.name().equals(text) || Long.toString(tree.id()).equals(text)) {
                return tree;
            }
        }
        throw new RequestException(
                ErrorKind.NOT_FOUND,
                "there is no tree '"
                        + text
                        + "': name root, refcount, space, a subvolume or snapshot, or the number of a tree");
    }

    @Nullable InspectedTree lookupTree(long id) {
        return trees.stream()
                .filter(tree -> tree.id() == id && !tree.isReclaimed())
                .findFirst()
                .orElse(null);
    }

    private void readTrees() {
        InspectedTree root =
                new InspectedTree(
                        TreeId.ROOT,
                        "root",
                        superblock.root(),
                        superblock.rootLevel(),
                        null,
                        false);
        trees.add(root);
        TreeMap<Long, SubvolumeItem> subvolumes = new TreeMap<>();
        List<InspectedTree> reclaimed = new ArrayList<>();
        try {
            Cursor cursor = reader(root).cursor();
            for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
                readItem(cursor, subvolumes, reclaimed);
            }
        } catch (IOException damaged) {
            damage.add("the root tree: " + damaged.getMessage());
        }
        subvolumes.forEach(
                (id, item) -> {
                    SubvolumeItem parent = subvolumes.get(item.parentTree());
                    String name = (parent == null ? "" : parent.name() + "@") + item.name();
                    trees.add(
                            new InspectedTree(
                                    id, name, item.root(), item.rootLevel(), item, false));
                });
        trees.addAll(reclaimed);
    }

    private void readItem(
            Cursor cursor, Map<Long, SubvolumeItem> subvolumes, List<InspectedTree> reclaimed) {
        long id = cursor.inode();
        String where = "tree=" + id;
        try {
            if (cursor.kind() == ItemKind.SUBVOLUME.number()) {
                subvolumes.put(
                        id,
                        SubvolumeItem.readFrom(
                                cursor.page(), cursor.position(), cursor.lengthBytes(), where));
            } else if (cursor.kind() == ItemKind.TREE_ROOT.number()
                    || cursor.kind() == ItemKind.RECLAIM.number()) {
                boolean deleted = cursor.kind() == ItemKind.RECLAIM.number();
                NodeRefItem item =
                        NodeRefItem.readFrom(
                                cursor.page(), cursor.position(), cursor.lengthBytes(), where);
                String name =
                        deleted
                                ? "deleted-" + id
                                : id == TreeId.REFCOUNT
                                        ? "refcount"
                                        : id == TreeId.SPACE ? "space" : "tree-" + id;
                (deleted ? reclaimed : trees)
                        .add(
                                new InspectedTree(
                                        id, name, item.pointer(), item.level(), null, deleted));
            }
        } catch (CorruptException damaged) {
            damage.add(String.valueOf(damaged.getMessage()));
        }
    }
}
