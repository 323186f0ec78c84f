package cowfs.fuse.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class NodeIdTest {
    @Test
    void theMountedTreeKeepsItsNumbers() throws ErrnoException {
        assertEquals(1, NodeId.ROOT);
        assertEquals(17, NodeId.of(0, 17));
        assertEquals(NodeId.MAX_INODE, NodeId.of(0, NodeId.MAX_INODE));
    }

    @Test
    void treeAndInodeComeBack() throws ErrnoException {
        for (long tree : new long[] {0, 1, 1000, NodeId.MAX_TREE}) {
            for (long inode : new long[] {1, 2, 1L << 35, NodeId.MAX_INODE}) {
                long node = NodeId.of(tree, inode);
                assertTrue(node > 0);
                assertEquals(tree, NodeId.tree(node));
                assertEquals(inode, NodeId.inode(node));
            }
        }
    }

    @Test
    void theVirtualDirectoryIsInNoTree() {
        assertEquals(1, Long.signum(NodeId.SNAPSHOTS));
        assertTrue(NodeId.tree(NodeId.SNAPSHOTS) > NodeId.MAX_TREE);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThrows(ErrnoException.class, () -> NodeId.of(0, NodeId.MAX_INODE + 1));
        assertThrows(ErrnoException.class, () -> NodeId.of(0, 0));
        assertThrows(ErrnoException.class, () -> NodeId.of(NodeId.MAX_TREE + 1, 1));
    }
}
