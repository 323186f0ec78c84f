package cowfs.check;

import cowfs.alloc.SpaceMap;
import cowfs.block.CommittedNode;
import cowfs.check.BlockLedger.Role;
import cowfs.check.TreePruner.Pruned;
import cowfs.device.BlockDevice;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.NodePage;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.txn.Rebuild;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// The repair of a damaged image: makes a new state from all that can be read, and puts it in the
/// place of the old one in a single step.
///
/// ```
///   1  check: what is damaged, which blocks are in use
///   2  subvolumes that the root tree has lost: from the root trees of older superblocks
///   3  file trees without what can't be read        TreePruner
///   4  their items made to agree                    TreeMender
///   5  references and blocks counted anew; refcount, space and root tree from that   Rebuild
///   6  check of the new state, which no superblock names yet: it must be clean
///   7  superblock
/// ```
///
/// File trees are believed, the pool's own trees are not. Up to step 7 everything is written to
/// blocks that the old state does not use, so until then the image is as it was, whatever happens:
/// a power cut, a full image, a damage that can't be mended, a defect of this code. The check of
/// step 6 is the same that `cowfs check` runs.
///
/// What deleted subvolumes still held is given back at once. A damaged copy of a node is not
/// written over: the node moves. Memory: see {@link TreePruner} and {@link TreeMender}, and for
/// each block in use {@link BlockLedger}, twice.
public final class ImageRepair {
    /// Damage that is mended by counting anew, without a look at the items of files.
    private static final Set<DamageCode> COUNTED_ANEW =
            EnumSet.of(
                    DamageCode.BAD_SUPERBLOCK,
                    DamageCode.SUPERBLOCK_MISMATCH,
                    DamageCode.WRONG_COUNTER,
                    DamageCode.BAD_COPY,
                    DamageCode.WRONG_OWNER,
                    DamageCode.SHARED_TOO_YOUNG,
                    DamageCode.MISSING_TREE,
                    DamageCode.BAD_SUBVOLUME,
                    DamageCode.WRONG_TREE_COUNTER,
                    DamageCode.LEAKED_BLOCK,
                    DamageCode.FREE_BLOCK_USED,
                    DamageCode.WRONG_REFCOUNT,
                    DamageCode.WRONG_SUMMARY);

    private static final Set<DamageCode> OF_DATA =
            EnumSet.of(
                    DamageCode.BAD_DATA,
                    DamageCode.CHECKSUM_CONFLICT,
                    DamageCode.CONTENT_BEYOND_END,
                    DamageCode.BLOCK_USED_TWICE);

    private final BlockDevice device;
    private final CheckProgress progress;
    private final Rebuild.Base base;
    private final Superblock old;
    private final List<String> actions = new ArrayList<>();
    private final List<LostPath> lost = new ArrayList<>();

    private ImageRepair(BlockDevice device, CheckProgress progress) throws IOException {
        this.device = device;
        this.progress = progress;
        this.base = Rebuild.find(device);
        this.old = base.superblock();
    }

    /// Repairs an image that nobody else has open. A clean one is not written to.
    ///
    /// @throws ImageException when it can't be repaired; then nothing has changed
    /// @throws IOException when there is no valid superblock, or the device fails
    public static RepairResult repair(BlockDevice device, CheckProgress progress)
            throws IOException {
        return new ImageRepair(device, progress).run();
    }

    private RepairResult run() throws IOException {
        CheckRun first = new CheckRun(device, old, progress);
        CheckResult before = first.run();
        if (before.findingCount() == 0) {
            return new RepairResult(before, before, false, List.of(), List.of(), Map.of());
        }
        // the state that is believed must not be one that a power cut can still take back
        device.flush();
        NavigableMap<Long, SubvolumeItem> subvolumes = subvolumes(first);
        EnumSet<DamageCode> codes = first.findings().codes();
        Rebuild rebuild = new Rebuild(device, base, freeSpace(first.ledger()));
        Map<Long, CommittedNode> roots = mendTrees(rebuild, subvolumes, first, codes);
        BlockLedger ledger = new BlockLedger(old.deviceBlocks());
        NavigableMap<Long, SubvolumeItem> items = count(rebuild, subvolumes, roots, ledger);
        Counted counted = new Counted(ledger);
        Superblock superblock = rebuild.writePoolTrees(items, counted, counted);
        actions.add("made the refcount tree, the space tree and the root tree anew");
        CheckResult after = new CheckRun(device, superblock, progress).runBeforeCommit();
        if (after.findingCount() > 0) {
            throw new ImageException(
                    ErrorKind.CORRUPT,
                    "this damage can't be repaired, nothing was changed: "
                            + after.findings().getFirst()
                            + "; copy what can be read to another image");
        }
        rebuild.commit(superblock);
        return new RepairResult(before, after, true, actions, lost, names(subvolumes));
    }

    // ---- subvolumes

    private NavigableMap<Long, SubvolumeItem> subvolumes(CheckRun first) throws ImageException {
        TreeMap<Long, SubvolumeItem> found = new TreeMap<>(first.rootItems().subvolumes());
        if (!first.isRootTreeRead()) {
            Set<Long> deleted = new HashSet<>();
            first.rootItems().reclaimed().forEach(each -> deleted.add(each.tree()));
            for (Superblock older : base.all()) {
                CheckRun.rootItemsOf(device, older)
                        .subvolumes()
                        .forEach(
                                (id, item) -> {
                                    if (id < old.nextTreeId()
                                            && !deleted.contains(id)
                                            && found.putIfAbsent(id, item) == null) {
                                        first.claim(id, item);
                                        actions.add(
                                                "took '"
                                                        + item.name()
                                                        + "' from the older state of txg "
                                                        + older.txg());
                                    }
                                });
            }
        }
        if (found.isEmpty()) {
            throw new ImageException(
                    ErrorKind.CORRUPT,
                    "no subvolume can be found in this image, nothing was changed");
        }
        found.values()
                .removeIf(
                        item -> {
                            if (item.isReceiving()) {
                                actions.add(
                                        "gave up what had been received so far of '"
                                                + item.name()
                                                + "'");
                            }
                            return item.isReceiving();
                        });
        makeNamesRight(found);
        return found;
    }

    /// A snapshot without its subvolume becomes one; of equal names only one is kept.
    private void makeNamesRight(NavigableMap<Long, SubvolumeItem> found) {
        record Name(long parent, String name) {}
        Set<Name> names = new HashSet<>();
        found.replaceAll(
                (id, item) -> {
                    SubvolumeItem parent = found.get(item.parentTree());
                    SubvolumeItem right = item;
                    if (item.isSnapshot() && (parent == null || parent.isSnapshot())) {
                        right = right.asSubvolume();
                        actions.add("made the snapshot '" + item.name() + "' a subvolume");
                    }
                    if (!names.add(new Name(right.parentTree(), right.name()))) {
                        right = right.withName("tree-" + id);
                        names.add(new Name(right.parentTree(), right.name()));
                        actions.add("renamed a second '" + item.name() + "' to tree-" + id);
                    }
                    return right;
                });
    }

    private static Map<Long, String> names(Map<Long, SubvolumeItem> subvolumes) {
        Map<Long, String> names = new TreeMap<>();
        subvolumes.forEach(
                (id, item) -> {
                    SubvolumeItem parent = subvolumes.get(item.parentTree());
                    names.put(id, parent == null ? item.name() : parent.name() + "@" + item.name());
                });
        return names;
    }

    // ---- free space

    /// What the old state, and what was found in older ones, does not use.
    private SpaceMap freeSpace(BlockLedger used) {
        int[] free = SpaceMap.allFree(old.deviceBlocks());
        Use[] use = new Use[free.length];
        boolean[] mixed = new boolean[free.length];
        for (int group = 0; group < free.length; group++) {
            use[group] = Use.UNUSED;
            long first = (long) group << Blocks.GROUP_SHIFT;
            int blocks = free[group];
            for (long block = first; block < first + blocks && !used.isUntouched(group); block++) {
                Use here = used.role(block).use();
                if (here != Use.UNUSED) {
                    free[group]--;
                    mixed[group] |= use[group] != Use.UNUSED && use[group] != here;
                    use[group] = here;
                }
            }
            free[group] = mixed[group] ? 0 : free[group];
        }
        return new SpaceMap(
                old.deviceBlocks(),
                free,
                use,
                group -> mixed[(int) group] ? full() : bits(used, (int) group));
    }

    private static long[] full() {
        long[] words = new long[Blocks.PER_GROUP / Long.SIZE];
        java.util.Arrays.fill(words, -1);
        return words;
    }

    private static long[] bits(BlockLedger used, int group) {
        long[] words = new long[Blocks.PER_GROUP / Long.SIZE];
        long first = (long) group << Blocks.GROUP_SHIFT;
        long end = Math.min(first + Blocks.PER_GROUP, used.blockCount());
        for (long block = first; block < end && !used.isUntouched(group); block++) {
            if (used.role(block) != Role.NONE) {
                int bit = (int) (block - first);
                words[bit >>> 6] |= 1L << bit;
            }
        }
        return words;
    }

    // ---- file trees

    private Map<Long, CommittedNode> mendTrees(
            Rebuild rebuild,
            NavigableMap<Long, SubvolumeItem> subvolumes,
            CheckRun first,
            Set<DamageCode> codes)
            throws IOException {
        TreePruner pruner = new TreePruner(old, rebuild);
        Map<Long, Pruned> pruned = new TreeMap<>();
        for (boolean snapshots : new boolean[] {false, true}) {
            for (Map.Entry<Long, SubvolumeItem> each : subvolumes.entrySet()) {
                SubvolumeItem item = each.getValue();
                if (item.isSnapshot() == snapshots) {
                    pruned.put(
                            each.getKey(),
                            pruner.prune(each.getKey(), item.root(), item.rootLevel()));
                }
            }
        }
        if (pruner.movedCount() > 0) {
            actions.add("moved or mended " + pruner.movedCount() + " nodes of file trees");
        }
        boolean items = !first.isRootTreeRead() || !COUNTED_ANEW.containsAll(codes);
        boolean trusting = first.isRootTreeRead() && java.util.Collections.disjoint(codes, OF_DATA);
        ContentVerdict verdict =
                new ContentVerdict(
                        device,
                        pruner.claims(),
                        trusting,
                        codes.contains(DamageCode.CHECKSUM_CONFLICT));
        NameHash hash =
                new NameHash(
                        ByteBuffer.allocate(NameHash.SEED_BYTES)
                                .putLong(old.nameSeed().getMostSignificantBits())
                                .putLong(old.nameSeed().getLeastSignificantBits())
                                .array());
        Map<Long, CommittedNode> roots = new TreeMap<>();
        for (boolean snapshots : new boolean[] {false, true}) {
            for (Map.Entry<Long, SubvolumeItem> each : List.copyOf(subvolumes.entrySet())) {
                long id = each.getKey();
                Pruned tree = pruned.get(id);
                if (each.getValue().isSnapshot() != snapshots || tree == null) {
                    continue;
                }
                BlockPointer now = tree.now();
                CommittedNode root = now == null ? null : rebuild.nodes().read(now, tree.level());
                if (items) {
                    TreeMender mender = new TreeMender(rebuild, hash, verdict, id, old.txg(), lost);
                    root = mender.mend(root, tree.lost(), each.getValue().nextInode());
                }
                if (root != null) {
                    roots.put(id, root);
                }
            }
        }
        if (items) {
            actions.add("made the items of " + subvolumes.size() + " file trees agree");
        }
        return roots;
    }

    // ---- counting

    private NavigableMap<Long, SubvolumeItem> count(
            Rebuild rebuild,
            NavigableMap<Long, SubvolumeItem> subvolumes,
            Map<Long, CommittedNode> roots,
            BlockLedger ledger) {
        Superblock next = old.sealedAs(rebuild.txg());
        CheckRun.claimSuperblocks(ledger, old.deviceBlocks());
        Findings unused = new Findings();
        NodeWalk walk =
                new NodeWalk(
                        next,
                        new NodeReader(rebuild.nodes(), unused),
                        ledger,
                        SharedBlocks.unreadable(),
                        unused,
                        new Progress((done, total) -> {}, 1));
        TreeMap<Long, SubvolumeItem> items = new TreeMap<>();
        subvolumes.forEach(
                (id, item) -> {
                    CommittedNode root = roots.get(id);
                    FileSummary summary =
                            root == null
                                    ? new FileSummary()
                                    : walk.walk(
                                            new TreeContext(
                                                    id, TreeContext.Kind.FILES, Long.MAX_VALUE),
                                            root.pointer(),
                                            root.level(),
                                            (leaf, into) -> count(leaf, into, ledger));
                    items.put(
                            id,
                            item.withTree(
                                    root == null ? BlockPointer.NONE : root.pointer(),
                                    root == null ? 0 : root.level(),
                                    rebuild.txg(),
                                    Math.max(item.nextInode(), summary.highestInode() + 1),
                                    summary.referencedBlocks(),
                                    summary.nodeCount()));
                });
        return items;
    }

    private static void count(CommittedNode leaf, FileSummary summary, BlockLedger ledger) {
        byte[] page = leaf.page();
        for (int slot = 0; slot < leaf.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int position = NodePage.valuePosition(page, at);
            int kind = NodePage.kind(page, at);
            if (kind == ItemKind.INODE.number()) {
                summary.inode(
                        NodePage.inode(page, at),
                        InodeItem.MODE.get(page, position),
                        InodeItem.SIZE_BYTES.get(page, position));
            } else if (kind == ItemKind.CONTENT.number()
                    && ContentItem.namesBlocks(page, position)) {
                long address = ContentItem.ADDRESS.get(page, position);
                int blocks = ContentItem.blockCount(page, position);
                summary.addReferencedBlocks(blocks);
                for (long block = address; block < address + blocks; block++) {
                    if (ledger.role(block) == Role.NONE) {
                        ledger.claim(block, Role.DATA);
                    } else {
                        ledger.addReferences(block, 1);
                    }
                }
            }
        }
    }

    /// What the ledger has counted, in the words of {@link Rebuild}.
    private static final class Counted implements Rebuild.References, Rebuild.Usage {
        private final BlockLedger ledger;

        Counted(BlockLedger ledger) {
            this.ledger = ledger;
        }

        @Override
        public void forEach(Rebuild.ReferenceVisitor visitor) throws IOException {
            long start = 0;
            int count = 0;
            for (long block = 0; block <= ledger.blockCount(); block++) {
                boolean end = block == ledger.blockCount();
                if (!end
                        && count < 2
                        && (block & (Blocks.PER_GROUP - 1)) == 0
                        && ledger.isUntouched((int) (block >>> Blocks.GROUP_SHIFT))) {
                    block += Blocks.PER_GROUP - 1;
                    continue;
                }
                int here = end ? 0 : ledger.count(block);
                if (here != count) {
                    if (count >= 2) {
                        visitor.range(start, block - start, count);
                    }
                    start = block;
                    count = here;
                }
            }
        }

        @Override
        public long[] bits(int group) {
            return ImageRepair.bits(ledger, group);
        }

        @Override
        public Use use(int group) {
            long first = (long) group << Blocks.GROUP_SHIFT;
            long end = Math.min(first + Blocks.PER_GROUP, ledger.blockCount());
            for (long block = first; block < end; block++) {
                if (ledger.role(block) != Role.NONE) {
                    return ledger.role(block).use();
                }
            }
            return Use.UNUSED;
        }

        @Override
        public long dataBlocks() {
            return ledger.total(Role.DATA);
        }

        @Override
        public long metadataBlocks() {
            return ledger.total(Role.SUPERBLOCK)
                    + ledger.total(Role.NODE_START)
                    + ledger.total(Role.NODE_REST)
                    + ledger.total(Role.COPY);
        }
    }
}
