package cowfs.format;

/// The sizes that every image shares.
public final class Blocks {
    /// The unit of allocation and of data checksums, in bytes.
    public static final int SIZE = 4096;

    /// log2 of {@link #SIZE}.
    public static final int SHIFT = 12;

    /// Blocks of one allocation group: 4 MiB.
    public static final int PER_GROUP = 1024;

    /// log2 of {@link #PER_GROUP}.
    public static final int GROUP_SHIFT = 10;

    private Blocks() {}

    /// The byte position of a block.
    public static long toBytes(long blocks) {
        return blocks << SHIFT;
    }

    /// The number of blocks that hold so many bytes.
    public static long fromBytes(long bytes) {
        return (bytes + SIZE - 1) >>> SHIFT;
    }
}
