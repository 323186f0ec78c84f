package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;

/// A pointer to a node together with its level: the root of one of the pool's trees (kind
/// `TREE_ROOT`), or a reference that a deleted tree has still to drop (kind `RECLAIM`).
public record NodeRefItem(BlockPointer pointer, int level, long nodeCount) {
    private static final Layout.Builder FIELDS = Layout.of("node_ref");
    private static final Layout.BytesField POINTER = FIELDS.bytes("pointer", 32, "a block_pointer");
    private static final Layout.U8Field LEVEL = FIELDS.u8("level", "level of that node");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(7);
    private static final Layout.U64Field NODE_COUNT =
            FIELDS.u64("node_count", "nodes of the tree below a TREE_ROOT, else 0");
    public static final Layout LAYOUT = FIELDS.size(48);

    public byte[] toBytes() {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        pointer.writeTo(b, POINTER.offset());
        LEVEL.set(b, 0, level);
        NODE_COUNT.set(b, 0, nodeCount);
        return b;
    }

    public static NodeRefItem readFrom(byte[] b, int base, int lengthBytes, String where)
            throws CorruptException {
        if (lengthBytes != LAYOUT.sizeBytes()) {
            throw new CorruptException(
                    "node_ref", where, "it has " + CountText.of(lengthBytes, "byte"));
        }
        int level = LEVEL.get(b, base);
        if (level > NodePage.MAX_LEVEL || !RESERVED.isZero(b, base)) {
            throw new CorruptException(
                    "node_ref", where, "its level is " + level + " or reserved bytes are not zero");
        }
        return new NodeRefItem(
                BlockPointer.readFrom(b, base + POINTER.offset()), level, NODE_COUNT.get(b, base));
    }
}
