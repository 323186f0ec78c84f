package cowfs.block;

import cowfs.format.BlockPointer;
import java.io.IOException;

/// An operation under a lock came to a node that is not in memory. Never leaves the engine: whoever
/// holds the lock lets go of it, loads the node, and starts the operation again.
///
/// Without a stack trace: it is a turn of a loop and not a failure.
public final class NodeNotCachedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient BlockPointer pointer;
    private final int level;

    NodeNotCachedException(BlockPointer pointer, int level) {
        super("block=" + pointer.address() + " is not in memory");
        this.pointer = pointer;
        this.level = level;
    }

    BlockPointer pointer() {
        return pointer;
    }

    int level() {
        return level;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
