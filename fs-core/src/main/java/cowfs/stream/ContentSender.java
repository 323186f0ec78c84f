package cowfs.stream;

import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.txn.DataStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Writes the ranges of content that differ as records, one inode after the other. Every block is
/// verified before it goes out. Not thread safe.
final class ContentSender implements ContentSweep.Sink {
    private static final int CONTENT = ItemKind.CONTENT.number();

    private final StableTrees state;
    private final DataStore data;
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
            case ContentItem.PLAIN -> putPlain(item, start, first, end);
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

    private void putPlain(ItemValue item, long start, long first, long end) throws IOException {
        long address = ContentItem.ADDRESS.get(item.page(), item.position());
        if (isSymlink) {
            // a copy of a link shares its block, but a target is verified as it comes: it is sent
            putData(item, start, first, (int) (end - first));
            return;
        }
        for (long block = first; block < end; ) {
            long here = address + (block - start);
            SharedRanges.Part part = shared.first(here, (int) (end - block));
            SharedRanges.Place place = part.place();
            long stop = block + part.blockCount();
            if (place == null) {
                shared.add(here, part.blockCount(), inode, block);
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

    private void putData(ItemValue item, long start, long block, int blockCount)
            throws IOException {
        if (endsAfterStart(block + blockCount)) {
            int skip = (int) (block - start);
            long here = ContentItem.ADDRESS.get(item.page(), item.position()) + skip;
            out.writeData(
                    inode,
                    Blocks.toBytes(block),
                    blockCount,
                    target -> read(item, here, skip, target));
        }
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
