package cowfs.api;

import cowfs.file.FilePath;

/// A file or a directory of a subvolume or snapshot.
public record FilePlace(Ref ref, FilePath path) {
    /// As commands take it.
    @Override
    public String toString() {
        return ref + ":" + path.toPrintable();
    }
}
