/// Where the bytes lie: a range of bytes that can be read, written, flushed, sized and discarded,
/// in a file, on a block device or in memory.
///
/// May use: `error`.
///
/// - No knowledge of the format: a device never looks into what it carries.
/// - What was written before a flush that returned is still there after a power cut; of what was
///   written later, any part may be.
/// - A discarded range holds nothing that anyone may rely on until it is written again; where the
///   host can take the space back, it does.
@NullMarked
package cowfs.device;

import org.jspecify.annotations.NullMarked;
