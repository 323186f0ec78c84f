package cowfs.inode;

import cowfs.compress.Compression;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Writes to regular files. The caller holds the inode's mutex.
///
/// A write goes to newly allocated blocks, or into the leaf when it ends in the file's last block
/// and that is short; then one change swaps the content items and frees what they named. Where a
/// write does not cover a block, the rest of it is read first and goes into the new block.
///
/// A write of more than 1 MiB is several changes, from its beginning on. Memory: aligned content is
/// written from where it is; otherwise one copy of at most 1 MiB.
final class ContentWriter {
    /// The most blocks that one change handles: those of 1 MiB at any offset.
    private static final int CHUNK_BLOCKS = 257;

    private final FileTree tree;
    private final Inodes inodes;
    private final ExtentMap extents;
    private final ContentReader reader;
    private final Privileges privileges;

    ContentWriter(
            FileTree tree,
            Inodes inodes,
            ExtentMap extents,
            ContentReader reader,
            Privileges privileges) {
        this.tree = tree;
        this.inodes = inodes;
        this.extents = extents;
        this.reader = reader;
        this.privileges = privileges;
    }

    /// Writes all of `source` at `offset`.
    void write(long inode, long offset, ByteBuffer source, SetIdBits bits) throws IOException {
        requireRange(offset, source.remaining());
        while (source.hasRemaining()) {
            long chunkEnd = Blocks.toBytes((offset >>> Blocks.SHIFT) + CHUNK_BLOCKS);
            int count = (int) Math.min(source.remaining(), chunkEnd - offset);
            writeChunk(inode, offset, source.slice(source.position(), count), bits);
            source.position(source.position() + count);
            offset += count;
        }
    }

    static void requireRange(long offset, long lengthBytes) throws RequestException {
        if (offset < 0 || lengthBytes < 0) {
            throw new RequestException(ErrorKind.INVALID, "offset and length must not be negative");
        }
        if (offset > Volume.MAX_FILE_BYTES - lengthBytes) {
            throw new RequestException(
                    ErrorKind.FILE_TOO_LARGE,
                    "a file has at most " + Volume.MAX_FILE_BYTES + " bytes");
        }
    }

    private void writeChunk(long number, long offset, ByteBuffer source, SetIdBits bits)
            throws IOException {
        long end = offset + source.remaining();
        try (ContentSwap swap = new ContentSwap(tree.data(), extents, number)) {
            int dropped = prepare(swap, number, offset, source, end);
            Timestamp now = inodes.now();
            tree.change(
                    swap.itemCount(dropped + 1),
                    change -> {
                        Inode inode = inodes.getRegular(change.tree(), number);
                        swap.apply(change, inode);
                        privileges.drop(change, inode, bits);
                        inode.setSizeBytes(Math.max(inode.sizeBytes(), end));
                        inode.contentChanged(now);
                        inode.put(change);
                        return inode;
                    });
        }
    }

    /// Prepares the blocks that a range touches, at most {@link #CHUNK_BLOCKS} of them, with the
    /// bytes of `source` in it.
    ///
    /// @param growTo how long the file becomes at least, not before the end of the range
    /// @return how many items these blocks have now
    int prepare(ContentSwap swap, long number, long offset, ByteBuffer source, long growTo)
            throws IOException {
        long end = offset + source.remaining();
        long first = offset >>> Blocks.SHIFT;
        long last = (end - 1) >>> Blocks.SHIFT;
        FileState before =
                tree.read(
                        items ->
                                new FileState(
                                        inodes.getFileBytes(items, number),
                                        extents.count(
                                                items, number, first, last + 1, CHUNK_BLOCKS + 2),
                                        ExtentMap.maxInlineBytes(items),
                                        first < last
                                                ? inodes.compression(items, number)
                                                : Compression.OFF));
        long tailBytes = Math.max(before.sizeBytes, growTo) - Blocks.toBytes(last);
        boolean keepTail = tailBytes <= before.maxInlineBytes;
        swap.drop(first, last + 1);
        long plainEnd = keepTail ? last : last + 1;
        if (first < plainEnd) {
            writeBlocks(swap, number, before, offset, source, plainEnd);
        }
        if (keepTail) {
            byte[] tail = tail(number, before.sizeBytes, offset, source, (int) tailBytes);
            swap.inline(last, tail, tail.length);
        }
        return before.itemCount;
    }

    /// Writes the blocks from that of `offset` to before `plainEnd`.
    private void writeBlocks(
            ContentSwap swap,
            long number,
            FileState before,
            long offset,
            ByteBuffer source,
            long plainEnd)
            throws IOException {
        long sizeBefore = before.sizeBytes;
        long first = offset >>> Blocks.SHIFT;
        int lengthBytes = (int) Blocks.toBytes(plainEnd - first);
        int skip = (int) (offset - Blocks.toBytes(first));
        int count = Math.min(source.remaining(), lengthBytes - skip);
        if (count == lengthBytes) {
            swap.write(first, source.slice(source.position(), count), before.compression);
            return;
        }
        byte[] whole = new byte[lengthBytes];
        if (skip > 0 && Blocks.toBytes(first) < sizeBefore) {
            System.arraycopy(reader.readBlock(number, first), 0, whole, 0, Blocks.SIZE);
        }
        boolean tailIsRead = skip > 0 && first == plainEnd - 1;
        if (skip + count < lengthBytes && offset + count < sizeBefore && !tailIsRead) {
            byte[] block = reader.readBlock(number, plainEnd - 1);
            System.arraycopy(block, 0, whole, lengthBytes - Blocks.SIZE, Blocks.SIZE);
        }
        source.get(source.position(), whole, skip, count);
        swap.write(first, ByteBuffer.wrap(whole), before.compression);
    }

    /// The file's last block after the write, which ends in it.
    private byte[] tail(
            long number, long sizeBefore, long offset, ByteBuffer source, int lengthBytes)
            throws IOException {
        byte[] tail = new byte[lengthBytes];
        long end = offset + source.remaining();
        long start = Blocks.toBytes((end - 1) >>> Blocks.SHIFT);
        int skip = (int) Math.max(0, offset - start);
        int count = (int) (end - start) - skip;
        boolean covered = skip == 0 && count == lengthBytes;
        if (!covered && start < sizeBefore) {
            byte[] block = reader.readBlock(number, start >>> Blocks.SHIFT);
            System.arraycopy(block, 0, tail, 0, lengthBytes);
        }
        source.get(source.limit() - count, tail, skip, count);
        return tail;
    }

    /// What a write has to know of the file.
    ///
    /// @param compression of what fills two blocks or more: one can't become smaller
    private record FileState(
            long sizeBytes, int itemCount, int maxInlineBytes, Compression compression) {}
}
