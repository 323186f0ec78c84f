package cowfs.fuse.operation;

import cowfs.file.SetIdBits;

/// How a file is opened.
///
/// @param forWriting whether it can be written, by itself or through a mapping
/// @param append whether all that is written goes to its end
/// @param truncates whether its content goes
/// @param bits what becomes of its set-id bits when its content goes
public record Opening(boolean forWriting, boolean append, boolean truncates, SetIdBits bits) {
    /// The same of a file that has no content yet.
    Opening ofNew() {
        return new Opening(forWriting, append, false, bits);
    }
}
