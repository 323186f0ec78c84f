package cowfs.txn;

import cowfs.block.CommittedNode;
import cowfs.device.BlockDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Knows the one write that may go to what a durable state reaches: a node of that state has a bad
/// copy at just this place, and its other copy, which is good, holds just these bytes.
///
/// It reads all nodes of the state, so it is for the rare write that looks forbidden.
final class RepairOfCopy {
    private RepairOfCopy() {}

    static boolean is(BlockDevice device, Superblock durable, long position, ByteBuffer bytes)
            throws IOException {
        byte[] written = new byte[bytes.remaining()];
        bytes.get(written);
        if (position % Blocks.SIZE != 0 || written.length != durable.nodeBytes()) {
            return false;
        }
        long address = Blocks.fromBytes(position);
        for (CommittedNode node : ReachableNodes.of(device, durable)) {
            BlockPointer pointer = node.pointer();
            if (pointer.address() == address || pointer.copyAddress() == address) {
                long other =
                        pointer.address() == address ? pointer.copyAddress() : pointer.address();
                return other != 0
                        && Arrays.equals(written, node.page())
                        && Arrays.equals(
                                written, ReachableNodes.read(device, other, written.length))
                        && !Arrays.equals(
                                written, ReachableNodes.read(device, address, written.length));
            }
        }
        return false;
    }
}
