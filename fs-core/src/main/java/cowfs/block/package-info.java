/// Verified blocks: reads that check before a byte gets out, the writer, and the cache of nodes.
///
/// May use: `device`, `format`, `error`.
///
/// - No byte of a node or of data leaves this room before its checksum, and for nodes its birth and
///   address, agree with the pointer that led to it.
/// - A cached node is immutable and shared by all readers.
/// - Copies of a block are byte-identical; only a bad copy may be written again, with the same
///   content.
@NullMarked
package cowfs.block;

import org.jspecify.annotations.NullMarked;
