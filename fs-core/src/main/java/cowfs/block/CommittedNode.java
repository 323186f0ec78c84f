package cowfs.block;

import cowfs.format.BlockPointer;

/// A node that is on the device (or on its way there in the commit that wrote it): immutable,
/// verified, shared by all readers.
public final class CommittedNode extends Node {
    private final BlockPointer pointer;

    /// @param page never changed again by anyone
    public CommittedNode(BlockPointer pointer, byte[] page) {
        super(page);
        this.pointer = pointer;
    }

    /// Where it lies and what it was born as.
    public BlockPointer pointer() {
        return pointer;
    }
}
