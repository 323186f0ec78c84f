package cowfs.tools.files;

import cowfs.file.Attributes;
import cowfs.file.NameText;
import org.jspecify.annotations.Nullable;

/// An entry of a directory.
///
/// @param type file type bits, as the directory says
/// @param attributes null when they can't be read
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record FileEntry(byte[] name, long inode, int type, @Nullable Attributes attributes) {
    /// The name for a person.
    public String text() {
        return NameText.of(name);
    }
}
