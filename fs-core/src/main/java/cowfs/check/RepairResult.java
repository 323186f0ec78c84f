package cowfs.check;

import java.util.List;
import java.util.Map;

/// What a repair did.
///
/// @param before what the check found
/// @param after the check of the new state, clean; the same as `before` when nothing was changed
/// @param changed whether the image was written to
/// @param actions what was done, one line each
/// @param lost what could not be kept
/// @param names of subvolumes and snapshots by tree
public record RepairResult(
        CheckResult before,
        CheckResult after,
        boolean changed,
        List<String> actions,
        List<LostPath> lost,
        Map<Long, String> names) {}
