/// The copy-on-write B+tree on slotted pages: nodes, cursor, changes.
///
/// May use: `block`, `format`, `error`. It allocates nothing: nodes get their addresses when their
/// transaction group commits.
///
/// - A committed node is borrowed and never changes; the first write in a transaction group makes
///   an owned copy.
/// - Keys are in unsigned order, within a node and between a node and its parent.
/// - Nodes are read in place: no object per entry on the hot path.
@NullMarked
package cowfs.btree;

import org.jspecify.annotations.NullMarked;
