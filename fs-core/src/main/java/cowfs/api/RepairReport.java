package cowfs.api;

import java.util.List;

/// What a repair of an image did.
///
/// @param changed whether the image was written to; not when it was clean
/// @param before what the check found first
/// @param after the check of the repaired image, which is clean
/// @param actions what was done, one line each
/// @param lost what could not be kept
public record RepairReport(
        boolean changed,
        CheckReport before,
        CheckReport after,
        List<String> actions,
        List<LostFile> lost) {

    /// Something of a file that is gone.
    ///
    /// @param where such as `main:/home/notes.txt`
    /// @param what `data` (reads as zeros now), `file` (a name whose file, or the target of whose
    ///   symlink, is gone), `names` (a directory has lost entries), `attributes` (owner, mode,
    ///   times, exact length), `xattr`, `tree` (everything)
    /// @param offset of lost data, in bytes
    /// @param lengthBytes of lost data, 0 when it is not known
    public record LostFile(String where, String what, long offset, long lengthBytes) {
        @Override
        public String toString() {
            String range =
                    !what.equals("data")
                            ? ""
                            : lengthBytes == 0
                                    ? ", from byte " + offset + " on"
                                    : ", bytes " + offset + " to " + (offset + lengthBytes);
            return "lost " + what + ": " + where + range;
        }
    }
}
