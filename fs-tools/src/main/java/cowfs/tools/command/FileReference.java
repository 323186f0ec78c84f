package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.file.NameText;
import cowfs.tools.files.FilePlace;

/// A file as commands take it, `REF:/path`.
record FileReference(Ref ref, FilePath path) {
    static FileReference parse(String text) throws RequestException {
        int colon = text.indexOf(':');
        if (colon <= 0) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + text + "' names no file; write it as REF:/path, such as main:/notes.txt");
        }
        FilePath path = path(text.substring(colon + 1));
        for (byte[] name : path.names()) {
            if (name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'))) {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "'"
                                + text
                                + "': write the path from the root of the subvolume on, without . and ..");
            }
        }
        return new FileReference(Ref.parse(text.substring(0, colon)), path);
    }

    cowfs.api.FilePlace place() {
        return new cowfs.api.FilePlace(ref, path);
    }

    /// A path in whichever subvolume.
    ///
    /// @throws RequestException `NAME_TOO_LONG`, or `INVALID` for what is no text of a path
    static FilePath path(String text) throws RequestException {
        FilePath path = FilePath.of(NameText.parse(text));
        for (byte[] name : path.names()) {
            FilePlace.require(name);
        }
        return path;
    }
}
