package cowfs.alloc;

/// Consecutive blocks of the image.
///
/// @param address the first block
/// @param blockCount at least 1
public record Range(long address, int blockCount) {
    public Range {
        if (blockCount < 1) {
            throw new IllegalArgumentException("a range of " + blockCount + " blocks");
        }
    }

    /// The block after the last one.
    public long end() {
        return address + blockCount;
    }
}
