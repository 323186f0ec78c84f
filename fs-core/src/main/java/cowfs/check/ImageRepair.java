package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.check.TreePruner.Pruned;
import cowfs.device.BlockDevice;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.BlockPointer;
import cowfs.format.NameHash;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.txn.Rebuild;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
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
///   2  subvolumes, those that the root tree has lost too       SubvolumeSearch
///   3  file trees without what can't be read                   TreePruner
///   4  their items made to agree                               TreeMender
///   5  references and blocks counted anew                      Recount, CountedSpace
///      refcount, space and root tree from that                 Rebuild
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
        NavigableMap<Long, SubvolumeItem> subvolumes =
                new SubvolumeSearch(device, base, actions).find(first);
        EnumSet<DamageCode> codes = first.findings().codes();
        Rebuild rebuild = new Rebuild(device, base, new CountedSpace(first.ledger()).freeSpace());
        Map<Long, CommittedNode> roots = mendTrees(rebuild, subvolumes, first, codes);
        BlockLedger ledger = new BlockLedger(old.deviceBlocks());
        NavigableMap<Long, SubvolumeItem> items =
                new Recount(ledger)
                        .count(rebuild.nodes(), old.sealedAs(rebuild.txg()), subvolumes, roots);
        CountedSpace counted = new CountedSpace(ledger);
        Superblock superblock =
                rebuild.writePoolTrees(
                        items, first.rootItems().propertiesOf(items.keySet()), counted, counted);
        actions.add("made the refcount tree, the space tree and the root tree anew");
        CheckResult after = new CheckRun(device, superblock, progress).runBeforeCommit();
        if (after.findingCount() > 0) {
            throw new ImageException(
                    ErrorKind.CORRUPT,
                    "this damage can't be repaired, nothing was changed: "
                            + after.findings().getFirst()
                            + "; copy what can be read to another image");
        }
        if (!first.isRootTreeRead()) {
            actions.add("kept the properties and holds that could be read; others are gone");
        }
        rebuild.commit(superblock);
        return new RepairResult(
                before, after, true, actions, lost, SubvolumeSearch.names(subvolumes));
    }

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
            actions.add(
                    "moved or mended "
                            + CountText.of(pruner.movedCount(), "node")
                            + " of file trees");
        }
        boolean items = !first.isRootTreeRead() || !COUNTED_ANEW.containsAll(codes);
        boolean trusting = first.isRootTreeRead() && Collections.disjoint(codes, OF_DATA);
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
}
