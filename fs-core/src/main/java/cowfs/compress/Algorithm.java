package cowfs.compress;

/// A way to compress, or none.
public enum Algorithm {
    NONE,
    /// LZ4's block format, without a frame:
    /// <https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md>.
    LZ4,
    /// One frame of Zstandard: RFC 8878.
    ZSTD
}
