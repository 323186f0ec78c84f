/// What is different between two states of files, and what follows from it: the tree diff, the
/// comparison of files, the versions of a file.
///
/// May use: `fs` and every room below it, and `error`.
///
/// - Two trees are walked together, and what they share is skipped: the cost follows the difference
///   and not the size.
/// - Memory is bounded, however large trees and differences are: results stream out in key order.
/// - Only committed states are read, and each of them stays readable while it is ({@link
///   cowfs.stream.StableTrees}).
@NullMarked
package cowfs.stream;

import org.jspecify.annotations.NullMarked;
