package cowfs.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OwnedNodeTest {
    private static final UUID IMAGE = new UUID(41, 42);

    private static byte[] value(OwnedNode node, int slot) {
        int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
        int from = NodePage.valuePosition(node.page(), at);
        return Arrays.copyOfRange(node.page(), from, from + NodePage.valueLength(node.page(), at));
    }

    @ParameterizedTest
    @CsvSource({"4096, 1", "8192, 2", "65536, 3"})
    void aLeafAgreesWithAListOfValues(int nodeBytes, long seed) throws CorruptException {
        Random random = new Random(seed);
        OwnedNode node = OwnedNode.create(nodeBytes, 0, 16, IMAGE, 3);
        List<byte[]> model = new ArrayList<>();
        int limit = NodePage.maxValueBytes(nodeBytes);
        for (int step = 0; step < 6000; step++) {
            byte[] value =
                    new byte
                            [random.nextInt(4) == 0
                                    ? random.nextInt(limit + 1)
                                    : random.nextInt(60)];
            random.nextBytes(value);
            int dice = random.nextInt(10);
            if (dice < 5) {
                if (node.freeBytes() >= NodePage.LEAF_SLOT_BYTES + value.length) {
                    // keys do not matter to the node, only their order to validation
                    int slot = model.size();
                    node.insertItem(slot, slot + 1, 1, 0, value, 0, value.length);
                    model.add(value);
                }
            } else if (dice < 8 && !model.isEmpty()) {
                int slot = random.nextInt(model.size());
                if (value.length - model.get(slot).length <= node.freeBytes()) {
                    node.replaceValue(slot, value, 0, value.length);
                    model.set(slot, value);
                }
            } else if (!model.isEmpty()) {
                node.removeItem(model.size() - 1);
                model.removeLast();
            }
            String where = "seed " + seed + " step " + step;
            NodePage.validate(node.page(), IMAGE, 0, where);
            assertEquals(model.size(), node.itemCount(), where);
            int used = 0;
            for (int slot = 0; slot < model.size(); slot++) {
                assertArrayEquals(model.get(slot), value(node, slot), where);
                used += NodePage.LEAF_SLOT_BYTES + model.get(slot).length;
            }
            assertEquals(used, node.usedBytes(), where);
        }
    }

    @Test
    void aShadowLeavesItsSourceAlone() {
        OwnedNode source = OwnedNode.create(4096, 0, 16, IMAGE, 3);
        source.insertItem(0, 1, 1, 0, new byte[] {7}, 0, 1);
        byte[] before = source.page().clone();
        OwnedNode shadow = OwnedNode.shadow(source, 4);
        shadow.insertItem(1, 2, 1, 0, new byte[] {8}, 0, 1);
        shadow.replaceValue(0, new byte[] {9}, 0, 1);
        assertArrayEquals(before, source.page());
        assertEquals(4, shadow.txg());
    }

    @Test
    void childrenMoveWithTheirSlots() {
        OwnedNode parent = OwnedNode.create(4096, 1, 16, IMAGE, 3);
        List<OwnedNode> children = new ArrayList<>();
        Random random = new Random(1);
        for (int step = 0; step < 2000; step++) {
            boolean full = parent.freeBytes() < NodePage.INTERIOR_SLOT_BYTES;
            if (random.nextInt(5) < 3 && !full) {
                int slot = random.nextInt(children.size() + 1);
                OwnedNode child = OwnedNode.create(4096, 0, 16, IMAGE, 3);
                parent.insertChild(slot, step, 1, 0, child);
                children.add(slot, child);
            } else if (!children.isEmpty()) {
                int slot = random.nextInt(children.size());
                parent.removeChild(slot);
                children.remove(slot);
            }
            if (random.nextInt(200) == 0) {
                int from = random.nextInt(children.size() + 1);
                OwnedNode right = OwnedNode.create(4096, 1, 16, IMAGE, 3);
                parent.moveTail(from, right);
                List<OwnedNode> tail = children.subList(from, children.size());
                assertChildren(tail, right);
                tail.clear();
            }
            assertChildren(children, parent);
        }
    }

    private static void assertChildren(List<OwnedNode> want, OwnedNode parent) {
        assertEquals(want.size(), parent.itemCount());
        for (int slot = 0; slot < want.size(); slot++) {
            assertSame(want.get(slot), parent.childInMemory(slot));
        }
        assertNull(parent.childInMemory(want.size()));
    }

    @Test
    void whoeverStillNamesAFrozenChildFollowsItToWhatTheCommitMade() {
        OwnedNode parent = OwnedNode.create(4096, 1, 16, IMAGE, 3);
        OwnedNode child = OwnedNode.create(4096, 0, 16, IMAGE, 3);
        parent.insertChild(0, 1, 1, 0, child);
        CommittedNode written =
                new CommittedNode(new BlockPointer(9, 0, 3, 1), child.page().clone());
        child.commit(written);
        assertSame(written, parent.childInMemory(0));
    }

    /// Else nodes pile up in memory for as long as changes go on without a pause.
    @Test
    void aShadowNamesByAddressWhatIsCommitted() {
        OwnedNode parent = OwnedNode.create(4096, 1, 16, IMAGE, 3);
        OwnedNode first = OwnedNode.create(4096, 0, 16, IMAGE, 2);
        OwnedNode second = OwnedNode.create(4096, 0, 16, IMAGE, 3);
        parent.insertChild(0, 1, 1, 0, first);
        parent.insertChild(1, 2, 1, 0, second);
        BlockPointer where = new BlockPointer(9, 0, 2, 1);
        first.commit(new CommittedNode(where, first.page().clone()));
        OwnedNode shadow = OwnedNode.shadow(parent, 4);
        assertNull(shadow.childInMemory(0));
        assertEquals(where, shadow.pointer(0));
        assertSame(second, shadow.childInMemory(1));
        assertSame(first.committed(), parent.childInMemory(0), "the frozen one as before");
    }

    @Test
    void aNodeThatIsCommittedLetsGoOfItsChildren() {
        OwnedNode parent = OwnedNode.create(4096, 1, 16, IMAGE, 3);
        parent.insertChild(0, 1, 1, 0, OwnedNode.create(4096, 0, 16, IMAGE, 3));
        BlockPointer where = new BlockPointer(9, 0, 3, 1);
        byte[] page = parent.page().clone();
        NodePage.setPointer(page, NodePage.slotPosition(0, NodePage.INTERIOR_SLOT_BYTES), where);
        parent.commit(new CommittedNode(new BlockPointer(17, 0, 3, 1), page));
        assertNull(parent.childInMemory(0));
        assertEquals(where, parent.pointer(0));
        assertEquals(where, OwnedNode.shadow(parent, 4).pointer(0));
    }

    @Test
    void anItemThatDoesNotFitIsAProgrammersMistake() {
        OwnedNode node = OwnedNode.create(4096, 0, 16, IMAGE, 3);
        assertThrows(
                IllegalStateException.class,
                () -> node.insertItem(0, 1, 1, 0, new byte[4096], 0, 4096));
    }
}
