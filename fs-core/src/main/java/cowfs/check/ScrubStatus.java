package cowfs.check;

import cowfs.format.ScrubDamageItem;
import java.util.List;

/// Where the scrub of a pool stands.
///
/// @param startedSeconds since 1970; 0 when there never was one
/// @param updatedSeconds when it stood so
/// @param verifiedBlocks read and verified so far, all copies
/// @param totalBlocks in use: about what is to be verified in all
/// @param repairedCount copies of nodes and superblocks that were made good
/// @param lostCount pieces of damage without a good copy
/// @param lost the first of them, at most {@link Scrub#MAX_LISTED}
/// @param failure why it ended early; empty unless the state is `FAILED`
public record ScrubStatus(
        State state,
        long startedSeconds,
        long updatedSeconds,
        long verifiedBlocks,
        long totalBlocks,
        long repairedCount,
        long lostCount,
        List<ScrubDamageItem> lost,
        String failure) {
    /// What it is doing.
    public enum State {
        /// There never was one.
        NEVER,
        RUNNING,
        /// It was interrupted and can go on.
        STOPPED,
        /// It has failed and can go on when the cause is gone.
        FAILED,
        FINISHED
    }
}
