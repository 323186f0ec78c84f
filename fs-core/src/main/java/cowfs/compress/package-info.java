/// Compression: what a person chooses, and the two algorithms over whole buffers.
///
/// May use: `error`.
///
/// - Stateless, and knows nothing of files, blocks on disk or trees.
/// - What can't be uncompressed, whatever its bytes are, ends in an error; never in a crash, and
///   never in other bytes than were asked for.
@NullMarked
package cowfs.compress;

import org.jspecify.annotations.NullMarked;
