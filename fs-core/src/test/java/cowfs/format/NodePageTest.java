package cowfs.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.block.OwnedNode;
import cowfs.error.CorruptException;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NodePageTest {
    private static final UUID IMAGE = new UUID(21, 22);

    private static OwnedNode leaf(int nodeBytes, int items) {
        OwnedNode node = OwnedNode.create(nodeBytes, 0, 16, IMAGE, 5);
        for (int i = 0; i < items; i++) {
            node.insertItem(i, i + 1, 1, 0, new byte[] {1, 2, 3, (byte) i}, 0, 4);
        }
        return node;
    }

    private static byte[] interior(int nodeBytes, int children) {
        OwnedNode node = OwnedNode.create(nodeBytes, 1, 16, IMAGE, 5);
        for (int i = 0; i < children; i++) {
            node.insertChild(i, i, 1, 0, leaf(nodeBytes, 1));
            NodePage.setPointer(
                    node.page(),
                    NodePage.slotPosition(i, NodePage.INTERIOR_SLOT_BYTES),
                    new BlockPointer(100 + i, 0, 5, 77));
        }
        return node.page();
    }

    private static void assertCorrupt(byte[] page, int level) {
        assertThrows(
                CorruptException.class, () -> NodePage.validate(page, IMAGE, level, "block=9"));
    }

    /// Uses a page that passed validation the way a tree does; none of it may fail.
    private static void use(byte[] page) {
        int slotBytes = NodePage.slotBytes(page);
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            int found =
                    NodePage.lowerBound(
                            page,
                            slotBytes,
                            NodePage.inode(page, at),
                            NodePage.kind(page, at),
                            NodePage.offset(page, at));
            assertEquals(slot, found);
            if (NodePage.level(page) == 0) {
                int from = NodePage.valuePosition(page, at);
                byte[] value =
                        java.util.Arrays.copyOfRange(
                                page, from, from + NodePage.valueLength(page, at));
                assertEquals(NodePage.valueLength(page, at), value.length);
            } else {
                assertTrue(!NodePage.pointer(page, at).isNone());
            }
        }
    }

    @Test
    void soundPagesAreAccepted() throws CorruptException {
        NodePage.validate(leaf(4096, 10).page(), IMAGE, 0, "here");
        NodePage.validate(interior(4096, 5), IMAGE, 1, "here");
    }

    @Test
    void anotherImageAnotherLevelAndAnEmptyInteriorNodeAreCorrupt() {
        byte[] page = leaf(4096, 3).page();
        assertThrows(
                CorruptException.class,
                () -> NodePage.validate(page, new UUID(21, 23), 0, "block=9"));
        assertCorrupt(page, 1);
        assertCorrupt(OwnedNode.create(4096, 1, 16, IMAGE, 5).page(), 1);
    }

    @Test
    void garbageThatDoesNotFitTheHeapIsCorrupt() {
        byte[] leaf = leaf(4096, 10).page();
        NodePage.setGarbage(leaf, -4);
        NodePage.setHeapStart(leaf, NodePage.heapStart(leaf) + 4);
        assertCorrupt(leaf, 0);
        byte[] interior = interior(4096, 5);
        NodePage.setGarbage(interior, 1000);
        assertCorrupt(interior, 1);
        byte[] shortHeap = interior(4096, 5);
        NodePage.setHeapStart(shortHeap, 2000);
        assertCorrupt(shortHeap, 1);
    }

    /// A writer would count the room of such a heap as free, and put slots over its start.
    @Test
    void anInteriorNodeWithAHeapIsCorrupt() {
        byte[] interior = interior(4096, 5);
        NodePage.setHeapStart(interior, 1000);
        NodePage.setGarbage(interior, 3096);
        assertCorrupt(interior, 1);
    }

    @Test
    void anEmptyValueOutsideThePageIsCorrupt() {
        OwnedNode node = OwnedNode.create(4096, 0, 16, IMAGE, 5);
        node.insertItem(0, 1, 1, 0, new byte[0], 0, 0);
        NodePage.setValue(
                node.page(), NodePage.slotPosition(0, NodePage.LEAF_SLOT_BYTES), 60000, 0);
        assertCorrupt(node.page(), 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 65536})
    void damagedPagesAreCorruptOrUsableAndNothingElse(int nodeBytes) {
        Random random = new Random(nodeBytes);
        for (int round = 0; round < 4000; round++) {
            byte[] page =
                    switch (random.nextInt(3)) {
                        case 0 -> leaf(nodeBytes, random.nextInt(40)).page();
                        case 1 -> interior(nodeBytes, 1 + random.nextInt(40));
                        default -> new byte[nodeBytes];
                    };
            byte[] sound = page.clone();
            int damages = random.nextInt(6);
            for (int i = 0; i < damages; i++) {
                int reach = random.nextBoolean() ? 64 : random.nextBoolean() ? 1024 : nodeBytes;
                page[random.nextInt(reach)] = (byte) random.nextInt();
            }
            if (random.nextInt(20) == 0) {
                random.nextBytes(page);
                System.arraycopy(sound, 0, page, 0, random.nextInt(65));
            }
            try {
                NodePage.validate(page, IMAGE, -1, "round=" + round);
            } catch (CorruptException found) {
                continue;
            }
            use(page);
        }
    }

    @Test
    void aCompactedLeafKeepsItsItemsAndNoOldBytes() throws CorruptException {
        OwnedNode node = leaf(4096, 0);
        byte[] secret = new byte[900];
        java.util.Arrays.fill(secret, (byte) 0x5a);
        for (int i = 0; i < 4; i++) {
            node.insertItem(i, i + 1, 1, 0, secret, 0, secret.length);
        }
        node.removeItem(0);
        node.removeItem(1);
        node.insertItem(0, 1, 1, 0, new byte[1500], 0, 1500);
        NodePage.validate(node.page(), IMAGE, 0, "here");
        int live = 0;
        for (byte each : node.page()) {
            live += each == 0x5a ? 1 : 0;
        }
        assertEquals(2 * secret.length, live, "bytes of removed values");
        int at = NodePage.slotPosition(2, NodePage.LEAF_SLOT_BYTES);
        int from = NodePage.valuePosition(node.page(), at);
        assertArrayEquals(
                secret, java.util.Arrays.copyOfRange(node.page(), from, from + secret.length));
    }
}
