/// `cowfs report`: what is known of an image as one page for people.
///
/// May use: `text` and `files`, and the engine's door.
///
/// - The page stands alone: no script, nothing is loaded from anywhere.
/// - It is built as a tree of elements; no markup is ever made of strings, so nothing that an image
///   says can become markup.
/// - What a drawing shows is said in words or in a table beside it. Its size does not follow that
///   of the image.
@NullMarked
package cowfs.tools.report;

import org.jspecify.annotations.NullMarked;
