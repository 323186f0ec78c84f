package cowfs.stream;

/// A place in the key order of the sending tree, unsigned.
///
/// @param kind number of the kind of items
record Position(long inode, int kind, long offset) implements Comparable<Position> {
    /// Before everything.
    static final Position START = new Position(0, 0, 0);

    @Override
    public int compareTo(Position other) {
        int order = Long.compareUnsigned(inode, other.inode);
        if (order == 0) {
            order = Integer.compare(kind, other.kind);
        }
        return order == 0 ? Long.compareUnsigned(offset, other.offset) : order;
    }
}
