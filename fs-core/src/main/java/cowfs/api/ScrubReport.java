package cowfs.api;

import cowfs.file.Timestamp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the scrub of a pool stands, or how the last one ended.
///
/// @param state `never`, `running`, `stopped`, `failed` or `finished`; one that was stopped or has
///   failed goes on from where it was when it is started again
/// @param started when it began, null when there never was one
/// @param updated when it stood so
/// @param verifiedBytes read and verified, all copies
/// @param totalBytes in use, about what there is to verify
/// @param repairedCount copies of metadata, superblocks included, that were made good
/// @param lostCount pieces of damage that have no good copy
/// @param lost the first of them, at most 1000
/// @param failure why it ended early, or an empty string
public record ScrubReport(
        String state,
        @Nullable Timestamp started,
        @Nullable Timestamp updated,
        long verifiedBytes,
        long totalBytes,
        long repairedCount,
        long lostCount,
        List<LostRange> lost,
        String failure) {
    public boolean isRunning() {
        return state.equals("running");
    }

    public boolean isFinished() {
        return state.equals("finished");
    }

    /// Something that can't be read.
    ///
    /// @param where such as `main:/home/notes.txt`, or words where there is no path
    /// @param metadata whether it is a node, with all that it holds, else a range of a file
    /// @param offset of the range in the file, in bytes
    /// @param lengthBytes of the range, or of the node
    /// @param block where it lies on disk
    public record LostRange(
            String where, boolean metadata, long offset, long lengthBytes, long block) {
        @Override
        public String toString() {
            return metadata
                    ? "lost metadata: " + where + ", block=" + block
                    : "lost data: "
                            + where
                            + ", bytes "
                            + offset
                            + " to "
                            + (offset + lengthBytes)
                            + ", block="
                            + block;
        }
    }
}
