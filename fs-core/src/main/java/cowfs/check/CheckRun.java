package cowfs.check;

import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.check.BlockLedger.Role;
import cowfs.check.RootTreeItems.Pending;
import cowfs.check.RootTreeItems.Reclaimed;
import cowfs.device.BlockDevice;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.NodeRefItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// One check of one state, from the superblock to the recount; see {@link Checker}. Used once, on
/// one thread.
final class CheckRun {
    private final Superblock superblock;
    private final BlockDevice device;
    private final Findings findings = new Findings();
    private final NodeStore nodes;
    private final BlockLedger ledger;
    private final Progress progress;
    private final NodeWalk walk;
    private final FileLeaf fileLeaf;
    private final RootTreeItems rootItems;
    private boolean complete = true;
    private boolean rootTreeRead;
    private long inodeCount;

    CheckRun(BlockDevice device, Superblock superblock, CheckProgress listener) {
        this.device = device;
        this.superblock = superblock;
        this.nodes =
                new NodeStore(
                        device,
                        superblock.uuid(),
                        superblock.nodeBytes(),
                        superblock.deviceBlocks(),
                        Checker.NODE_CACHE_BYTES);
        this.ledger = new BlockLedger(superblock.deviceBlocks());
        this.progress =
                new Progress(listener, superblock.dataBlocks() + superblock.metadataBlocks());
        SharedBlocks shared = shared();
        this.walk =
                new NodeWalk(
                        superblock,
                        new NodeReader(nodes, findings),
                        ledger,
                        shared,
                        findings,
                        progress);
        DataCheck data = new DataCheck(device, ledger, shared, findings, progress);
        byte[] seed =
                ByteBuffer.allocate(NameHash.SEED_BYTES)
                        .putLong(superblock.nameSeed().getMostSignificantBits())
                        .putLong(superblock.nameSeed().getLeastSignificantBits())
                        .array();
        this.fileLeaf = new FileLeaf(findings, data, new NameHash(seed), superblock.txg());
        this.rootItems = new RootTreeItems(superblock, findings);
    }

    Findings findings() {
        return findings;
    }

    BlockLedger ledger() {
        return ledger;
    }

    RootTreeItems rootItems() {
        return rootItems;
    }

    /// Whether all items of the root tree could be read.
    boolean isRootTreeRead() {
        return rootTreeRead;
    }

    /// Takes account of one more tree, which the root tree does not name.
    void claim(long id, SubvolumeItem item) {
        walkFiles(id, Long.MAX_VALUE, item.root(), item.rootLevel());
    }

    /// What can be read of the root tree of an older state.
    static RootTreeItems rootItemsOf(BlockDevice device, Superblock older) {
        CheckRun run = new CheckRun(device, older, (done, total) -> {});
        run.walkRootTree();
        return run.rootItems;
    }

    /// Checks a state.
    CheckResult run() {
        new SuperblockCheck(device, superblock, findings).check();
        return runBeforeCommit();
    }

    /// Checks a state that no superblock on the device names yet.
    CheckResult runBeforeCommit() {
        claimSuperblocks(ledger, superblock);
        progress.add((long) SuperblockArea.AREAS * SuperblockArea.SLOTS);
        walkRootTree();
        boolean refcountsRead = walkRefcounts();
        boolean spaceRead = walkSpace();
        FileTreeCheck judge = new FileTreeCheck(nodes, findings);
        walkFileTrees(judge, false);
        walkFileTrees(judge, true);
        walkReclaimed();
        claimPending();
        compareRefcounts(refcountsRead);
        compareSpace(spaceRead);
        compareCounters();
        progress.finish();
        return new CheckResult(
                findings.listed(),
                findings.count(),
                superblock.txg(),
                walk.nodeCount(),
                ledger.total(Role.DATA) + ledger.total(Role.UNWRITTEN),
                inodeCount,
                rootItems.subvolumes().size());
    }

    /// What the refcount tree says, as far as it can be found before anything was verified.
    private SharedBlocks shared() {
        try {
            BTree rootTree =
                    BTree.reader(
                            nodes,
                            TreeId.ROOT,
                            BTree.readRoot(nodes, superblock.root(), superblock.rootLevel()));
            Cursor cursor = rootTree.cursor();
            if (!rootTree.find(cursor, TreeId.REFCOUNT, ItemKind.TREE_ROOT.number(), 0)) {
                return SharedBlocks.unreadable();
            }
            NodeRefItem item =
                    NodeRefItem.readFrom(
                            cursor.page(), cursor.position(), cursor.lengthBytes(), "refcounts");
            return new SharedBlocks(
                    BTree.reader(
                            nodes,
                            TreeId.REFCOUNT,
                            BTree.readRoot(nodes, item.pointer(), item.level())));
        } catch (IOException reportedLater) {
            return SharedBlocks.unreadable();
        }
    }

    static void claimSuperblocks(BlockLedger ledger, Superblock superblock) {
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long start = superblock.areaStart(area);
            for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
                ledger.claim(start + slot, Role.SUPERBLOCK);
            }
        }
    }

    private void walkRootTree() {
        FileSummary summary =
                walk.walk(
                        TreeContext.pool(TreeId.ROOT, TreeContext.Kind.ROOT),
                        superblock.root(),
                        superblock.rootLevel(),
                        rootItems::leaf);
        boolean read = summary.isSound() && rootItems.isSound();
        rootTreeRead = read;
        complete &= read;
        if (read) {
            rootItems.checkRules();
        }
    }

    private boolean walkRefcounts() {
        boolean[] valid = {true};
        boolean sound =
                walkPoolTree(
                        TreeId.REFCOUNT,
                        TreeContext.Kind.REFCOUNT,
                        (leaf, summary) ->
                                valid[0] &=
                                        RefcountCheck.validate(
                                                leaf, superblock.deviceBlocks(), findings));
        return sound && valid[0];
    }

    private boolean walkSpace() {
        boolean[] valid = {true};
        boolean sound =
                walkPoolTree(
                        TreeId.SPACE,
                        TreeContext.Kind.SPACE,
                        (leaf, summary) ->
                                valid[0] &=
                                        SpaceCheck.validate(leaf, ledger.groupCount(), findings));
        return sound && valid[0];
    }

    private boolean walkPoolTree(long id, TreeContext.Kind kind, NodeWalk.LeafVisitor visitor) {
        NodeRefItem root = rootItems.root(id);
        if (root == null) {
            complete = false;
            findings.add(
                    DamageCode.MISSING_TREE, "root tree", "tree=" + id, "its root is not named");
            return false;
        }
        FileSummary summary =
                walk.walk(TreeContext.pool(id, kind), root.pointer(), root.level(), visitor);
        complete &= summary.isSound();
        if (summary.isSound() && summary.nodeCount() != root.nodeCount()) {
            findings.add(
                    DamageCode.WRONG_TREE_COUNTER,
                    "root tree",
                    "tree=" + id,
                    "node count has " + root.nodeCount() + " want " + summary.nodeCount());
        }
        return summary.isSound();
    }

    private void walkFileTrees(FileTreeCheck judge, boolean snapshots) {
        for (Map.Entry<Long, SubvolumeItem> each : rootItems.subvolumes().entrySet()) {
            long id = each.getKey();
            SubvolumeItem item = each.getValue();
            if (item.isSnapshot() == snapshots) {
                FileSummary summary =
                        walkFiles(id, item.lastSnapshotTxg(), item.root(), item.rootLevel());
                judge.check(id, item, summary);
                inodeCount += snapshots ? 0 : summary.inodeCount();
            }
        }
    }

    private void walkReclaimed() {
        for (Reclaimed each : rootItems.reclaimed()) {
            walkFiles(each.tree(), Long.MAX_VALUE, each.item().pointer(), each.item().level());
        }
    }

    private FileSummary walkFiles(long id, long lastSnapshotTxg, BlockPointer root, int level) {
        FileSummary summary =
                walk.walk(
                        new TreeContext(id, TreeContext.Kind.FILES, lastSnapshotTxg),
                        root,
                        level,
                        (leaf, into) -> fileLeaf.check(id, leaf, into));
        complete &= summary.isSound();
        return summary;
    }

    private void claimPending() {
        for (Pending each : rootItems.pending()) {
            long taken =
                    ledger.claim(each.address(), each.blockCount(), Role.PENDING, Role.PENDING);
            if (taken >= 0) {
                findings.add(
                        DamageCode.BLOCK_USED_TWICE,
                        "pending",
                        "block=" + taken,
                        "a block that is to be freed is " + ledger.role(taken).words());
            }
        }
    }

    private void compareRefcounts(boolean treeRead) {
        RefcountCheck check = new RefcountCheck(ledger, findings, complete, treeRead);
        scan(TreeId.REFCOUNT, check::item);
        check.finish();
    }

    private void compareSpace(boolean treeRead) {
        SpaceCheck check = new SpaceCheck(ledger, findings, complete, treeRead);
        scan(TreeId.SPACE, check::item);
        check.finish();
    }

    private void scan(long tree, ItemScan.ItemVisitor visitor) {
        NodeRefItem root = rootItems.root(tree);
        if (root != null) {
            new ItemScan(nodes, walk.nodeCount(), visitor).scan(root.pointer(), root.level());
        }
    }

    private void compareCounters() {
        if (!complete) {
            return;
        }
        long data = 0;
        long metadata = 0;
        for (Role role : Role.values()) {
            switch (role.use()) {
                case DATA -> data += ledger.total(role);
                case METADATA -> metadata += ledger.total(role);
                case UNUSED -> {}
            }
        }
        requireCounter("data blocks", superblock.dataBlocks(), data);
        requireCounter("metadata blocks", superblock.metadataBlocks(), metadata);
    }

    private void requireCounter(String what, long has, long want) {
        if (has != want) {
            findings.add(
                    DamageCode.WRONG_COUNTER,
                    "superblock",
                    "txg=" + superblock.txg(),
                    what + " has " + has + " want " + want);
        }
    }
}
