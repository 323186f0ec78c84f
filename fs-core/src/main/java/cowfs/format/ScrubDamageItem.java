package cowfs.format;

import cowfs.error.CorruptException;

/// Something that the last scrub could neither read nor repair, in the root tree under (0,
/// `SCRUB_DAMAGE`, number from 1 on). Files are named by inode: a name may change.
///
/// @param node whether it is a node, whose items are lost, else file data
/// @param tree that led there first; others may share it
/// @param inode of the file, or of the first key that is lost with a node
/// @param offset in the file, in bytes
/// @param address first block on disk
public record ScrubDamageItem(
        boolean node, long tree, long inode, long offset, int blockCount, long address) {
    private static final Layout.Builder FIELDS = Layout.of("scrub_damage");
    private static final Layout.U8Field NODE = FIELDS.u8("node", "1 for a node, 0 for file data");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(3);
    private static final Layout.U32Field BLOCK_COUNT = FIELDS.u32("block_count", "blocks lost");
    private static final Layout.U64Field TREE = FIELDS.u64("tree", "that led there first");
    private static final Layout.U64Field INODE = FIELDS.u64("inode", "of the file");
    private static final Layout.U64Field OFFSET = FIELDS.u64("offset", "in the file, in bytes");
    private static final Layout.U64Field ADDRESS = FIELDS.u64("address", "first block on disk");
    public static final Layout LAYOUT = FIELDS.size(40);

    public byte[] toBytes() {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        NODE.set(b, 0, node ? 1 : 0);
        BLOCK_COUNT.set(b, 0, blockCount);
        TREE.set(b, 0, tree);
        INODE.set(b, 0, inode);
        OFFSET.set(b, 0, offset);
        ADDRESS.set(b, 0, address);
        return b;
    }

    /// Decodes and validates an item.
    public static ScrubDamageItem readFrom(byte[] b, int base, int lengthBytes)
            throws CorruptException {
        if (lengthBytes != LAYOUT.sizeBytes()
                || NODE.get(b, base) > 1
                || BLOCK_COUNT.get(b, base) <= 0
                || !RESERVED.isZero(b, base)) {
            throw new CorruptException("scrub_damage", "root tree", "a field is out of range");
        }
        return new ScrubDamageItem(
                NODE.get(b, base) == 1,
                TREE.get(b, base),
                INODE.get(b, base),
                OFFSET.get(b, base),
                BLOCK_COUNT.get(b, base),
                ADDRESS.get(b, base));
    }
}
