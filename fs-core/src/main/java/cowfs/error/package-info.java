/// What can go wrong, for every room and both adapters: the sealed `CowException`.
///
/// May use: nothing (a leaf).
///
/// - Every failure that a caller may have to tell apart has a kind; the adapters translate kinds
///   and never read messages.
/// - A message is one line: what is wrong, where, what to do.
/// - Names that are kept in an image, and words of a command, stand in quotes; paths of the host
///   stand as they are.
/// - A programmer's mistake is not here: that is an `IllegalStateException` or an `AssertionError`.
@NullMarked
package cowfs.error;

import org.jspecify.annotations.NullMarked;
