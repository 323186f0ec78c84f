/// Where the bytes lie: a range of bytes that can be read, written, flushed, sized and discarded,
/// in a file or in memory.
///
/// May use: `error`.
///
/// - No knowledge of the format: a device never looks into what it carries.
/// - What was written before a flush that returned is still there after a power cut; of what was
///   written later, any part may be.
/// - A range that was discarded holds no space in the host and reads as zeros.
@NullMarked
package cowfs.device;

import org.jspecify.annotations.NullMarked;
