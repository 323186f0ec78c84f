package cowfs.check;

/// Something of a file that a repair could not keep.
///
/// @param tree subvolume or snapshot
/// @param path such as `/a/b`; for what has no name any more, words that say what it is
/// @param what `data`, `names`, `attributes`, `xattr`, `file`, `tree`
/// @param offset of lost data, in bytes
/// @param lengthBytes of lost data; 0 when it is not known or no data was lost
public record LostPath(long tree, String path, String what, long offset, long lengthBytes) {}
