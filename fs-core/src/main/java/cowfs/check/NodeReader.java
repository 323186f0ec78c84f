package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads nodes past the cache, all copies of each, and reports every copy that does not verify. Not
/// thread safe.
final class NodeReader {
    private final NodeStore nodes;
    private final Findings findings;

    NodeReader(NodeStore nodes, Findings findings) {
        this.nodes = nodes;
        this.findings = findings;
    }

    /// The node of a pointer, or null when no copy can be used.
    ///
    /// @param tree for messages
    @Nullable CommittedNode read(long tree, BlockPointer pointer, int level) {
        IOException[] primaryFailure = new IOException[1];
        CommittedNode primary = readCopy(pointer, pointer.address(), level, primaryFailure);
        IOException[] copyFailure = new IOException[1];
        CommittedNode copy =
                pointer.copyAddress() == 0
                        ? null
                        : readCopy(pointer, pointer.copyAddress(), level, copyFailure);
        if (primary == null && copy == null) {
            report(DamageCode.BAD_NODE, tree, pointer.address(), primaryFailure[0]);
        } else if (primary == null) {
            report(DamageCode.BAD_COPY, tree, pointer.address(), primaryFailure[0]);
        } else if (copyFailure[0] != null) {
            report(DamageCode.BAD_COPY, tree, pointer.copyAddress(), copyFailure[0]);
        }
        return primary != null ? primary : copy;
    }

    private @Nullable CommittedNode readCopy(
            BlockPointer pointer, long address, int level, IOException[] failure) {
        try {
            return nodes.readCopy(pointer, address, level);
        } catch (IOException damaged) {
            failure[0] = damaged;
            return null;
        }
    }

    private void report(DamageCode code, long tree, long address, IOException failure) {
        String record = "node";
        String where = "tree=" + tree + " block=" + address;
        if (failure instanceof CorruptException corrupt) {
            findings.add(
                    code,
                    corrupt.record(),
                    "tree=" + tree + " " + corrupt.where(),
                    corrupt.reason());
        } else {
            findings.add(code, record, where, failure);
        }
    }
}
