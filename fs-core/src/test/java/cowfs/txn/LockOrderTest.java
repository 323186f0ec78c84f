package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.format.ItemKind;
import cowfs.format.TreeId;
import cowfs.txn.LockOrder.Rank;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The watch over the order of locks finds what breaks it. That nothing does is what all other
/// tests find, as they run with assertions.
final class LockOrderTest {
    @Test
    void everyPairInTheWrongOrderIsFound() {
        for (Rank held : Rank.values()) {
            LockOrder.take(held);
            for (Rank wanted : Rank.values()) {
                if (wanted.compareTo(held) < 0) {
                    assertThrows(AssertionError.class, () -> LockOrder.take(wanted));
                } else {
                    assertTrue(LockOrder.take(wanted) && LockOrder.give(wanted));
                }
            }
            LockOrder.give(held);
        }
        assertThrows(AssertionError.class, () -> LockOrder.give(Rank.TREE));
    }

    /// A sync inside an operation would wait for a freeze that waits for the operation.
    @Test
    void aSyncInsideAnOperationIsFound() throws IOException {
        try (PoolStore store =
                PoolStore.open(
                        TestPool.image(new TestPool.Shape(32, 4096, 1), 1), TestPool.OPTIONS)) {
            FileTree tree = TestPool.tree(store, TreeId.FIRST_SUBVOLUME);
            put(tree, 1);
            AssertionError found =
                    assertThrows(
                            AssertionError.class,
                            () ->
                                    tree.change(
                                            1,
                                            change -> {
                                                store.sync();
                                                return true;
                                            }));
            assertTrue(
                    String.valueOf(found.getMessage()).contains("GATE wanted"), () -> "" + found);
            assertThrows(AssertionError.class, () -> tree.read(items -> put(tree, 2)));
            synchronized (store.spaceMap()) {
                assertThrows(AssertionError.class, store::sync);
            }
            put(tree, 3);
            store.sync();
            assertEquals(2, tree.read(Workload::itemsOf).size());
        }
    }

    private static boolean put(FileTree tree, long inode) throws IOException {
        return tree.change(
                1,
                change -> {
                    change.tree().put(inode, ItemKind.INODE.number(), 0, new byte[10]);
                    return true;
                });
    }
}
