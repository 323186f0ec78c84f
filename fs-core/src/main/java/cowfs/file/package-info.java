/// The words for files: attributes, changes to them, and {@link Volume}, the operations on one
/// subvolume's files.
///
/// A leaf room: it uses only `error`, and every room above `txn`, and both adapters, may use it. It
/// holds interfaces and values, no logic of the filesystem.
@NullMarked
package cowfs.file;

import org.jspecify.annotations.NullMarked;
