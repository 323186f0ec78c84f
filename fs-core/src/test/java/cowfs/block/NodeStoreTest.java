package cowfs.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.MemoryDevice;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.NodePage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class NodeStoreTest {
    private static final UUID IMAGE = new UUID(31, 32);
    private static final int NODE_BYTES = 8192;
    private static final long BLOCKS = 1024;

    private final MemoryDevice memory = new MemoryDevice(BLOCKS * Blocks.SIZE);
    private final FaultDevice device = new FaultDevice(memory);
    private final NodeStore store = new NodeStore(device, IMAGE, NODE_BYTES, BLOCKS, 1 << 20);

    /// Writes a leaf with one item.
    private BlockPointer write(long address, long copyAddress, long birth, int content, UUID image)
            throws IOException {
        OwnedNode node = OwnedNode.create(NODE_BYTES, 0, 16, image, birth);
        node.insertItem(0, content, 1, 0, new byte[] {(byte) content}, 0, 1);
        byte[] page = node.page();
        NodePage.seal(page, 16, address, birth);
        memory.write(Blocks.toBytes(address), ByteBuffer.wrap(page));
        if (copyAddress != 0) {
            memory.write(Blocks.toBytes(copyAddress), ByteBuffer.wrap(page));
        }
        return new BlockPointer(address, copyAddress, birth, Checksum.of(page, 0, page.length));
    }

    private void damage(long block) throws IOException {
        byte[] one = new byte[1];
        memory.read(Blocks.toBytes(block) + 5000 % Blocks.SIZE, ByteBuffer.wrap(one));
        one[0] ^= 4;
        memory.write(Blocks.toBytes(block) + 5000 % Blocks.SIZE, ByteBuffer.wrap(one));
    }

    private CorruptException assertCorrupt(BlockPointer pointer, int level) {
        return assertThrows(CorruptException.class, () -> store.read(pointer, level));
    }

    @Test
    void aSoundNodeIsReadOnceAndThenCached() throws IOException {
        BlockPointer pointer = write(10, 0, 5, 1, IMAGE);
        CommittedNode node = store.read(pointer, 0);
        assertEquals(1, NodePage.inode(node.page(), NodePage.slotPosition(0, 21)));
        assertSame(node, store.read(pointer, 0));
        assertEquals(1, store.deviceReadCount());
        assertNotSame(node, store.readUncached(pointer, 0));
    }

    @Test
    void aWrongByteIsFoundByTheChecksum() throws IOException {
        BlockPointer pointer = write(10, 0, 5, 1, IMAGE);
        damage(11);
        assertTrue(assertCorrupt(pointer, 0).reason().startsWith("checksum"));
    }

    @Test
    void aWriteThatNeverArrivedIsFound() throws IOException {
        write(10, 0, 5, 1, IMAGE);
        BlockPointer newer = write(20, 0, 6, 1, IMAGE);
        BlockPointer lost = new BlockPointer(10, 0, 6, newer.checksum());
        assertCorrupt(lost, 0);
    }

    @Test
    void aSoundNodeInTheWrongPlaceIsFound() throws IOException {
        BlockPointer pointer = write(10, 0, 5, 1, IMAGE);
        byte[] page = new byte[NODE_BYTES];
        memory.read(Blocks.toBytes(10), ByteBuffer.wrap(page));
        memory.write(Blocks.toBytes(20), ByteBuffer.wrap(page));
        assertCorrupt(new BlockPointer(20, 0, 5, pointer.checksum()), 0);
        assertCorrupt(new BlockPointer(10, 0, 4, pointer.checksum()), 0);
    }

    @Test
    void anotherLevelAndAnotherImageAreFound() throws IOException {
        BlockPointer pointer = write(10, 0, 5, 1, IMAGE);
        assertCorrupt(pointer, 1);
        assertCorrupt(write(30, 0, 5, 1, new UUID(31, 33)), 0);
    }

    @Test
    void aPointerOutOfTheImageIsCorruptAndNotAnIoError() {
        for (long address : new long[] {-1, BLOCKS - 1, BLOCKS, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertCorrupt(new BlockPointer(address, 0, 5, 1), 0);
            assertCorrupt(new BlockPointer(10, address, 5, 1), 0);
        }
    }

    @Test
    void theSecondCopyServesWhenTheFirstIsDamaged() throws IOException {
        BlockPointer pointer = write(10, 600, 5, 1, IMAGE);
        damage(10);
        store.read(pointer, 0);
        assertEquals(1, store.copyReadCount());
        assertThrows(CorruptException.class, () -> store.readCopy(pointer, 10, 0));
        store.readCopy(pointer, 600, 0);
    }

    @Test
    void theSecondCopyServesWhenTheFirstCanNotBeRead() throws IOException {
        BlockPointer pointer = write(10, 600, 5, 1, IMAGE);
        device.fail(DeviceOperation.READ, 1);
        store.read(pointer, 0);
        assertEquals(1, store.copyReadCount());
    }

    @Test
    void bothCopiesDamagedIsCorruptWithBothReasons() throws IOException {
        BlockPointer pointer = write(10, 600, 5, 1, IMAGE);
        damage(10);
        damage(600);
        CorruptException both = assertCorrupt(pointer, 0);
        assertTrue(both.where().contains("block=10"));
        assertEquals(1, both.getSuppressed().length);
    }

    @Test
    void anAddressThatWasWrittenAgainNeverServesTheOlderNode() throws IOException {
        BlockPointer older = write(10, 0, 5, 1, IMAGE);
        store.read(older, 0);
        BlockPointer newer = write(10, 0, 9, 2, IMAGE);
        CommittedNode node = store.read(newer, 0);
        assertEquals(2, NodePage.inode(node.page(), NodePage.slotPosition(0, 21)));
        assertCorrupt(older, 0);
        assertSame(node, store.read(newer, 0), "a failed read leaves the cache alone");
    }
}
