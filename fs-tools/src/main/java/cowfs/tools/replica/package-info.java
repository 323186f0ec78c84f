/// Replication: keeps a subvolume of another pool up to date with the snapshots of one of this.
///
/// May use: `cowfs.api`, `cowfs.error`, `policy`, `text`; no other package of the command.
///
/// - Nothing is kept about what was sent: what both sides have is found by the identities of
///   snapshots, each time anew.
/// - The newest snapshot that both sides have is never deleted.
@NullMarked
package cowfs.tools.replica;

import org.jspecify.annotations.NullMarked;
