package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.txn.Rebuild;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The second half of mending a file tree: makes its items keep the rules that tie them together,
/// and says what was lost.
///
/// Much of a file tree is told twice, and what one side has lost the other gives back:
///
/// - a name whose entry is lost comes back from the inode ref, and the other way round;
/// - link counts, directory sizes and sectors are counted;
/// - an inode without any name goes to `/lost+found`, as `#` and its number; with what is below it,
///   when it is a directory. One that had no links left becomes an orphan again;
/// - an inode whose attributes are lost, but whose content or entries are there, is kept: owned by
///   root, readable by root, its length rounded up to a block;
/// - an entry that leads to nothing goes, and its path is listed;
/// - a symlink is its target: one whose target is lost goes, with what was left of its attributes,
///   as no valid item can hold it, and its path is listed;
/// - of content that can't be read the blocks are left out: they read as zeros, and path and range
///   are listed.
///
/// Items that are no valid records go. Of what is readable nothing else is given up.
///
/// Memory: about 200 bytes for each inode of the tree and each of its names. Used for one tree, on
/// one thread.
final class TreeMender {
    private final Rebuild rebuild;
    private final ContentVerdict verdict;
    private final long treeId;
    private final TreeFacts tree;
    private final List<LostPath> lost;

    /// @param txg of the state that is mended
    /// @param lost takes what could not be kept
    TreeMender(
            Rebuild rebuild,
            NameHash hash,
            ContentVerdict verdict,
            long treeId,
            long txg,
            List<LostPath> lost) {
        this.rebuild = rebuild;
        this.verdict = verdict;
        this.treeId = treeId;
        this.tree = new TreeFacts(hash, txg);
        this.lost = lost;
    }

    /// Mends the tree below `root`, which can be read as a whole.
    ///
    /// @param ranges keys whose items are lost
    /// @return the new root
    @Nullable CommittedNode mend(
            @Nullable CommittedNode root, List<KeyRange> ranges, long firstFreeInode)
            throws IOException {
        FactReader reader = new FactReader(tree, verdict);
        if (root != null) {
            new ItemScan(rebuild.nodes(), Long.MAX_VALUE, reader::item)
                    .scan(root.pointer(), root.level());
        }
        reader.finish();
        long nextInode = Math.max(firstFreeInode, Volume.ROOT_INODE + 1);
        for (long inode : tree.inodes.keySet()) {
            nextInode = Math.max(nextInode, inode + 1);
        }
        new NameMender(tree, nextInode).mend();
        BTree open = rebuild.tree(treeId, root);
        count(open);
        new LossReport(tree, treeId, lost).report(ranges);
        for (Map.Entry<Key, byte[]> edit : tree.edits.entrySet()) {
            Key key = edit.getKey();
            if (edit.getValue() == TreeFacts.REMOVE) {
                open.remove(key.inode(), key.kind(), key.offset());
            } else {
                open.put(key.inode(), key.kind(), key.offset(), edit.getValue());
            }
        }
        return rebuild.write(open);
    }

    private void count(BTree open) throws IOException {
        tree.directories.forEach(
                (directory, entries) -> {
                    for (TreeFacts.Entry entry : entries.values()) {
                        tree.facts(directory).entries++;
                        tree.facts(entry.child).names++;
                        if (tree.isDirectory(entry.child)) {
                            tree.facts(directory).subdirectories++;
                        }
                    }
                });
        for (Map.Entry<Long, FileFacts> each : tree.inodes.entrySet()) {
            FileFacts facts = each.getValue();
            if (facts.present) {
                settle(open, each.getKey(), facts);
            } else if (facts.hasOrphanItem) {
                tree.edits.put(TreeFacts.orphanKey(each.getKey()), TreeFacts.REMOVE);
            }
        }
    }

    private void settle(BTree open, long inode, FileFacts facts) throws IOException {
        boolean directory = TreeFacts.type(facts) == Attributes.DIRECTORY;
        long links = facts.hasOrphanItem ? 0 : directory ? 2L + facts.subdirectories : facts.names;
        boolean content =
                TreeFacts.type(facts) == Attributes.REGULAR
                        || TreeFacts.type(facts) == Attributes.SYMLINK;
        long size =
                directory ? facts.entries : content ? Math.max(facts.size, facts.sizeNeeded) : 0;
        long sectors = facts.foundSectors;
        boolean right =
                facts.links == links
                        && facts.size == size
                        && facts.sectors == sectors
                        && facts.generation >= 0
                        && facts.generation <= tree.txg;
        if (right) {
            return;
        }
        byte[] item = new byte[InodeItem.LAYOUT.sizeBytes()];
        Cursor cursor = open.cursor();
        boolean keep = facts.links >= 0 && open.find(cursor, inode, ItemKind.INODE.number(), 0);
        if (keep) {
            item = cursor.value();
        } else {
            long now = Instant.now().getEpochSecond();
            InodeItem.ACCESSED_SECONDS.set(item, 0, now);
            InodeItem.MODIFIED_SECONDS.set(item, 0, now);
            InodeItem.CHANGED_SECONDS.set(item, 0, now);
            InodeItem.BORN_SECONDS.set(item, 0, now);
        }
        InodeItem.MODE.set(item, 0, facts.mode);
        InodeItem.LINK_COUNT.set(item, 0, (int) links);
        InodeItem.SIZE_BYTES.set(item, 0, size);
        InodeItem.SECTORS.set(item, 0, sectors);
        InodeItem.GENERATION.set(
                item, 0, facts.generation < 0 ? tree.txg : Math.min(facts.generation, tree.txg));
        tree.edits.put(new Key(inode, ItemKind.INODE.number(), 0), item);
    }
}
