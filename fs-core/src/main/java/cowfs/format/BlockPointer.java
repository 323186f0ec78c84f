package cowfs.format;

/// Where a node lies and what it must be when it is read: a link of the Merkle tree.
///
/// @param address of the primary copy, in blocks; 0 only in {@link #NONE}
/// @param copyAddress of the second copy, in blocks; 0 where there is none
/// @param birthTxg the transaction group that wrote the node
/// @param checksum of the node's bytes, see {@link Checksum#of}
public record BlockPointer(long address, long copyAddress, long birthTxg, long checksum) {
    private static final Layout.Builder FIELDS = Layout.of("block_pointer");
    private static final Layout.U64Field ADDRESS =
            FIELDS.u64("address", "first block of the primary copy");
    private static final Layout.U64Field COPY_ADDRESS =
            FIELDS.u64("copy_address", "first block of the second copy, or 0");
    private static final Layout.U64Field BIRTH_TXG =
            FIELDS.u64("birth_txg", "transaction group that wrote it");
    private static final Layout.U64Field CHECKSUM =
            FIELDS.u64("checksum", "CRC32C and CRC32 of the node");
    public static final Layout LAYOUT = FIELDS.size(32);

    /// The pointer of an empty tree.
    public static final BlockPointer NONE = new BlockPointer(0, 0, 0, 0);

    /// Whether this points nowhere.
    public boolean isNone() {
        return address == 0;
    }

    public static BlockPointer readFrom(byte[] bytes, int base) {
        return new BlockPointer(
                ADDRESS.get(bytes, base),
                COPY_ADDRESS.get(bytes, base),
                BIRTH_TXG.get(bytes, base),
                CHECKSUM.get(bytes, base));
    }

    public void writeTo(byte[] bytes, int base) {
        ADDRESS.set(bytes, base, address);
        COPY_ADDRESS.set(bytes, base, copyAddress);
        BIRTH_TXG.set(bytes, base, birthTxg);
        CHECKSUM.set(bytes, base, checksum);
    }

    @Override
    public String toString() {
        return "block=" + address + " birth=" + birthTxg;
    }
}
