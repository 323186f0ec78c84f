/// What a mount serves, by node id: the operations that every transport calls.
///
/// May use: `cowfs.api`, `cowfs.file` and `cowfs.error` of the engine. Knows no transport.
///
/// - A {@link NodeId} is what the kernel knows a file by; it is `st_ino` too.
/// - The kernel's lookup counts are kept here, so that an unlinked inode stays for as long as the
///   kernel can ask for it.
/// - Files are the engine's affair: what is added here is the virtual `.snapshots` directory and
///   nothing else.
@NullMarked
package cowfs.fuse.operation;

import org.jspecify.annotations.NullMarked;
