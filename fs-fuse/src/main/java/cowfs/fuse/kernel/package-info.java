/// The transport that speaks the kernel's own protocol on `/dev/fuse`, 64-bit Linux 5.4 and later,
/// through the foreign function interface of Java.
///
/// May use: `cowfs.fuse.operation`, and `cowfs.file` and `cowfs.error` for the words.
///
/// - The structures of the protocol are declared once, in {@link cowfs.fuse.kernel.RequestFormat}
///   and {@link cowfs.fuse.kernel.ReplyFormat}; their offsets are computed.
/// - What comes from the kernel is checked for its length before it is used. A request that is
///   unknown or malformed gets an error for an answer, and the session goes on.
/// - Each request is answered exactly once, whatever its handler does.
/// - No request is decoded or answered with memory of its own: a serving thread has one piece for
///   requests and one for replies.
/// - No thread that the kernel needs for requests ever waits for another request to be served.
@NullMarked
package cowfs.fuse.kernel;

import org.jspecify.annotations.NullMarked;
