package cowfs.txn;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Changes a tree in the open transaction group, under its exclusive lock; see {@link Change}. May
/// run several times for one change.
@FunctionalInterface
public interface TreeChange<T extends @Nullable Object> {
    T run(Change change) throws IOException;
}
