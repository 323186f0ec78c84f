package cowfs.txn;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.device.BlockDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// All nodes that a state of an image reaches, each once, parents before children. One good copy of
/// each node is enough.
public final class ReachableNodes {
    private final BlockDevice device;
    private final Superblock superblock;
    private final NodeStore nodes;
    private final Set<Long> seen = new HashSet<>();
    private final List<CommittedNode> found = new ArrayList<>();

    private ReachableNodes(BlockDevice device, Superblock superblock) {
        this.device = device;
        this.superblock = superblock;
        this.nodes =
                new NodeStore(
                        device,
                        superblock.uuid(),
                        superblock.nodeBytes(),
                        superblock.deviceBlocks(),
                        1 << 20);
    }

    /// The nodes of the newest state.
    public static List<CommittedNode> of(BlockDevice device) throws IOException {
        return of(device, new SuperblockRing(device).find().getFirst());
    }

    static List<CommittedNode> of(BlockDevice device, Superblock superblock) throws IOException {
        ReachableNodes walk = new ReachableNodes(device, superblock);
        walk.visit(superblock.root(), superblock.rootLevel());
        return walk.found;
    }

    private void visit(BlockPointer pointer, int level) throws IOException {
        if (pointer.isNone() || !seen.add(pointer.address())) {
            return;
        }
        CommittedNode node = nodes.readUncached(pointer, level);
        found.add(node);
        byte[] page = node.page();
        int slotBytes = NodePage.slotBytes(page);
        for (int slot = 0; slot < node.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            int kind = NodePage.kind(page, at);
            if (level > 0) {
                visit(NodePage.pointer(page, at), level - 1);
            } else if (kind == ItemKind.SUBVOLUME.number()
                    || kind == ItemKind.TREE_ROOT.number()
                    || kind == ItemKind.RECLAIM.number()) {
                // all three begin with the pointer
                BlockPointer root = BlockPointer.readFrom(page, NodePage.valuePosition(page, at));
                if (!root.isNone()) {
                    visit(root, levelOf(root));
                }
            }
        }
    }

    private int levelOf(BlockPointer root) throws IOException {
        for (long place : new long[] {root.address(), root.copyAddress()}) {
            byte[] page = read(device, place, superblock.nodeBytes());
            if (Checksum.of(page, 0, page.length) == root.checksum()) {
                return NodePage.level(page);
            }
        }
        throw new IOException(root + " has no good copy");
    }

    static byte[] read(BlockDevice device, long address, int lengthBytes) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        device.read(Blocks.toBytes(address), ByteBuffer.wrap(bytes));
        return bytes;
    }
}
