package cowfs.txn;

import cowfs.btree.BTree;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads a tree under its shared lock. May run several times for one read, so it has no effects
/// that a second run could see.
@FunctionalInterface
public interface TreeRead<T extends @Nullable Object> {
    T run(BTree tree) throws IOException;
}
