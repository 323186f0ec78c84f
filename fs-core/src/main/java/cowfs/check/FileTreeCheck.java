package cowfs.check;

import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// Judges whole file trees by what their walk came to: counters, the rules that tie items together,
/// the root directory, loops of directories.
///
/// A sound tree costs nothing more. In one that breaks a rule the items are searched, twice through
/// all of the tree; a snapshot that breaks the rules exactly as another tree does is not searched
/// again. Only live subvolumes in which some inode lies below a directory with a higher number, as
/// after a move, are read once more to look for loops.
///
/// A tree that is still being received keeps its counters right and every item valid by itself;
/// what ties items together comes with its last record, and is not held against it before.
///
/// A tree with unreadable parts is not held to the rules that tie items together: what is missing
/// is damage enough, and was reported. Not thread safe.
final class FileTreeCheck {
    private final NodeStore nodes;
    private final Findings findings;
    private final Map<Long, Long> treesByMismatch = new HashMap<>();

    FileTreeCheck(NodeStore nodes, Findings findings) {
        this.nodes = nodes;
        this.findings = findings;
    }

    void check(long tree, SubvolumeItem item, FileSummary summary) {
        ItemFindings items = new ItemFindings(findings, tree);
        summary.finish(items);
        if (!summary.isSound()) {
            return;
        }
        requireCounter(items, "node count", item.nodeCount(), summary.nodeCount());
        requireCounter(
                items, "referenced blocks", item.referencedBlocks(), summary.referencedBlocks());
        if (Long.compareUnsigned(summary.highestInode(), item.nextInode()) >= 0) {
            items.tree(
                    DamageCode.WRONG_TREE_COUNTER,
                    "the next inode is "
                            + item.nextInode()
                            + ", but there is inode "
                            + Long.toUnsignedString(summary.highestInode()));
        }
        if (item.isHidden() && summary.isUnfinished()) {
            return;
        }
        requireRootDirectory(tree, item, items);
        if (!summary.isBalanced()) {
            search(tree, item, summary, items);
        }
        if (summary.hasRisingRefs() && !item.isSnapshot()) {
            DirectoryLoops loops = new DirectoryLoops();
            scan(item, summary, loops::item);
            loops.report(items);
        }
        // where inodes are missing that says more than their number
        if (items.isEmpty() && item.countsInodes()) {
            requireCounter(items, "inode count", item.inodeCount(), summary.inodeCount());
        }
    }

    private static void requireCounter(ItemFindings items, String what, long has, long want) {
        if (has != want) {
            items.tree(DamageCode.WRONG_TREE_COUNTER, what + " has " + has + " want " + want);
        }
    }

    private void requireRootDirectory(long tree, SubvolumeItem item, ItemFindings items) {
        try {
            Node root = BTree.readRoot(nodes, item.root(), item.rootLevel());
            BTree reader = BTree.reader(nodes, tree, root);
            Cursor cursor = reader.cursor();
            if (!reader.find(cursor, Volume.ROOT_INODE, ItemKind.INODE.number(), 0)) {
                items.missingRoot();
                return;
            }
            int mode = InodeItem.MODE.get(cursor.page(), cursor.position());
            if ((mode & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
                items.wrongKind(Volume.ROOT_INODE, "the root is no directory");
            }
        } catch (IOException unreadable) {
            findings.add(DamageCode.BAD_NODE, "node", "tree=" + tree, unreadable);
        }
    }

    private void search(long tree, SubvolumeItem item, FileSummary summary, ItemFindings items) {
        long fingerprint = 0;
        for (long sum : summary.sums()) {
            fingerprint = 31 * fingerprint + sum;
        }
        Long other = treesByMismatch.putIfAbsent(fingerprint, tree);
        if (other != null) {
            items.tree(DamageCode.SAME_DAMAGE, "it shares the damage of tree " + other);
            return;
        }
        new MismatchSearch(items).run(summary.sums(), visitor -> scan(item, summary, visitor));
    }

    private void scan(SubvolumeItem item, FileSummary summary, ItemScan.ItemVisitor visitor) {
        new ItemScan(nodes, summary.nodeCount(), visitor).scan(item.root(), item.rootLevel());
    }
}
