package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.file.NameText;

/// A file as commands take it, `REF:/path`.
record FileReference(Ref ref, FilePath path) {
    static FileReference parse(String text) throws RequestException {
        int colon = text.indexOf(':');
        if (colon <= 0) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + text + "' names no file; write it as REF:/path, such as main:/notes.txt");
        }
        return new FileReference(
                Ref.parse(text.substring(0, colon)),
                FilePath.of(NameText.parse(text.substring(colon + 1))));
    }
}
