package cowfs.block;

import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A node of a transaction group that has not reached the device. It has no address yet.
///
/// While its group is open it may be changed, under the lock of its tree. From the freeze on it
/// changes no more: the commit makes a {@link CommittedNode} from a copy of its page and publishes
/// it with {@link #commit}, and whoever still refers to this object follows that.
///
/// An interior node names a child either by the pointer in its page or, when the child was changed
/// since it was read, by a reference in memory that takes precedence.
///
/// References must not pile up. While changes go on without a pause every root is the shadow of a
/// frozen one that is still being written, and a reference that was only ever copied from shadow to
/// shadow would keep each node in memory that was changed since the last pause. So a shadow names
/// by address what has been committed by then, and a node lets go of its children when it is
/// committed itself: what is in memory are the open group, the one being written, and nodes of the
/// one before that these name.
public final class OwnedNode extends Node {
    /// Of a committed node, which names its children by address.
    private static final @Nullable Node[] NO_CHILDREN = new Node[0];

    private final long txg;

    /// Written before {@link #committed} is read by whoever finds it empty.
    private volatile @Nullable Node[] children;

    private volatile @Nullable CommittedNode committed;

    private OwnedNode(byte[] page, long txg, @Nullable Node[] children) {
        super(page);
        this.txg = txg;
        this.children = children;
    }

    /// A new, empty node.
    public static OwnedNode create(int nodeBytes, int level, long owner, UUID uuid, long txg) {
        byte[] page = new byte[nodeBytes];
        NodePage.initialise(page, level, owner, uuid);
        return new OwnedNode(page, txg, new Node[level == 0 ? 0 : 8]);
    }

    /// A copy of `source` that `txg` may change: the shadow of copy-on-write.
    public static OwnedNode shadow(Node source, long txg) {
        return switch (source) {
            case OwnedNode frozen -> frozen.shadowFrozen(txg);
            case CommittedNode committed ->
                    new OwnedNode(
                            committed.page().clone(),
                            txg,
                            new Node[committed.isLeaf() ? 0 : committed.itemCount() + 1]);
        };
    }

    private OwnedNode shadowFrozen(long openTxg) {
        // in this order: they are let go after the commit is published
        @Nullable Node[] named = children;
        CommittedNode done = committed;
        if (done != null) {
            return shadow(done, openTxg);
        }
        OwnedNode shadow = new OwnedNode(page().clone(), openTxg, named.clone());
        shadow.nameCommittedByAddress();
        return shadow;
    }

    private void nameCommittedByAddress() {
        @Nullable Node[] named = children;
        for (int slot = 0; slot < named.length; slot++) {
            if (named[slot] instanceof OwnedNode child) {
                CommittedNode done = child.committed;
                if (done != null) {
                    int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
                    NodePage.setPointer(page(), at, done.pointer());
                    named[slot] = null;
                }
            }
        }
    }

    /// The group that may change this node.
    public long txg() {
        return txg;
    }

    /// What the commit made of this frozen node; null before.
    public @Nullable CommittedNode committed() {
        return committed;
    }

    /// Publishes what the commit made of this node, and lets go of its children.
    public void commit(CommittedNode written) {
        committed = written;
        children = NO_CHILDREN;
    }

    /// The child of a slot when it is in memory because it changed, else null: then {@link
    /// #pointer} holds.
    public @Nullable Node childInMemory(int slot) {
        @Nullable Node[] named = children;
        Node child = slot < named.length ? named[slot] : null;
        if (child instanceof OwnedNode owned) {
            CommittedNode done = owned.committed();
            return done == null ? owned : done;
        }
        return child;
    }

    /// The address of a child for which {@link #childInMemory} has just returned null.
    public BlockPointer pointer(int slot) {
        CommittedNode done = committed;
        return NodePage.pointer(
                done == null ? page() : done.page(),
                NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
    }

    /// Names a child of a slot by reference.
    public void setChild(int slot, OwnedNode child) {
        ensureChildren(slot + 1);
        children[slot] = child;
    }

    /// Free bytes between slots and heap, before compaction.
    private int gap() {
        return NodePage.heapStart(page())
                - NodePage.slotPosition(itemCount(), NodePage.slotBytes(page()));
    }

    /// Bytes that a new slot with its value could use, after compaction if need be.
    public int freeBytes() {
        return gap() + NodePage.garbage(page());
    }

    /// Bytes that slots and live values take.
    public int usedBytes() {
        return page().length - NodePage.HEADER_BYTES - freeBytes();
    }

    /// Inserts an item before `slot`; there must be room for it.
    public void insertItem(
            int slot, long inode, int kind, long offset, byte[] value, int from, int lengthBytes) {
        int need = NodePage.LEAF_SLOT_BYTES + lengthBytes;
        if (gap() < need) {
            compact();
            if (gap() < need) {
                throw new IllegalStateException("no room for " + need + " bytes in a leaf");
            }
        }
        openSlot(slot, NodePage.LEAF_SLOT_BYTES);
        int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
        NodePage.setKey(page(), at, inode, kind, offset);
        placeValue(at, value, from, lengthBytes);
    }

    /// Gives the item of a slot another value; there must be room for it.
    public void replaceValue(int slot, byte[] value, int from, int lengthBytes) {
        int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
        byte[] page = page();
        int oldLength = NodePage.valueLength(page, at);
        if (lengthBytes <= oldLength) {
            int position = NodePage.valuePosition(page, at);
            System.arraycopy(value, from, page, position, lengthBytes);
            if (lengthBytes < oldLength) {
                Arrays.fill(page, position + lengthBytes, position + oldLength, (byte) 0);
                NodePage.setValue(page, at, position, lengthBytes);
                NodePage.setGarbage(page, NodePage.garbage(page) + oldLength - lengthBytes);
            }
            return;
        }
        dropValue(at);
        if (gap() < lengthBytes) {
            compact();
            if (gap() < lengthBytes) {
                throw new IllegalStateException("no room for a value of " + lengthBytes + " bytes");
            }
        }
        placeValue(at, value, from, lengthBytes);
    }

    /// Removes the item of a slot.
    public void removeItem(int slot) {
        dropValue(NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES));
        closeSlot(slot, NodePage.LEAF_SLOT_BYTES);
    }

    /// Inserts a child before `slot`, named by its reference; there must be room.
    public void insertChild(int slot, long inode, int kind, long offset, OwnedNode child) {
        int count = itemCount();
        openSlot(slot, NodePage.INTERIOR_SLOT_BYTES);
        int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
        NodePage.setKey(page(), at, inode, kind, offset);
        NodePage.setPointer(page(), at, BlockPointer.NONE);
        ensureChildren(count + 1);
        System.arraycopy(children, slot, children, slot + 1, count - slot);
        children[slot] = child;
    }

    /// Removes the child of a slot. The node keeps its lower bound: when slot 0 goes, its key
    /// passes to the next one.
    public void removeChild(int slot) {
        int count = itemCount();
        if (slot == 0 && count > 1) {
            int first = NodePage.slotPosition(0, NodePage.INTERIOR_SLOT_BYTES);
            int second = NodePage.slotPosition(1, NodePage.INTERIOR_SLOT_BYTES);
            System.arraycopy(
                    page(),
                    first,
                    page(),
                    second,
                    NodePage.INTERIOR_SLOT_LAYOUT.fields().get(3).offset());
        }
        closeSlot(slot, NodePage.INTERIOR_SLOT_BYTES);
        ensureChildren(count);
        System.arraycopy(children, slot + 1, children, slot, count - slot - 1);
        children[count - 1] = null;
    }

    /// Moves the slots from `firstSlot` on, with values or children, to the end of `right`, a node
    /// of the same level with room for them.
    public void moveTail(int firstSlot, OwnedNode right) {
        int count = itemCount();
        for (int slot = firstSlot; slot < count; slot++) {
            right.append(this, slot);
        }
        if (isLeaf()) {
            truncate(firstSlot);
        } else {
            ensureChildren(count);
            Arrays.fill(children, firstSlot, count, null);
            NodePage.setItemCount(page(), firstSlot);
            clearGap();
        }
    }

    private void append(OwnedNode source, int slot) {
        int end = itemCount();
        int slotBytes = NodePage.slotBytes(page());
        int from = NodePage.slotPosition(slot, slotBytes);
        int to = NodePage.slotPosition(end, slotBytes);
        byte[] other = source.page();
        if (isLeaf()) {
            int length = NodePage.valueLength(other, from);
            insertItem(
                    end,
                    NodePage.inode(other, from),
                    NodePage.kind(other, from),
                    NodePage.offset(other, from),
                    other,
                    NodePage.valuePosition(other, from),
                    length);
        } else {
            System.arraycopy(other, from, page(), to, slotBytes);
            NodePage.setItemCount(page(), end + 1);
            ensureChildren(end + 1);
            children[end] = slot < source.children.length ? source.children[slot] : null;
        }
    }

    private void truncate(int count) {
        for (int slot = count; slot < itemCount(); slot++) {
            dropValue(NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES));
        }
        NodePage.setItemCount(page(), count);
        compact();
    }

    private void placeValue(int slotPosition, byte[] value, int from, int lengthBytes) {
        int position = NodePage.heapStart(page()) - lengthBytes;
        System.arraycopy(value, from, page(), position, lengthBytes);
        NodePage.setHeapStart(page(), position);
        NodePage.setValue(page(), slotPosition, lengthBytes == 0 ? 0 : position, lengthBytes);
    }

    private void dropValue(int slotPosition) {
        byte[] page = page();
        int length = NodePage.valueLength(page, slotPosition);
        int position = NodePage.valuePosition(page, slotPosition);
        if (length > 0) {
            Arrays.fill(page, position, position + length, (byte) 0);
            if (position == NodePage.heapStart(page)) {
                NodePage.setHeapStart(page, position + length);
            } else {
                NodePage.setGarbage(page, NodePage.garbage(page) + length);
            }
        }
        NodePage.setValue(page, slotPosition, 0, 0);
    }

    private void openSlot(int slot, int slotBytes) {
        byte[] page = page();
        int count = itemCount();
        int at = NodePage.slotPosition(slot, slotBytes);
        System.arraycopy(page, at, page, at + slotBytes, (count - slot) * slotBytes);
        Arrays.fill(page, at, at + slotBytes, (byte) 0);
        NodePage.setItemCount(page, count + 1);
    }

    private void closeSlot(int slot, int slotBytes) {
        byte[] page = page();
        int count = itemCount();
        int at = NodePage.slotPosition(slot, slotBytes);
        System.arraycopy(page, at + slotBytes, page, at, (count - slot - 1) * slotBytes);
        int last = NodePage.slotPosition(count - 1, slotBytes);
        Arrays.fill(page, last, last + slotBytes, (byte) 0);
        NodePage.setItemCount(page, count - 1);
    }

    /// Moves the live values together at the end of the page; what deleted ones left is zeroed, so
    /// that no old content reaches the device.
    private void compact() {
        byte[] page = page();
        byte[] packed = new byte[page.length];
        int heap = page.length;
        for (int slot = 0; slot < itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int length = NodePage.valueLength(page, at);
            if (length > 0) {
                heap -= length;
                System.arraycopy(page, NodePage.valuePosition(page, at), packed, heap, length);
                NodePage.setValue(page, at, heap, length);
            }
        }
        System.arraycopy(packed, heap, page, heap, page.length - heap);
        NodePage.setHeapStart(page, heap);
        NodePage.setGarbage(page, 0);
        clearGap();
    }

    private void clearGap() {
        int slotsEnd = NodePage.slotPosition(itemCount(), NodePage.slotBytes(page()));
        Arrays.fill(page(), slotsEnd, NodePage.heapStart(page()), (byte) 0);
    }

    private void ensureChildren(int count) {
        if (children.length < count) {
            children = Arrays.copyOf(children, Math.max(count, children.length * 2));
        }
    }
}
