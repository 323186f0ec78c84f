package cowfs.fuse.operation;

import cowfs.file.SetIdBits;

/// How a file is opened.
///
/// @param forWriting whether it can be written, by itself or through a mapping
/// @param truncates whether its content goes
/// @param bits what becomes of its set-id bits when its content goes
public record Opening(boolean forWriting, boolean truncates, SetIdBits bits) {}
