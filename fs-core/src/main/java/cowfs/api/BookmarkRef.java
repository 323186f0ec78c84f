package cowfs.api;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;

/// The name of a bookmark, `main#monday`.
///
/// @param name a part of a name as in a {@link Ref}, without `#`
public record BookmarkRef(String subvolume, String name) {
    /// Whether a text can only mean a bookmark: it names no snapshot.
    public static boolean isBookmark(String text) {
        return text.indexOf('@') < 0 && text.indexOf('#') >= 0;
    }

    /// Parses `subvolume#bookmark`.
    ///
    /// @throws RequestException of kind `INVALID` when the text is no valid name, `NAME_TOO_LONG`
    public static BookmarkRef parse(String text) throws RequestException {
        int at = text.lastIndexOf('#');
        if (at < 0) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + text + "' names no bookmark; write it as SUBVOLUME#BOOKMARK");
        }
        return of(Ref.parseSubvolume(text.substring(0, at)).subvolume(), text.substring(at + 1));
    }

    /// A bookmark of a subvolume.
    ///
    /// @throws RequestException `INVALID`, `NAME_TOO_LONG`
    public static BookmarkRef of(String subvolume, String name) throws RequestException {
        if (name.indexOf('#') >= 0) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + name + "' is no name for a bookmark: it holds '#'; choose another");
        }
        return new BookmarkRef(subvolume, Ref.parseSubvolume(name).subvolume());
    }

    @Override
    public String toString() {
        return subvolume + "#" + name;
    }
}
