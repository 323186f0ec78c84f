/// Looks into images: what lies where, as it is on disk, whether sound or not.
///
/// May use: `check` and every room below it, and `error`.
///
/// - Nothing is written, and nobody else writes meanwhile: the door sees to that.
/// - Records are shown by their declarations in `format`; nothing is decoded a second way.
/// - Damage is a part of the answer: it is named, and what is beside it is shown.
/// - Answers are maps with stable keys in snake_case, made of numbers, words, lists and maps: they
///   are what `--json` prints.
@NullMarked
package cowfs.inspect;

import org.jspecify.annotations.NullMarked;
