/// The transport over libfuse 2 on 64-bit Linux: its low-level interface, called through jnr, with
/// the structures of jnr-fuse.
///
/// May use: `cowfs.fuse.operation`, and `cowfs.file` for the words.
///
/// libfuse's path interface, the one that jnr-fuse's `FuseStubFS` offers, is not used. It knows a
/// file by its path, so two hard links are two files to the kernel, with stale sizes and pages for
/// one of them; it renames an open file to a hidden name when it is unlinked or replaced, so that a
/// crash can lose what a rename was to replace atomically; and jnr-fuse hands its paths on as text,
/// which breaks names that are no UTF-8. The low-level interface has node ids, lookup counts and
/// answers from any thread.
///
/// - Nothing leaves a callback but an answer: whatever a handler throws becomes an errno.
/// - Each request is answered exactly once.
/// - No thread that serves requests ever waits for another request to be served.
@NullMarked
package cowfs.fuse.jnr;

import org.jspecify.annotations.NullMarked;
