package cowfs.txn;

import java.io.IOException;

/// A change of the pool's own trees that runs inside the commit of a transaction group: making a
/// snapshot, deleting a subvolume, a bounded piece of reclaim.
///
/// It sees the file trees as they were at the freeze, already with their addresses. It checks
/// before its first change and throws a `RequestException` to refuse; any other failure stops the
/// pool.
@FunctionalInterface
public interface CommitStep {
    void run(CommitContext context) throws IOException;
}
