/// Which blocks are free and who shares the others: space map, allocator, deferred frees, reference
/// counts.
///
/// May use: `btree` (reference counts and the space map are kept in trees), `block`, `format`,
/// `device`, `error`.
///
/// - A block that a committed state can reach is never handed out.
/// - A freed block comes back only when no state that recovery may choose, and no reader, can still
///   see it.
/// - Only ranges with a count of two or more have a record: no sharing, no records.
@NullMarked
package cowfs.alloc;

import org.jspecify.annotations.NullMarked;
