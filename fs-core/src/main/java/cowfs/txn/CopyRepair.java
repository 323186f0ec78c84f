package cowfs.txn;

import cowfs.block.CommittedNode;
import cowfs.block.DamageLog;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The repair of one bad copy of a node from the other, good one: the one write into a block that a
/// durable state can reach.
///
/// ```
///   a read                                        the repairing thread
///   primary bad, copy good  --- suspect --->   1  enter an epoch, then take the durable state S
///   goes on with the copy                      2  find the node in S, on the way from its root
///                                              3  read the bad copy again: still bad?
///                                              4  pool sound? write the bytes of the good copy
///                                              5  read it back, count, leave the epoch
/// ```
///
/// The danger is a write to a place that is somebody else's by then. A reader can't rule that out:
/// it may hold a pointer that was freed long ago, whose primary block now belongs to another node
/// while the old bytes still lie in the copy; to such a reader the new node looks like damage. So a
/// reader only says what it saw, and the repair proves anew that the node is alive:
///
/// - *Free and reuse.* S is durable and reaches the node (step 2), so no commit may write there
///   while S could be recovered. A later commit may free the node at any moment; but its blocks can
///   be handed out or discarded only when every epoch entered before is left, and this one was
///   entered before S was taken, and is left after the write has returned. So from step 1 to step 5
///   the blocks belong to the node or to nobody. A write into blocks that belong to nobody harms
///   nobody: the next owner writes them as a whole before anything points there.
/// - *Nodes that are not durable yet* are not found in S. They stay suspects for the scrub.
/// - *Commits.* A commit writes to blocks that were free in S, never to these.
/// - *Two repairs of one copy* are kept apart by a lock; the second finds the copy good (step 3). A
///   failure that has gone away by then, such as a passing read error, is not repaired either.
/// - *A power cut* may tear or drop the write. Then the bad copy is bad, as before; the good one is
///   never touched, and the next read or scrub finds the bad one again. No flush is needed for
///   safety; the next commit's flush makes it durable.
/// - *An unsealed superblock* that lists the node among its runs: recovery wants one copy of each
///   run to verify. The repair changes a copy that does not, into bytes that do.
/// - *A pool that has failed, or was opened for reading,* is not written to. The damage is counted.
/// - *A pointer that lies.* Checksums cover pointers, so only a defect or an attacker makes a copy
///   address that leads into something else. The repair does not write into superblock slots, into
///   the good copy itself, into groups that do not hold metadata, nor where there are no second
///   copies. What is left is the copy of another node, which has its own good copy.
///
/// Reading back (step 5) shows what the host has taken, not what the medium holds: the next scrub
/// will tell.
///
/// What decides about the bytes is the pointer's checksum: good bytes are those that have it, and
/// the whole node is written, so that the copies are byte-identical again.
///
/// Thread safe. The thread lives while there are suspects.
public final class CopyRepair implements DamageLog.Listener {
    /// Suspects that wait; more are left to later reads and to the scrub.
    private static final int MAX_WAITING = 1024;

    private record Suspect(BlockPointer pointer, int level, long address) {}

    private final PoolStore store;
    private final Object writing = new Object();
    private final ArrayDeque<Suspect> waiting = new ArrayDeque<>();
    private final Set<Suspect> known = new HashSet<>();
    private boolean begun;
    private boolean closed;
    private @Nullable Thread worker;

    CopyRepair(PoolStore store) {
        this.store = store;
    }

    /// Takes note of a bad copy, and has it repaired soon on another thread.
    @Override
    public synchronized void badCopy(BlockPointer pointer, int level, long address) {
        Suspect suspect = new Suspect(pointer, level, address);
        if (!closed && waiting.size() < MAX_WAITING && known.add(suspect)) {
            waiting.add(suspect);
            startWorker();
        }
    }

    /// Lets repairs begin: the pool is open. What opening it has read is repaired now.
    synchronized void begin() {
        begun = true;
        startWorker();
    }

    private void startWorker() {
        if (begun && !closed && worker == null && !waiting.isEmpty()) {
            Thread thread = new Thread(this::run, "cowfs-repair");
            thread.setDaemon(true);
            thread.start();
            worker = thread; // not before: closing waits for it to end
        }
    }

    /// Repairs what is waiting, then takes no more.
    void close() {
        boolean interrupted = false;
        synchronized (this) {
            closed = true;
            while (worker != null) {
                try {
                    wait();
                } catch (InterruptedException again) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Suspect next = takeNext();
        while (next != null) {
            try {
                repair(next);
            } catch (IOException | RuntimeException | Error failed) {
                // whatever it is, those behind it are repaired, and closing finds an end
                Log.LOG.log(
                        System.Logger.Level.WARNING,
                        "the bad copy at block={0} was not repaired: {1}",
                        Long.toString(next.address),
                        failed.getMessage() == null ? failed.toString() : failed.getMessage());
            } finally {
                synchronized (this) {
                    known.remove(next);
                }
            }
            next = takeNext();
        }
    }

    /// The next suspect; without one the thread ends.
    private synchronized @Nullable Suspect takeNext() {
        Suspect next = waiting.poll();
        if (next == null) {
            worker = null;
            notifyAll();
        }
        return next;
    }

    private void repair(Suspect suspect) throws IOException {
        long epoch = store.epochs().enter();
        try {
            CommittedState state = store.state();
            BlockPointer pointer = suspect.pointer;
            long other =
                    suspect.address == pointer.address()
                            ? pointer.copyAddress()
                            : pointer.address();
            CommittedNode good = store.nodes().readCopy(pointer, other, suspect.level);
            if (isReachable(state, good)) {
                rewrite(state, good, suspect.address);
            }
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Rewrites a bad copy of a node that `state` reaches. The caller has entered an epoch before
    /// it took the state, and stays in it.
    ///
    /// @param good the node, verified
    /// @param address the place of its bad copy
    /// @return whether that copy verifies now
    public boolean rewrite(CommittedState state, CommittedNode good, long address)
            throws IOException {
        NodeStore nodes = store.nodes();
        BlockPointer pointer = good.pointer();
        if (!mayLieAt(state, pointer, address)) {
            return false;
        }
        synchronized (writing) {
            if (isGood(pointer, address, good.level())) {
                nodes.damage().goodCopy(address);
                return true;
            }
            if (store.readOnly() || store.failure() != null) {
                return false;
            }
            store.device().write(Blocks.toBytes(address), ByteBuffer.wrap(good.page()));
            if (!isGood(pointer, address, good.level())) {
                return false;
            }
        }
        nodes.damage().repairedCopy(address);
        log(pointer, address);
        return true;
    }

    /// Tells of the first repair, and of a few of those that follow when they are many.
    private void log(BlockPointer pointer, long address) {
        long count = store.damage().repairedCopies();
        if (Long.bitCount(count) == 1) {
            Log.LOG.log(
                    System.Logger.Level.WARNING,
                    "repaired the copy at block={0} of the node at block={1}; {2} since the image was opened",
                    Long.toString(address),
                    Long.toString(pointer.address()),
                    Long.toString(count));
        }
    }

    private boolean isGood(BlockPointer pointer, long address, int level) {
        try {
            store.nodes().readCopy(pointer, address, level);
            return true;
        } catch (IOException bad) {
            return false;
        }
    }

    // ---- is it the node's own place?

    private boolean mayLieAt(CommittedState state, BlockPointer pointer, long address)
            throws IOException {
        Superblock superblock = state.superblock();
        int blocks = store.nodes().nodeBlocks();
        boolean isCopy =
                superblock.metadataCopies() == 2
                        && (address == pointer.address() || address == pointer.copyAddress())
                        && Math.abs(pointer.address() - pointer.copyAddress()) >= blocks;
        boolean inside = address > 0 && address <= superblock.deviceBlocks() - blocks;
        if (!isCopy || !inside) {
            return false;
        }
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long start = superblock.areaStart(area);
            if (address < start + SuperblockArea.SLOTS && address + blocks > start) {
                return false;
            }
        }
        return holdsMetadata(state, address) && holdsMetadata(state, address + blocks - 1);
    }

    private boolean holdsMetadata(CommittedState state, long block) throws IOException {
        NodeRefItem item = lookupRoot(state, TreeId.SPACE);
        if (item == null) {
            return false;
        }
        NodeStore nodes = store.nodes();
        BTree space =
                BTree.reader(
                        nodes, TreeId.SPACE, BTree.readRoot(nodes, item.pointer(), item.level()));
        long group = block >>> Blocks.GROUP_SHIFT;
        long region = group / GroupItem.GROUPS_PER_SUMMARY;
        Cursor cursor = space.cursor();
        if (!space.find(cursor, GroupItem.SUMMARY_KEY, ItemKind.GROUP_SUMMARY.number(), region)) {
            return false;
        }
        GroupItem.validateSummary(cursor.page(), cursor.position(), cursor.lengthBytes(), region);
        int entry = (int) (group % GroupItem.GROUPS_PER_SUMMARY);
        return GroupItem.use(cursor.page(), cursor.position(), entry) == Use.METADATA;
    }

    // ---- is the node alive?

    /// Whether a state reaches a node. Every tree that holds the node holds it on the way to its
    /// lowest key, so one descent in each tree tells.
    private boolean isReachable(CommittedState state, CommittedNode node) throws IOException {
        Superblock superblock = state.superblock();
        if (leadsTo(superblock.root(), superblock.rootLevel(), node)) {
            return true;
        }
        Cursor cursor = store.rootTreeOf(state).cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            String where = "tree=" + cursor.inode();
            boolean found = false;
            if (cursor.kind() == ItemKind.SUBVOLUME.number()) {
                SubvolumeItem item =
                        SubvolumeItem.readFrom(
                                cursor.page(), cursor.position(), cursor.lengthBytes(), where);
                found = leadsTo(item.root(), item.rootLevel(), node);
            } else if (cursor.kind() == ItemKind.TREE_ROOT.number()
                    || cursor.kind() == ItemKind.RECLAIM.number()) {
                NodeRefItem item =
                        NodeRefItem.readFrom(
                                cursor.page(), cursor.position(), cursor.lengthBytes(), where);
                found = leadsTo(item.pointer(), item.level(), node);
            }
            if (found) {
                return true;
            }
        }
        return false;
    }

    private boolean leadsTo(BlockPointer root, int rootLevel, CommittedNode node)
            throws IOException {
        BlockPointer at = root;
        int level = rootLevel;
        byte[] page = node.page();
        int first = NodePage.slotPosition(0, NodePage.slotBytes(page));
        boolean empty = node.itemCount() == 0;
        while (level > node.level() && !at.isNone() && !empty) {
            CommittedNode parent = store.nodes().read(at, level);
            int slot =
                    parent.childSlot(
                            NodePage.inode(page, first),
                            NodePage.kind(page, first),
                            NodePage.offset(page, first));
            at =
                    NodePage.pointer(
                            parent.page(),
                            NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
            level--;
        }
        return level == node.level() && at.equals(node.pointer());
    }

    private @Nullable NodeRefItem lookupRoot(CommittedState state, long tree) throws IOException {
        BTree rootTree = store.rootTreeOf(state);
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, tree, ItemKind.TREE_ROOT.number(), 0)) {
            return null;
        }
        return NodeRefItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + tree);
    }

    /// Looked up when there is something to tell: most pools are opened and closed without damage.
    private static final class Log {
        static final System.Logger LOG = System.getLogger("cowfs.txn");
    }
}
