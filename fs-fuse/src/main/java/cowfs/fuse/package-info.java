/// The FUSE adapter: hands the kernel's calls to the engine and its answers back. {@link
/// cowfs.fuse.Mounts} is its door.
///
/// May use: `cowfs.api`, `cowfs.file` and `cowfs.error` of the engine.
///
/// - It translates arguments and error kinds; filesystem logic here is a defect.
/// - Each operation has one small handler.
/// - Every kind of error has its errno, in one exhaustive `switch`.
/// - `cowfs.fuse.operation` holds what every transport does, `cowfs.fuse.jnr` the transport over
///   libfuse 2.
@NullMarked
package cowfs.fuse;

import org.jspecify.annotations.NullMarked;
