package cowfs.inode;

import cowfs.compress.Compression;
import cowfs.format.ContentItem;
import cowfs.inode.ExtentMap.Run;
import cowfs.txn.Allocation;
import cowfs.txn.Change;
import cowfs.txn.DataStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A change of one file's content that is prepared off the tree's lock and then applied inside one
/// change: which blocks lose what they held, and what takes their place.
///
/// Preparing allocates blocks and writes to them; nothing refers to them until {@link #apply}.
/// Closing a swap that was not applied gives its blocks back. Not thread safe.
public final class ContentSwap implements AutoCloseable {
    private static final int[] NO_CRCS = new int[0];

    private final DataStore data;
    private final ExtentMap extents;
    private final long inode;
    private final List<Run> runs = new ArrayList<>(2);
    private long dropFrom;
    private long dropTo;
    private long inlineBlock;
    private byte @Nullable [] inlineContent;
    private int inlineBytes;
    private boolean applied;

    ContentSwap(DataStore data, ExtentMap extents, long inode) {
        this.data = data;
        this.extents = extents;
        this.inode = inode;
    }

    /// Blocks from `from` to before `to` lose what they hold. Once per swap.
    void drop(long from, long to) {
        dropFrom = from;
        dropTo = to;
    }

    /// Writes whole blocks of content to newly allocated ones. They go where the file has a hole
    /// once the drop is done.
    void write(long block, ByteBuffer content) throws IOException {
        int blockCount = content.remaining() / DataStore.BLOCK_SIZE;
        int done = 0;
        while (done < blockCount) {
            Allocation a = data.allocate(blockCount - done);
            int[] crcs = new int[a.blockCount()];
            runs.add(
                    new Run(block + done, a.address(), a.blockCount(), ContentItem.PLAIN, crcs, 0));
            int at = content.position() + done * DataStore.BLOCK_SIZE;
            writeChecksummed(a, content.slice(at, a.blockCount() * DataStore.BLOCK_SIZE), crcs);
            done += a.blockCount();
        }
    }

    /// The same, compressed where that saves enough: {@link ExtentPacker}.
    void write(long block, ByteBuffer content, Compression how) throws IOException {
        if (!how.isOn()) {
            write(block, content);
            return;
        }
        ExtentPacker packer = new ExtentPacker(how);
        int blockCount = content.remaining() / DataStore.BLOCK_SIZE;
        int plainFrom = 0;
        for (int at = 0; at < blockCount; ) {
            int count = ExtentPacker.chunkBlocks(block + at, blockCount - at);
            int from = content.position() + at * DataStore.BLOCK_SIZE;
            ByteBuffer packed = packer.pack(content.slice(from, count * DataStore.BLOCK_SIZE));
            if (packed != null
                    && writeCompressed(
                            block + at, count, packed, packer.encoding(), packer.packedBytes())) {
                writePlain(block, content, plainFrom, at);
                plainFrom = at + count;
            }
            at += count;
        }
        writePlain(block, content, plainFrom, blockCount);
    }

    private void writePlain(long block, ByteBuffer content, int from, int to) throws IOException {
        if (from < to) {
            int at = content.position() + from * DataStore.BLOCK_SIZE;
            write(block + from, content.slice(at, (to - from) * DataStore.BLOCK_SIZE));
        }
    }

    /// Writes a whole compressed extent, which needs its blocks in one place.
    ///
    /// @return false where the free space is in pieces too small for it
    boolean writeCompressed(long block, CompressedContent extent) throws IOException {
        return writeCompressed(
                block,
                extent.blockCount(),
                extent.blocks(),
                extent.encoding(),
                extent.bytes().length);
    }

    private boolean writeCompressed(
            long block, int count, ByteBuffer packed, int encoding, int packedBytes)
            throws IOException {
        int diskBlocks = packed.remaining() / DataStore.BLOCK_SIZE;
        Allocation a = data.allocate(diskBlocks);
        if (a.blockCount() < diskBlocks) {
            data.giveBack(a);
            return false;
        }
        int[] crcs = new int[diskBlocks];
        runs.add(new Run(block, a.address(), count, encoding, crcs, packedBytes));
        writeChecksummed(a, packed, crcs);
        return true;
    }

    private void writeChecksummed(Allocation a, ByteBuffer content, int[] crcs) throws IOException {
        checksum(content, crcs);
        data.write(a.address(), content);
    }

    private static void checksum(ByteBuffer content, int[] crcs) {
        CRC32C crc = new CRC32C();
        ByteBuffer block = content.duplicate();
        for (int i = 0; i < crcs.length; i++) {
            block.limit((i + 1) * DataStore.BLOCK_SIZE).position(i * DataStore.BLOCK_SIZE);
            crc.reset();
            crc.update(block);
            crcs[i] = (int) crc.getValue();
        }
    }

    /// Allocates blocks that read as zero, one run of them.
    ///
    /// @return how many, at least 1
    int reserve(long block, long wantBlocks) throws IOException {
        int want = (int) Math.min(wantBlocks, ContentItem.MAX_UNWRITTEN_BLOCKS);
        Allocation a = data.allocate(want);
        runs.add(new Run(block, a.address(), a.blockCount(), ContentItem.UNWRITTEN, NO_CRCS, 0));
        return a.blockCount();
    }

    /// Whether a block loses what it holds and gets nothing in its place.
    boolean leavesHole(long block) {
        boolean placed = inlineContent != null && inlineBlock == block;
        for (Run run : runs) {
            placed |= block >= run.block() && block < run.block() + run.blockCount();
        }
        return !placed && block >= dropFrom && block < dropTo;
    }

    int runCount() {
        return runs.size();
    }

    /// Keeps the content of one block in the leaf. Once per swap.
    void inline(long block, byte[] content, int lengthBytes) {
        inlineBlock = block;
        inlineContent = content;
        inlineBytes = lengthBytes;
    }

    /// How many item changes {@link #apply} makes at most.
    ///
    /// @param dropped items that the dropped blocks have
    public int itemCount(int dropped) {
        int count = dropped + 2;
        for (Run run : runs) {
            count += 2 + run.blockCount() / ContentItem.MAX_PLAIN_BLOCKS;
        }
        return inlineContent == null ? count : count + 1;
    }

    /// Changes the content items and counts the file's space; the caller puts the inode. The blocks
    /// belong to the file once the change has succeeded.
    public void apply(Change change, Inode target) throws IOException {
        change.onSuccess(() -> applied = true);
        long sectors = dropFrom < dropTo ? -extents.drop(change, inode, dropFrom, dropTo) : 0;
        for (Run run : runs) {
            sectors += extents.insert(change, inode, run);
        }
        if (inlineContent != null) {
            sectors += extents.insertInline(change, inode, inlineBlock, inlineContent, inlineBytes);
        }
        target.addSectors(sectors);
    }

    @Override
    public void close() {
        if (!applied) {
            for (Run run : runs) {
                data.giveBack(new Allocation(run.address(), run.diskBlocks()));
            }
            runs.clear();
        }
    }
}
