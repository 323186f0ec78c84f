package cowfs.api;

import cowfs.file.FilePath;

/// What a copy of a file or a directory has made.
///
/// @param ref the subvolume that it is in
/// @param path where it is there
/// @param names how many files, directories and other names it has
public record CopyReport(Ref ref, FilePath path, long names) {}
