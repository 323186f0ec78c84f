package cowfs.api;

/// How to make an image.
///
/// @param sizeBytes size of the image file; at least {@link #MIN_SIZE_BYTES}
/// @param nodeSizeBytes 4096, 8192, 16384, 32768 or 65536
/// @param metadataCopies 1 or 2
/// @param label at most 64 bytes of UTF-8
public record FormatOptions(long sizeBytes, int nodeSizeBytes, int metadataCopies, String label) {
    public static final long MIN_SIZE_BYTES = 32L << 20;
    public static final int DEFAULT_NODE_SIZE_BYTES = 8192;
    public static final int DEFAULT_METADATA_COPIES = 2;

    /// The defaults for an image of a given size.
    public static FormatOptions ofSize(long sizeBytes) {
        return new FormatOptions(sizeBytes, DEFAULT_NODE_SIZE_BYTES, DEFAULT_METADATA_COPIES, "");
    }
}
