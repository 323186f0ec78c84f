package cowfs.check;

import cowfs.format.ScrubDamageItem;
import cowfs.format.ScrubItem;
import java.util.ArrayList;
import java.util.List;

/// What a scrub has verified, repaired and found lost, since it began: in this process or before.
///
/// All damage is counted, and the first {@link Scrub#MAX_LISTED} of what is lost is listed. Not
/// thread safe.
final class ScrubTally {
    private final List<ScrubDamageItem> lost = new ArrayList<>();
    private long verifiedBlocks;
    private long repairedCount;
    private long lostCount;

    /// Goes on from what an earlier process has stored.
    void resume(ScrubItem last, List<ScrubDamageItem> damage) {
        verifiedBlocks = last.verifiedBlocks();
        repairedCount = last.repairedCount();
        lostCount = last.lostCount();
        lost.addAll(damage);
    }

    void addVerified(long blocks) {
        verifiedBlocks += blocks;
    }

    void addRepaired(int count) {
        repairedCount += count;
    }

    void addLost(ScrubDamageItem item) {
        lostCount++;
        if (lost.size() < Scrub.MAX_LISTED) {
            lost.add(item);
        }
    }

    /// Blocks that were read and held against their checksums, copies counted apart.
    long verifiedBlocks() {
        return verifiedBlocks;
    }

    /// Copies of nodes and superblock slots that were made good.
    long repairedCount() {
        return repairedCount;
    }

    /// Places that no copy gives back.
    long lostCount() {
        return lostCount;
    }

    List<ScrubDamageItem> lost() {
        return List.copyOf(lost);
    }
}
