package cowfs.btree;

import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.NodePage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/// Trees whose nodes lie on a device as somebody wrote them, node by node: sound ones and others.
/// Items have the key (inode, 1, 0) and the inode's number as their value.
final class DeviceTree {
    static final long OWNER = 16;
    static final long BIRTH = 5;
    static final int NODE_BYTES = 4096;

    private static final UUID IMAGE = new UUID(1, 2);
    private static final long BLOCK_COUNT = 1024;

    private final MemoryDevice device = new MemoryDevice(Blocks.toBytes(BLOCK_COUNT));
    private final NodeStore store = new NodeStore(device, IMAGE, NODE_BYTES, BLOCK_COUNT, 1 << 20);
    private long nextAddress = 1;

    static byte[] value(long inode) {
        return ByteBuffer.allocate(Long.BYTES).putLong(inode).array();
    }

    NodeStore store() {
        return store;
    }

    BlockPointer leaf(long... inodes) throws IOException {
        OwnedNode node = OwnedNode.create(NODE_BYTES, 0, OWNER, IMAGE, BIRTH);
        for (int i = 0; i < inodes.length; i++) {
            node.insertItem(i, inodes[i], 1, 0, value(inodes[i]), 0, Long.BYTES);
        }
        return write(node.page());
    }

    /// An interior node whose slots have these bounds.
    BlockPointer interior(int level, long[] bounds, BlockPointer... children) throws IOException {
        OwnedNode nobody = OwnedNode.create(NODE_BYTES, level - 1, OWNER, IMAGE, BIRTH);
        OwnedNode node = OwnedNode.create(NODE_BYTES, level, OWNER, IMAGE, BIRTH);
        for (int i = 0; i < bounds.length; i++) {
            node.insertChild(i, bounds[i], 1, 0, nobody);
            int at = NodePage.slotPosition(i, NodePage.INTERIOR_SLOT_BYTES);
            NodePage.setPointer(node.page(), at, children[i]);
        }
        return write(node.page());
    }

    private BlockPointer write(byte[] page) throws IOException {
        long address = nextAddress++;
        NodePage.seal(page, OWNER, address, BIRTH);
        device.write(Blocks.toBytes(address), ByteBuffer.wrap(page));
        return new BlockPointer(address, 0, BIRTH, Checksum.of(page, 0, page.length));
    }

    /// Makes a node unreadable.
    void spoil(BlockPointer pointer) throws IOException {
        device.write(Blocks.toBytes(pointer.address()) + 100, ByteBuffer.wrap(new byte[] {99}));
    }

    BTree reader(BlockPointer root, int level) throws IOException {
        return BTree.reader(store, OWNER, BTree.readRoot(store, root, level));
    }

    BTree writer(BlockPointer root, int level, long nodeCount) throws IOException {
        return BTree.writer(
                store, OWNER, BTree.readRoot(store, root, level), nodeCount, BIRTH + 1, old -> {});
    }
}
