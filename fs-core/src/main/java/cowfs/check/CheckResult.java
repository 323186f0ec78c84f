package cowfs.check;

import java.util.List;

/// What a check of a whole image found.
///
/// @param findings in the order found, at most {@link Findings#MAX_LISTED}
/// @param findingCount all of them, listed or not
/// @param txg of the state that was checked
/// @param nodeCount nodes verified, each shared one once
/// @param dataBlockCount blocks of file data in use
/// @param inodeCount inodes of all subvolumes, snapshots left out
/// @param subvolumeCount subvolumes and snapshots
public record CheckResult(
        List<Damage> findings,
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
