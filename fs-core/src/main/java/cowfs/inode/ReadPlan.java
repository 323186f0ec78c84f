package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.ContentItem;
import cowfs.txn.DataStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/// One read of a range of a file, in two steps: {@link #resolve} under the tree's lock fills in
/// what is inline or zero and notes which blocks on disk hold the rest; {@link #fetch} reads those
/// off the lock, inside the same reader epoch, and verifies every one.
///
/// Extents that lie one behind the other on disk are read as one. Not thread safe; used once.
final class ReadPlan {
    private static final byte[] ZEROS = new byte[DataStore.BLOCK_SIZE];
    private static final int BLOCK = DataStore.BLOCK_SIZE;

    private final long treeId;
    private final long inode;
    private final ByteBuffer target;
    private final int base;
    private long offset;
    private int runCount;
    private long[] blocks = new long[2];
    private long[] addresses = new long[2];
    private int[] counts = new int[2];
    private int[] crcs = new int[8];
    private int crcCount;
    private final List<PackedPart> packed = new ArrayList<>(0);

    /// @param target takes the bytes from its position on, which stays where it is
    ReadPlan(long treeId, long inode, ByteBuffer target) {
        this.treeId = treeId;
        this.inode = inode;
        this.target = target;
        this.base = target.position();
    }

    /// Resolves the `lengthBytes` bytes of the file from `from` on; anew when it is called again.
    void resolve(BTree items, ExtentMap extents, long from, int lengthBytes) throws IOException {
        offset = from;
        runCount = 0;
        crcCount = 0;
        packed.clear();
        long end = from + lengthBytes;
        Cursor c = items.cursor();
        boolean more = lengthBytes > 0 && extents.seek(c, inode, from / BLOCK);
        long at = from;
        while (at < end) {
            long start = more ? ExtentMap.startBlock(c) * BLOCK : end;
            if (start > at) {
                long stop = Math.min(start, end);
                zero(at, stop);
                at = stop;
                continue;
            }
            long stop = Math.min(end, ExtentMap.endBlock(c) * BLOCK);
            copy(c, start, at, stop);
            at = stop;
            more = at < end && extents.next(c, inode);
            if (more && ExtentMap.startBlock(c) * BLOCK < at) {
                throw new CorruptException(
                        "content item",
                        "tree=" + treeId + " inode=" + inode + " offset=" + c.offset(),
                        "it covers what the item before does");
            }
        }
    }

    private void copy(Cursor c, long start, long at, long stop) {
        byte[] page = c.page();
        int position = c.position();
        switch (ContentItem.ENCODING.get(page, position)) {
            case ContentItem.INLINE -> {
                int skip = (int) (at - start);
                int length = ContentItem.LENGTH.get(page, position);
                int count = Math.max(0, (int) Math.min(length - skip, stop - at));
                int from = position + ContentItem.LAYOUT.sizeBytes() + skip;
                if (count > 0) {
                    target.put(index(at), page, from, count);
                }
                zero(at + count, stop);
            }
            case ContentItem.PLAIN -> addRun(page, position, start / BLOCK, at, stop);
            case ContentItem.UNWRITTEN -> zero(at, stop);
            default -> {
                int end = position + c.lengthBytes();
                packed.add(
                        new PackedPart(Arrays.copyOfRange(page, position, end), start, at, stop));
            }
        }
    }

    private void addRun(byte[] page, int position, long startBlock, long at, long stop) {
        long block = at / BLOCK;
        int first = (int) (block - startBlock);
        int count = (int) ((stop - 1) / BLOCK - block) + 1;
        long address = ContentItem.ADDRESS.get(page, position) + first;
        if (crcCount + count > crcs.length) {
            crcs = Arrays.copyOf(crcs, Math.max(2 * crcs.length, crcCount + count));
        }
        for (int i = 0; i < count; i++) {
            crcs[crcCount++] = ContentItem.crc(page, position, first + i);
        }
        int last = runCount - 1;
        if (last >= 0
                && blocks[last] + counts[last] == block
                && addresses[last] + counts[last] == address) {
            counts[last] += count;
            return;
        }
        if (runCount == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * runCount);
            addresses = Arrays.copyOf(addresses, 2 * runCount);
            counts = Arrays.copyOf(counts, 2 * runCount);
        }
        blocks[runCount] = block;
        addresses[runCount] = address;
        counts[runCount] = count;
        runCount++;
    }

    private void zero(long from, long to) {
        int end = index(to);
        for (int at = index(from); at < end; at += BLOCK) {
            target.put(at, ZEROS, 0, Math.min(BLOCK, end - at));
        }
    }

    private int index(long fileOffset) {
        return base + (int) (fileOffset - offset);
    }

    /// Reads and verifies what lies on disk. Whole blocks go straight to their place, also where
    /// the last one reaches over the end of the range and the target has room.
    void fetch(DataStore data, long end) throws IOException {
        int crc = 0;
        for (int i = 0; i < runCount; i++) {
            fetch(data, blocks[i], addresses[i], counts[i], crc, end);
            crc += counts[i];
        }
        if (!packed.isEmpty()) {
            ExtentUnpacker unpacker = new ExtentUnpacker(data);
            for (PackedPart part : packed) {
                fetch(unpacker, part);
            }
        }
    }

    private void fetch(ExtentUnpacker unpacker, PackedPart part) throws IOException {
        int first = ContentItem.FIRST_BLOCK.get(part.item, 0);
        long extentStart = part.start - (long) first * BLOCK;
        int wholeBytes = ContentItem.EXTENT_BLOCKS.get(part.item, 0) * BLOCK;
        String where = "tree=" + treeId + " inode=" + inode + " offset=" + part.start;
        int at = index(part.at);
        if (part.at == extentStart && target.limit() - at >= wholeBytes && part.takes(wholeBytes)) {
            unpacker.unpack(part.item, where, target.slice(at, wholeBytes));
            return;
        }
        ByteBuffer whole = unpacker.unpack(part.item, where);
        int count = (int) (part.stop - part.at);
        target.put(at, whole, (int) (part.at - extentStart), count);
    }

    private void fetch(DataStore data, long block, long address, int count, int crc, long end)
            throws IOException {
        int done = 0;
        if (block * BLOCK < offset) {
            fetchPart(data, block, address, crc, end);
            done = 1;
        }
        int room = Math.min(count - done, (target.limit() - index((block + done) * BLOCK)) / BLOCK);
        if (room > 0) {
            ByteBuffer part = target.slice(index((block + done) * BLOCK), room * BLOCK);
            data.read(address + done, part.duplicate());
            for (int i = 0; i < room; i++) {
                part.limit((i + 1) * BLOCK).position(i * BLOCK);
                verify(data, part, block + done + i, address + done + i, crcs[crc + done + i]);
            }
            done += room;
        }
        if (done < count) {
            fetchPart(data, block + done, address + done, crc + done, end);
        }
    }

    /// Reads one block of which only a part is wanted.
    private void fetchPart(DataStore data, long block, long address, int crc, long end)
            throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(BLOCK);
        data.read(address, whole);
        whole.clear();
        verify(data, whole, block, address, crcs[crc]);
        long from = Math.max(offset, block * BLOCK);
        int skip = (int) (from - block * BLOCK);
        int count = (int) Math.min(BLOCK - skip, end - from);
        target.put(index(from), whole, skip, count);
    }

    private void verify(DataStore data, ByteBuffer content, long block, long address, int want)
            throws CorruptException {
        CRC32C crc = new CRC32C();
        crc.update(content);
        int has = (int) crc.getValue();
        if (has != want) {
            data.noteDamaged(address);
            String where =
                    "tree="
                            + treeId
                            + " inode="
                            + inode
                            + " offset="
                            + block * BLOCK
                            + " block="
                            + address;
            throw new CorruptException(
                    "data",
                    where,
                    "crc has " + Integer.toHexString(has) + " want " + Integer.toHexString(want));
        }
    }

    /// What a read wants of a compressed extent.
    ///
    /// @param item a copy of the item
    /// @param start where in the file what the item stands for begins
    /// @param at the first wanted byte of the file; it ends before `stop`
    @SuppressWarnings("ArrayRecordComponent") // read once and never compared
    private record PackedPart(byte[] item, long start, long at, long stop) {
        boolean takes(int wholeBytes) {
            return stop - at == wholeBytes;
        }
    }
}
