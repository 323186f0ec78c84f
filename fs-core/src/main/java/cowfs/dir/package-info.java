/// What a file is called: directory entries, readdir cookies, and the way back from an inode to its
/// names.
///
/// May use: `file`, `txn`, `btree`, `alloc`, `format`, `error`; never its siblings `inode` and
/// `subvol`.
///
/// - One entry, one item; its place in the key space is the readdir cookie, stable while the entry
///   lives and below 2^63.
/// - Names that hash alike are told apart by a disambiguator, never by chance.
/// - Every dirent has its inode ref and every inode ref its dirent.
@NullMarked
package cowfs.dir;

import org.jspecify.annotations.NullMarked;
