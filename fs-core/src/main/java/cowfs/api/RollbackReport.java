package cowfs.api;

import org.jspecify.annotations.Nullable;

/// What a rollback has done.
///
/// @param subvolume that was set back
/// @param snapshot whose content it has now
/// @param kept the snapshot of the state before; null when that was discarded
public record RollbackReport(Ref subvolume, Ref snapshot, @Nullable Ref kept) {}
