package cowfs.api;

import cowfs.file.Attributes;
import cowfs.file.FilePath;
import java.util.List;

/// One version of a file: the same bytes, wherever they are.
///
/// @param holders who has it: snapshots, oldest first, then live subvolumes; never empty
public record FileVersion(List<Holder> holders) {
    /// A subvolume or snapshot that has the version.
    ///
    /// @param path where the file is there
    public record Holder(Ref ref, FilePath path, Attributes attributes) {}
}
