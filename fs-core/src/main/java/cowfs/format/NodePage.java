package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.util.UUID;

/// The bytes of one B-tree node: a slotted page that is read and searched in place.
///
/// ```
///  0        64            64 + n*slot             heap_start            node size
///  | header | slot 0..n-1 |        free           | values (leaf only)  |
/// ```
///
/// A slot starts with a key (inode, kind, offset). In a leaf (level 0) it goes on with the position
/// and length of its value, which lies in the heap that grows down from the end of the page; in an
/// interior node it goes on with the {@link BlockPointer} of a child. Slots are in strictly rising
/// key order. The key of an interior slot is the lower bound of its child; slot 0 holds the node's
/// own lower bound.
///
/// All methods are static over the page's bytes, so that nothing is decoded on the way to an item.
public final class NodePage {
    private static final Layout.Builder HEADER = Layout.of("node_header");
    private static final Layout.U32Field MAGIC = HEADER.u32("magic", "0x64756f6e, 'noud'");
    private static final Layout.U16Field ITEM_COUNT = HEADER.u16("item_count", "slots in use");
    private static final Layout.U8Field LEVEL = HEADER.u8("level", "0 for a leaf");
    private static final Layout.ReservedField RESERVED_1 = HEADER.reserved(1);
    private static final Layout.U64Field OWNER = HEADER.u64("owner", "tree that wrote it");
    private static final Layout.U64Field BIRTH_TXG =
            HEADER.u64("birth_txg", "transaction group that wrote it");
    private static final Layout.U64Field ADDRESS = HEADER.u64("address", "its primary address");
    private static final Layout.U64Field UUID_HIGH =
            HEADER.u64("uuid_high", "image, first half of its UUID");
    private static final Layout.U64Field UUID_LOW =
            HEADER.u64("uuid_low", "image, second half of its UUID");
    private static final Layout.U32Field HEAP_START =
            HEADER.u32("heap_start", "first byte of the values");
    private static final Layout.U32Field GARBAGE =
            HEADER.u32("garbage", "bytes of the heap that no slot names");
    private static final Layout.ReservedField RESERVED_2 = HEADER.reserved(8);
    public static final Layout HEADER_LAYOUT = HEADER.size(64);

    private static final Layout.Builder LEAF_SLOT = Layout.of("leaf_slot");
    private static final Layout.U64Field INODE = LEAF_SLOT.u64("inode", "first part of the key");
    private static final Layout.U8Field KIND = LEAF_SLOT.u8("kind", "second part of the key");
    private static final Layout.U64Field OFFSET = LEAF_SLOT.u64("offset", "third part of the key");
    private static final Layout.U16Field VALUE_POSITION =
            LEAF_SLOT.u16("value_position", "in the page");
    private static final Layout.U16Field VALUE_LENGTH = LEAF_SLOT.u16("value_length", "in bytes");
    public static final Layout LEAF_SLOT_LAYOUT = LEAF_SLOT.size(21);

    private static final Layout.Builder INTERIOR_SLOT = Layout.of("interior_slot");

    static {
        INTERIOR_SLOT.u64("inode", "first part of the key");
        INTERIOR_SLOT.u8("kind", "second part of the key");
        INTERIOR_SLOT.u64("offset", "third part of the key");
    }

    private static final Layout.BytesField POINTER =
            INTERIOR_SLOT.bytes("pointer", 32, "the child, a block_pointer");
    public static final Layout INTERIOR_SLOT_LAYOUT = INTERIOR_SLOT.size(49);

    public static final int MAGIC_VALUE = 0x64756f6e;
    public static final int HEADER_BYTES = HEADER_LAYOUT.sizeBytes();
    public static final int LEAF_SLOT_BYTES = LEAF_SLOT_LAYOUT.sizeBytes();
    public static final int INTERIOR_SLOT_BYTES = INTERIOR_SLOT_LAYOUT.sizeBytes();
    public static final int MIN_NODE_BYTES = 4096;
    public static final int MAX_NODE_BYTES = 65536;

    /// The highest level that a reader accepts; a tree of the smallest nodes over 2^64 blocks is
    /// lower.
    public static final int MAX_LEVEL = 15;

    private NodePage() {}

    /// Whether a node may have this size.
    public static boolean isValidNodeSize(int bytes) {
        return bytes >= MIN_NODE_BYTES && bytes <= MAX_NODE_BYTES && Integer.bitCount(bytes) == 1;
    }

    /// The longest value of an item: three items of it fit one leaf, so that one split always makes
    /// room.
    public static int maxValueBytes(int nodeBytes) {
        return (nodeBytes - HEADER_BYTES) / 3 - LEAF_SLOT_BYTES;
    }

    /// Makes `page` an empty node.
    public static void initialise(byte[] page, int level, long owner, UUID uuid) {
        java.util.Arrays.fill(page, (byte) 0);
        MAGIC.set(page, 0, MAGIC_VALUE);
        LEVEL.set(page, 0, level);
        OWNER.set(page, 0, owner);
        UUID_HIGH.set(page, 0, uuid.getMostSignificantBits());
        UUID_LOW.set(page, 0, uuid.getLeastSignificantBits());
        HEAP_START.set(page, 0, page.length);
    }

    /// Writes what is known only when the node goes to the device.
    public static void seal(byte[] page, long owner, long address, long birthTxg) {
        OWNER.set(page, 0, owner);
        ADDRESS.set(page, 0, address);
        BIRTH_TXG.set(page, 0, birthTxg);
    }

    public static int itemCount(byte[] page) {
        return ITEM_COUNT.get(page, 0);
    }

    public static void setItemCount(byte[] page, int count) {
        ITEM_COUNT.set(page, 0, count);
    }

    public static int level(byte[] page) {
        return LEVEL.get(page, 0);
    }

    public static long owner(byte[] page) {
        return OWNER.get(page, 0);
    }

    public static long birthTxg(byte[] page) {
        return BIRTH_TXG.get(page, 0);
    }

    public static long address(byte[] page) {
        return ADDRESS.get(page, 0);
    }

    public static int heapStart(byte[] page) {
        return HEAP_START.get(page, 0);
    }

    public static void setHeapStart(byte[] page, int position) {
        HEAP_START.set(page, 0, position);
    }

    public static int garbage(byte[] page) {
        return GARBAGE.get(page, 0);
    }

    public static void setGarbage(byte[] page, int bytes) {
        GARBAGE.set(page, 0, bytes);
    }

    /// The size of a slot of this node.
    public static int slotBytes(byte[] page) {
        return level(page) == 0 ? LEAF_SLOT_BYTES : INTERIOR_SLOT_BYTES;
    }

    /// The position of a slot in a node whose slots have the given size.
    public static int slotPosition(int slot, int slotBytes) {
        return HEADER_BYTES + slot * slotBytes;
    }

    public static long inode(byte[] page, int slotPosition) {
        return INODE.get(page, slotPosition);
    }

    public static int kind(byte[] page, int slotPosition) {
        return KIND.get(page, slotPosition);
    }

    public static long offset(byte[] page, int slotPosition) {
        return OFFSET.get(page, slotPosition);
    }

    public static void setKey(byte[] page, int slotPosition, long inode, int kind, long offset) {
        INODE.set(page, slotPosition, inode);
        KIND.set(page, slotPosition, kind);
        OFFSET.set(page, slotPosition, offset);
    }

    public static int valuePosition(byte[] page, int slotPosition) {
        return VALUE_POSITION.get(page, slotPosition);
    }

    public static int valueLength(byte[] page, int slotPosition) {
        return VALUE_LENGTH.get(page, slotPosition);
    }

    public static void setValue(byte[] page, int slotPosition, int position, int lengthBytes) {
        VALUE_POSITION.set(page, slotPosition, position);
        VALUE_LENGTH.set(page, slotPosition, lengthBytes);
    }

    public static BlockPointer pointer(byte[] page, int slotPosition) {
        return BlockPointer.readFrom(page, slotPosition + POINTER.offset());
    }

    public static void setPointer(byte[] page, int slotPosition, BlockPointer pointer) {
        pointer.writeTo(page, slotPosition + POINTER.offset());
    }

    /// Compares the key of a slot with another key, unsigned.
    public static int compareKey(byte[] page, int slotPosition, long inode, int kind, long offset) {
        int order = Long.compareUnsigned(INODE.get(page, slotPosition), inode);
        if (order == 0) {
            order = Integer.compare(KIND.get(page, slotPosition), kind);
            if (order == 0) {
                order = Long.compareUnsigned(OFFSET.get(page, slotPosition), offset);
            }
        }
        return order;
    }

    /// The first slot whose key is not below the given one; the item count when there is none.
    public static int lowerBound(byte[] page, int slotBytes, long inode, int kind, long offset) {
        int low = 0;
        int high = itemCount(page);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compareKey(page, slotPosition(middle, slotBytes), inode, kind, offset) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Checks the structure of a node: everything that later reads rely on without looking again.
    ///
    /// Runs before a node is written and after it was read and its checksum verified.
    ///
    /// @param where the node's place, for the message
    /// @param level the level that its parent promises, or -1 for any
    public static void validate(byte[] page, UUID uuid, int level, String where)
            throws CorruptException {
        if (MAGIC.get(page, 0) != MAGIC_VALUE) {
            throw damage("node", where, "magic is 0x" + Integer.toHexString(MAGIC.get(page, 0)));
        }
        String record = level(page) == 0 ? "leaf" : "interior node";
        if (UUID_HIGH.get(page, 0) != uuid.getMostSignificantBits()
                || UUID_LOW.get(page, 0) != uuid.getLeastSignificantBits()) {
            throw damage(record, where, "it belongs to another image");
        }
        if (level(page) > MAX_LEVEL || (level >= 0 && level(page) != level)) {
            throw damage(record, where, "level has " + level(page) + " want " + level);
        }
        if (!RESERVED_1.isZero(page, 0) || !RESERVED_2.isZero(page, 0)) {
            throw damage(record, where, "reserved bytes are not zero");
        }
        validateSlots(page, record, where);
    }

    private static void validateSlots(byte[] page, String record, String where)
            throws CorruptException {
        int slotBytes = slotBytes(page);
        int count = itemCount(page);
        int slotsEnd = slotPosition(count, slotBytes);
        int heapStart = heapStart(page);
        if (heapStart < HEADER_BYTES || heapStart > page.length || slotsEnd > heapStart) {
            throw damage(
                    record,
                    where,
                    count + " slots and a heap at " + heapStart + " overlap or leave the page");
        }
        if (level(page) > 0 && count == 0) {
            throw damage(record, where, "it has no children");
        }
        boolean hasHeap = heapStart != page.length || garbage(page) != 0;
        if (garbage(page) < 0 || (level(page) > 0 && hasHeap)) {
            throw damage(
                    record,
                    where,
                    "its heap starts at " + heapStart + " and has garbage of " + garbage(page));
        }
        int valueBytes = 0;
        for (int slot = 0; slot < count; slot++) {
            int at = slotPosition(slot, slotBytes);
            if (slot > 0
                    && compareKey(
                                    page,
                                    at - slotBytes,
                                    inode(page, at),
                                    kind(page, at),
                                    offset(page, at))
                            >= 0) {
                throw damage(record, where + " slot=" + slot, "key out of order");
            }
            if (level(page) == 0) {
                int position = valuePosition(page, at);
                int length = valueLength(page, at);
                valueBytes += length;
                if (position + length > page.length || (length > 0 && position < heapStart)) {
                    throw damage(record, where + " slot=" + slot, "its value leaves the heap");
                }
            } else if (pointer(page, at).isNone()) {
                throw damage(record, where + " slot=" + slot, "its child has address 0");
            }
        }
        if (level(page) == 0 && valueBytes + garbage(page) != page.length - heapStart) {
            throw damage(
                    record,
                    where,
                    "values of "
                            + CountText.of(valueBytes, "byte")
                            + " and garbage of "
                            + garbage(page)
                            + " do not fill the heap of "
                            + (page.length - heapStart));
        }
    }

    private static CorruptException damage(String record, String where, String reason) {
        return new CorruptException(record, where, reason);
    }
}
