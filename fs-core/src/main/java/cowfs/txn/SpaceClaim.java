package cowfs.txn;

/// What an operation must leave of the space that is reserved for nodes. The differences are such
/// that whatever one kind has used up, the next one still finds room for what it typically claims:
/// an image that is full of files can be snapshotted, one that is full of snapshots lets files be
/// removed, and one where that is refused as well lets snapshots be deleted. On tiny images with
/// large nodes a part of the reserve is only a few nodes, so there is a least number as well.
public enum SpaceClaim {
    /// Leaves half of it.
    ORDINARY(8, 84),

    /// For snapshots and clones, so that a full image has room for some: leaves three eighths.
    SHARING(6, 60),

    /// For operations that give space back: leaves three sixteenths.
    FREEING(3, 24),

    /// For the deletion of subvolumes and snapshots, and for reclaim: leaves a sixteenth, a last
    /// bit that nobody should need.
    DELETING(1, 0);

    private final int sixteenths;
    private final int leastNodes;

    SpaceClaim(int sixteenths, int leastNodes) {
        this.sixteenths = sixteenths;
        this.leastNodes = leastNodes;
    }

    /// The places for nodes that stay free.
    ///
    /// @param reservedPlaces places in the reserve
    /// @param copies copies of each node
    long floor(long reservedPlaces, int copies) {
        return Math.max(reservedPlaces * sixteenths / 16, (long) leastNodes * copies);
    }
}
