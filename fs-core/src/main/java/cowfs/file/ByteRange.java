package cowfs.file;

/// Some bytes of a file.
///
/// @param offset of the first one
/// @param lengthBytes at least 1
public record ByteRange(long offset, long lengthBytes) {
    /// The offset behind the last one.
    public long end() {
        return offset + lengthBytes;
    }
}
