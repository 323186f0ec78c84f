/// What is in a file: inodes, extents, inline content, attributes and extended attributes.
///
/// May use: `file`, `txn`, `btree`, `alloc`, `format`, `error`; never its siblings `dir` and
/// `subvol`.
///
/// - Data blocks are never rewritten in place, not even young ones.
/// - An extent item holds one reference to exactly the range that it names.
/// - Every 4 KiB of data has its checksum in the extent item, so a small read verifies only what it
///   reads.
@NullMarked
package cowfs.inode;

import org.jspecify.annotations.NullMarked;
