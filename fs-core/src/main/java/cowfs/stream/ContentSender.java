package cowfs.stream;

import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.inode.ExtentUnpacker;
import cowfs.txn.DataStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Writes the ranges of content that differ as records, one inode after the other. Every block is
/// verified before it goes out. Not thread safe.
final class ContentSender implements ContentSweep.Sink {
    private static final int CONTENT = ItemKind.CONTENT.number();

    private final StableTrees state;
    private final DataStore data;
    private final ExtentUnpacker unpacker;
    private final SharedRanges shared;
    private final RecordWriter out;
    private final Position from;
    private final long tree;
    private long inode;
    private boolean isSymlink;

    /// @param state pins the snapshot
    /// @param shared what was sent already
    /// @param from the first position that is sent
    /// @param tree the snapshot's, for messages
    ContentSender(
            StableTrees state,
            DataStore data,
            SharedRanges shared,
            RecordWriter out,
            Position from,
            long tree) {
        this.state = state;
        this.data = data;
        this.unpacker = new ExtentUnpacker(data);
        this.shared = shared;
        this.out = out;
        this.from = from;
        this.tree = tree;
    }

    /// Starts with an inode.
    void begin(long number, boolean symlink) {
        inode = number;
        isSymlink = symlink;
    }

    @Override
    public void drop(long first, long end) throws IOException {
        if (endsAfterStart(end)) {
            out.write(
                    RecordKind.HOLE,
                    inode,
                    Blocks.toBytes(first),
                    RangeRecord.of(end - first, 0, 0));
        }
    }

    @Override
    public void put(ItemValue item, long start, long first, long end) throws IOException {
        byte[] page = item.page();
        int at = item.position();
        switch (ContentItem.ENCODING.get(page, at)) {
            case ContentItem.INLINE -> {
                if (endsAfterStart(end)) {
                    out.writeInline(
                            inode,
                            Blocks.toBytes(first),
                            page,
                            at + ContentItem.LAYOUT.sizeBytes(),
                            ContentItem.LENGTH.get(page, at));
                }
            }
            case ContentItem.PLAIN, ContentItem.ZSTD, ContentItem.LZ4 ->
                    putWritten(item, start, first, end);
            case ContentItem.UNWRITTEN -> {
                if (endsAfterStart(end)) {
                    out.write(
                            RecordKind.UNWRITTEN,
                            inode,
                            Blocks.toBytes(first),
                            RangeRecord.of(end - first, 0, 0));
                }
            }
            default ->
                    throw new CorruptException(
                            "content item",
                            ItemCheck.where(tree, inode, Blocks.toBytes(start)),
                            "a stream can't carry encoding " + ContentItem.ENCODING.get(page, at));
        }
    }

    private void putWritten(ItemValue item, long start, long first, long end) throws IOException {
        if (isSymlink) {
            // a copy of a link shares its block, but a target is verified as it comes: it is sent
            putData(item, start, first, (int) (end - first));
            return;
        }
        for (long block = first; block < end; ) {
            long here = ContentItem.contentId(item.page(), item.position(), block - start);
            SharedRanges.Part part = shared.first(here, (int) (end - block));
            SharedRanges.Place place = part.place();
            long stop = block + part.blockCount();
            if (place == null) {
                note(item, start, block, part.blockCount());
                putData(item, start, block, part.blockCount());
            } else if (endsAfterStart(stop)) {
                out.write(
                        RecordKind.CLONE,
                        inode,
                        Blocks.toBytes(block),
                        RangeRecord.of(
                                part.blockCount(), place.inode(), Blocks.toBytes(place.block())));
            }
            block = stop;
        }
    }

    private void note(ItemValue item, long start, long block, int blockCount) throws IOException {
        byte[] page = item.page();
        int at = item.position();
        int skip = (int) (block - start);
        boolean compressed = ContentItem.isCompressed(page, at);
        shared.add(
                ContentItem.contentId(page, at, skip),
                new SharedRanges.Place(inode, block, blockCount),
                ContentItem.ADDRESS.get(page, at) + (compressed ? 0 : skip),
                compressed ? ContentItem.diskBlocks(page, at) : blockCount);
    }

    private void putData(ItemValue item, long start, long block, int blockCount)
            throws IOException {
        if (endsAfterStart(block + blockCount)) {
            int skip = (int) (block - start);
            if (isWholeExtent(item, skip, blockCount)) {
                putCompressed(item, block);
                return;
            }
            long here = ContentItem.ADDRESS.get(item.page(), item.position()) + skip;
            boolean compressed = ContentItem.isCompressed(item.page(), item.position());
            out.writeData(
                    inode,
                    Blocks.toBytes(block),
                    blockCount,
                    target -> {
                        if (compressed) {
                            uncompress(item, skip, target);
                        } else {
                            read(item, here, skip, target);
                        }
                    });
        }
    }

    private static boolean isWholeExtent(ItemValue item, int skip, int blockCount) {
        byte[] page = item.page();
        int at = item.position();
        return ContentItem.isCompressed(page, at)
                && ContentItem.FIRST_BLOCK.get(page, at) + skip == 0
                && ContentItem.EXTENT_BLOCKS.get(page, at) == blockCount;
    }

    /// Writes a compressed extent as it lies on disk.
    private void putCompressed(ItemValue item, long block) throws IOException {
        byte[] page = item.page();
        int at = item.position();
        int lengthBytes = ContentItem.COMPRESSED_BYTES.get(page, at);
        byte[] blocks = new byte[ContentItem.diskBlocks(page, at) * Blocks.SIZE];
        read(item, ContentItem.ADDRESS.get(page, at), 0, ByteBuffer.wrap(blocks));
        out.writeCompressed(
                inode,
                Blocks.toBytes(block),
                ContentItem.ENCODING.get(page, at),
                ContentItem.EXTENT_BLOCKS.get(page, at),
                lengthBytes,
                target -> target.put(target.position(), blocks, 0, lengthBytes));
    }

    /// Reads blocks of what an item stands for of a compressed extent.
    private void uncompress(ItemValue item, int skip, ByteBuffer target) throws IOException {
        int end = item.position() + item.lengthBytes();
        byte[] extent = Arrays.copyOfRange(item.page(), item.position(), end);
        String where = "tree=" + tree + " inode=" + inode;
        ByteBuffer whole = state.reading(() -> unpacker.unpack(extent, where));
        int first = ContentItem.FIRST_BLOCK.get(extent, 0) + skip;
        target.put(target.position(), whole, first * Blocks.SIZE, target.remaining());
    }

    /// Whether a range of content is at least in part not before the position to go on from.
    private boolean endsAfterStart(long endBlock) {
        return Long.compareUnsigned(inode, from.inode()) > 0
                || (inode == from.inode()
                        && (from.kind() < CONTENT
                                || (from.kind() == CONTENT
                                        && Blocks.toBytes(endBlock) > from.offset())));
    }

    private void read(ItemValue item, long address, int firstCrc, ByteBuffer target)
            throws IOException {
        ByteBuffer into = target.duplicate();
        state.reading(
                () -> {
                    data.read(address, into);
                    return into;
                });
        byte[] bytes = target.array();
        int at = target.arrayOffset();
        int count = target.remaining() / Blocks.SIZE;
        for (int i = 0; i < count; i++) {
            int crc = Checksum.crc32c(bytes, at + i * Blocks.SIZE, Blocks.SIZE);
            int want = ContentItem.crc(item.page(), item.position(), firstCrc + i);
            if (crc != want) {
                data.noteDamaged(address + i);
                throw new CorruptException(
                        "data",
                        "tree=" + tree + " inode=" + inode + " block=" + (address + i),
                        "crc has "
                                + Integer.toHexString(crc)
                                + " want "
                                + Integer.toHexString(want));
            }
        }
    }
}
