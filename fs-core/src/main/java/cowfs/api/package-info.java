/// The door of the engine, and with `file` and `error` all that the FUSE adapter and the command
/// see.
///
/// May use: `fs`, `check`, `stream`, `file`, `error`.
///
/// - No type of an inner room stands in its signatures.
/// - What works on an unmounted image works on a mounted one through the same operations.
/// - Everything that fails here fails with a `CowException`.
@NullMarked
package cowfs.api;

import org.jspecify.annotations.NullMarked;
