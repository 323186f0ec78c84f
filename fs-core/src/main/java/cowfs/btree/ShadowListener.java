package cowfs.btree;

import cowfs.block.Node;

/// Told when a tree stops using a node of an earlier transaction group because it put a copy in its
/// place.
///
/// The call comes before any change to the copy, parents before children: that order lets the
/// commit replay reference counts.
@FunctionalInterface
public interface ShadowListener {
    /// @param old a committed or frozen node; its children are now named by the copy as well
    void shadowed(Node old);
}
