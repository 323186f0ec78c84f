package cowfs.api;

import java.util.List;

/// What a check of a whole image found.
///
/// @param findings at most a bounded number, in the order found; empty for a clean image
/// @param findingCount all of them, listed or not
/// @param nodeCount nodes verified, each shared one once
/// @param dataBlockCount data blocks verified
public record CheckReport(
        List<Finding> findings,
        long findingCount,
        long txg,
        long nodeCount,
        long dataBlockCount,
        long inodeCount,
        int subvolumeCount) {
    public boolean isClean() {
        return findingCount == 0;
    }
}
