/// Every on-disk record, declared once: its fields and size, its magic and feature bits, the kinds
/// of checksum.
///
/// May use: `error`.
///
/// - A record is declared in one place; offsets are computed from the declaration and never written
///   down.
/// - Little-endian; reserved bytes are zero and are checked.
/// - One `validate()` per record runs before it is written and after it was read.
@NullMarked
package cowfs.format;

import org.jspecify.annotations.NullMarked;
