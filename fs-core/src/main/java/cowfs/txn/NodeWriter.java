package cowfs.txn;

import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.NodePage;
import cowfs.format.Superblock.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Turns the frozen nodes of a transaction group into committed ones: gives them addresses,
/// bottom-up, and writes them in few large pieces. Used by one commit, on one thread.
final class NodeWriter {
    private static final int MAX_WRITE_BYTES = 1 << 20;

    private final NodeStore nodes;
    private final long txg;
    private final List<OwnedNode> frozen = new ArrayList<>();
    private final List<CommittedNode> placed = new ArrayList<>();
    private int written;

    NodeWriter(NodeStore nodes, long txg) {
        this.nodes = nodes;
        this.txg = txg;
    }

    /// Nodes placed so far.
    int placedCount() {
        return placed.size();
    }

    /// Gives a node and all frozen nodes below it addresses and checksums, children first. The
    /// pages that readers may hold are not touched: each is copied first. Readers keep to the
    /// frozen nodes until {@link #publish}, because a committed one names its children by address,
    /// and there is nothing at that address yet.
    ///
    /// @param owner the tree that writes it
    CommittedNode place(OwnedNode node, long owner, NodeAddresses addresses)
            throws CorruptException {
        byte[] page = node.page().clone();
        if (!node.isLeaf()) {
            for (int slot = 0; slot < node.itemCount(); slot++) {
                Node child = node.childInMemory(slot);
                if (child != null) {
                    CommittedNode done =
                            child instanceof OwnedNode changed
                                    ? place(changed, owner, addresses)
                                    : (CommittedNode) child;
                    NodePage.setPointer(
                            page,
                            NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES),
                            done.pointer());
                }
            }
        }
        long address = addresses.takePrimary();
        long copyAddress = addresses.takeCopy();
        NodePage.seal(page, owner, address, txg);
        NodePage.validate(page, nodes.uuid(), node.level(), "tree=" + owner + " block=" + address);
        BlockPointer pointer =
                new BlockPointer(address, copyAddress, txg, Checksum.of(page, 0, page.length));
        CommittedNode committed = new CommittedNode(pointer, page);
        frozen.add(node);
        placed.add(committed);
        return committed;
    }

    /// Writes what was placed since the last call, without a flush.
    void write(BlockDevice device) throws IOException {
        if (written == placed.size()) {
            return;
        }
        record Piece(long address, CommittedNode node) {}
        List<Piece> pieces = new ArrayList<>();
        for (CommittedNode node : placed.subList(written, placed.size())) {
            pieces.add(new Piece(node.pointer().address(), node));
            if (node.pointer().copyAddress() != 0) {
                pieces.add(new Piece(node.pointer().copyAddress(), node));
            }
        }
        written = placed.size();
        pieces.sort(Comparator.comparingLong(Piece::address));
        int nodeBytes = nodes.nodeBytes();
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(Math.min(MAX_WRITE_BYTES, pieces.size() * nodeBytes));
        long start = 0;
        for (Piece piece : pieces) {
            boolean joins = piece.address == start + (buffer.position() >>> Blocks.SHIFT);
            if (buffer.position() > 0 && (!joins || buffer.remaining() < nodeBytes)) {
                device.write(Blocks.toBytes(start), buffer.flip());
                buffer.clear();
            }
            if (buffer.position() == 0) {
                start = piece.address;
            }
            buffer.put(piece.node.page());
        }
        if (buffer.position() > 0) {
            device.write(Blocks.toBytes(start), buffer.flip());
        }
    }

    /// The placed nodes as runs for an unsealed superblock.
    List<Run> runs() {
        List<CommittedNode> sorted = new ArrayList<>(placed);
        sorted.sort(Comparator.comparingLong(node -> node.pointer().address()));
        List<Run> runs = new ArrayList<>();
        for (CommittedNode node : sorted) {
            BlockPointer at = node.pointer();
            Run last = runs.isEmpty() ? null : runs.getLast();
            boolean joins =
                    last != null
                            && last.address() + last.blockCount() == at.address()
                            && (at.copyAddress() == 0
                                    || last.copyAddress() + last.blockCount() == at.copyAddress());
            Run base = joins && last != null ? last : new Run(at.address(), at.copyAddress(), 0, 0);
            int checksum = base.checksum();
            for (int from = 0; from < node.page().length; from += Blocks.SIZE) {
                checksum =
                        Checksum.extendRun(
                                checksum, Checksum.crc32c(node.page(), from, Blocks.SIZE));
            }
            Run grown =
                    new Run(
                            base.address(),
                            base.copyAddress(),
                            base.blockCount() + nodes.nodeBlocks(),
                            checksum);
            if (joins) {
                runs.set(runs.size() - 1, grown);
            } else {
                runs.add(grown);
            }
        }
        return runs;
    }

    /// Lets readers use the committed nodes, which have all been written. A child goes before its
    /// parent.
    void publish() {
        for (int i = 0; i < placed.size(); i++) {
            nodes.put(placed.get(i));
            frozen.get(i).commit(placed.get(i));
        }
    }
}
