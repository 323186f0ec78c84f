/// The filesystem: composes files, names and subvolumes into create, rename, unlink, orphans and
/// the path walk.
///
/// May use: `inode`, `dir`, `subvol`, `file`, `txn`, `btree`, `alloc`, `block`, `device`, `format`,
/// `error`.
///
/// - An operation happens as a whole within one txg or not at all.
/// - Whether there is room for an operation is decided before it changes anything.
/// - A file without a name lives until its last opener and its last lookup are gone.
@NullMarked
package cowfs.fs;

import org.jspecify.annotations.NullMarked;
