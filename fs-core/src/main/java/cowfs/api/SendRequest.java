package cowfs.api;

import cowfs.error.RequestException;
import cowfs.stream.ResumeToken;
import org.jspecify.annotations.Nullable;

/// What to send.
///
/// @param snapshot null when a token says it
/// @param from the snapshot that the receiver has already; null to send all
/// @param bookmark of the snapshot that the receiver has already, in place of `from`
/// @param between whether the snapshots between the two are sent as well
/// @param token where a stream that was cut goes on; null for a whole one
public record SendRequest(
        @Nullable Ref snapshot,
        @Nullable Ref from,
        @Nullable BookmarkRef bookmark,
        boolean between,
        @Nullable String token) {
    /// All of a snapshot.
    public static SendRequest of(Ref snapshot) {
        return new SendRequest(snapshot, null, null, false, null);
    }

    /// The difference of a snapshot to an earlier one.
    public static SendRequest of(Ref snapshot, Ref from) {
        return new SendRequest(snapshot, from, null, false, null);
    }

    /// The difference of a snapshot to one of which there is a bookmark.
    public static SendRequest of(Ref snapshot, BookmarkRef bookmark) {
        return new SendRequest(snapshot, null, bookmark, false, null);
    }

    /// What is left of a stream that was cut.
    ///
    /// @param token what {@link StreamOperations#receiveToken} gave
    public static SendRequest resuming(String token) {
        return new SendRequest(null, null, null, false, token);
    }

    /// @throws RequestException `INVALID` for what {@link StreamOperations#receiveToken} never gave
    public static void requireToken(String token) throws RequestException {
        ResumeToken.parse(token);
    }
}
