/// Policies: which snapshots of a subvolume are taken, and how they thin out with age.
///
/// May use: `cowfs.api`, `cowfs.error`; no other package of the command.
///
/// - Only snapshots that a policy has taken are ever deleted by one, and none that is held.
/// - Which ones stay follows from their times alone: it does not matter when, or how often, it
///   runs.
@NullMarked
package cowfs.tools.policy;

import org.jspecify.annotations.NullMarked;
