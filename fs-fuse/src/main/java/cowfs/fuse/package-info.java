/// The FUSE adapter: hands the kernel's calls to the engine and its answers back.
///
/// May use: `cowfs.api`, `cowfs.file` and `cowfs.error` of the engine.
///
/// - It translates arguments and error kinds; filesystem logic here is a defect.
/// - Each operation has one small handler.
/// - Every kind of error has its errno, in one exhaustive `switch`.
@NullMarked
package cowfs.fuse;

import org.jspecify.annotations.NullMarked;
