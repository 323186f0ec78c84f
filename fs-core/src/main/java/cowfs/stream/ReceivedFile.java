package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.file.Attributes;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.SymlinkTarget;
import cowfs.inode.CompressedContent;
import cowfs.inode.ContentSwap;
import cowfs.inode.Inode;
import cowfs.inode.Inodes;
import cowfs.inode.ReceivedContent;
import cowfs.inode.ReceivedContent.Reserved;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The content of the files of a tree that is being received. Not thread safe.
final class ReceivedFile {
    private static final int STEP_ITEMS = ReceivedContent.STEP_ITEMS;

    private final FileTree tree;
    private final Inodes inodes;
    private final TreeSteps steps;
    private final ReceivedContent content;

    ReceivedFile(FileTree tree, Inodes inodes, TreeSteps steps) {
        this.tree = tree;
        this.inodes = inodes;
        this.steps = steps;
        this.content = new ReceivedContent(tree, inodes);
    }

    /// Puts bytes: whole blocks, or what a block begins with.
    void put(ReceivedInode inode, RecordKind kind, long offset, byte[] b, int from, int lengthBytes)
            throws IOException {
        long block = offset >>> Blocks.SHIFT;
        requireInside(inode, block + Math.ceilDiv(lengthBytes, Blocks.SIZE));
        requireZeroTail(inode, offset, b, from, lengthBytes);
        if (inode.isSymlink()) {
            requireTarget(inode, offset, b, from, lengthBytes);
        }
        inode.markContent();
        ContentSwap swap =
                kind == RecordKind.DATA
                        ? content.data(
                                inode.number(),
                                block,
                                ByteBuffer.wrap(b, from, lengthBytes).slice())
                        : content.inline(
                                inode.number(),
                                block,
                                Arrays.copyOfRange(b, from, from + lengthBytes));
        apply(inode, swap, block, lengthBytes);
    }

    /// Puts a compressed extent as it comes, once it is certain what it stands for.
    ///
    /// @param record where the fields of its content begin
    void putCompressed(ReceivedInode inode, long offset, byte[] b, int record) throws IOException {
        int lengthBytes = ContentRecord.LENGTH.get(b, record);
        int blockCount = ContentRecord.BLOCKS.get(b, record);
        int from = record + ContentRecord.LAYOUT.sizeBytes();
        CompressedContent compressed =
                new CompressedContent(
                        ContentRecord.ENCODING.get(b, record),
                        blockCount,
                        Arrays.copyOfRange(b, from, from + lengthBytes));
        byte[] bytes = compressed.uncompress();
        if (bytes == null) {
            throw RecordReader.damaged(
                    "content of inode " + inode.number() + " can't be uncompressed");
        }
        if (inode.isSymlink()) {
            put(inode, RecordKind.DATA, offset, bytes, 0, bytes.length);
            return;
        }
        long block = offset >>> Blocks.SHIFT;
        requireInside(inode, block + blockCount);
        requireZeroTail(inode, offset, bytes, 0, bytes.length);
        inode.markContent();
        apply(
                inode,
                content.compressed(inode.number(), block, compressed, bytes),
                block,
                bytes.length);
    }

    private void apply(ReceivedInode inode, ContentSwap swap, long block, int lengthBytes)
            throws IOException {
        steps.closeLater(swap);
        long number = inode.number();
        long end = block + Math.ceilDiv(lengthBytes, Blocks.SIZE);
        int dropped = tree.read(items -> content.itemCount(items, number, block, end));
        steps.add(swap.itemCount(dropped + 1), change -> apply(change, number, swap));
    }

    private long apply(Change change, long number, ContentSwap swap) throws IOException {
        Inode inode = inodes.get(change.tree(), number);
        swap.apply(change, inode);
        inode.put(change);
        return 0;
    }

    /// Empties a range, and allocates blocks for it if they are wanted.
    void clear(ReceivedInode inode, long offset, long blockCount, boolean unwritten)
            throws IOException {
        inode.requireType(Attributes.REGULAR, "a range without content");
        long number = inode.number();
        long first = offset >>> Blocks.SHIFT;
        long end = first + blockCount;
        for (long at = first; at < end; ) {
            long from = at;
            long to = tree.read(items -> content.endOfStep(items, number, from, end));
            int dropped = tree.read(items -> content.itemCount(items, number, from, to));
            if (dropped > 0) {
                steps.add(
                        dropped + 2,
                        change -> {
                            Inode target = inodes.get(change.tree(), number);
                            content.drop(change, target, from, to);
                            target.put(change);
                            return 0;
                        });
                steps.flush();
            }
            at = to;
        }
        for (long at = first; unwritten && at < end; ) {
            Reserved reserved = content.unwritten(number, at, end - at);
            steps.closeLater(reserved.swap());
            steps.add(
                    reserved.swap().itemCount(2), change -> apply(change, number, reserved.swap()));
            at += reserved.blockCount();
        }
    }

    /// Shares a range of another file.
    void share(ReceivedInode inode, long offset, long blockCount, long source, long sourceOffset)
            throws IOException {
        inode.requireType(Attributes.REGULAR, "shared content");
        long number = inode.number();
        long first = offset >>> Blocks.SHIFT;
        long end = first + blockCount;
        long sourceFirst = sourceOffset >>> Blocks.SHIFT;
        requireInside(inode, end);
        boolean overlaps =
                source == number && sourceFirst < end && first < sourceFirst + blockCount;
        if (overlaps) {
            throw RecordReader.damaged("inode " + number + " shares a range with itself");
        }
        inode.markContent();
        for (long at = first; at < end; ) {
            long from = at;
            try {
                at =
                        steps.alone(
                                2 * STEP_ITEMS + 2,
                                STEP_ITEMS,
                                change -> {
                                    Inode target = inodes.get(change.tree(), number);
                                    long reached =
                                            content.share(
                                                    change,
                                                    target,
                                                    from,
                                                    end,
                                                    source,
                                                    sourceFirst + (from - first));
                                    target.put(change);
                                    return reached;
                                });
            } catch (CorruptException nothing) {
                throw RecordReader.damaged(
                        "inode " + number + " shares what inode " + source + " does not hold");
            }
        }
        if (Blocks.toBytes(end) > inode.sizeBytes()) {
            // at once: a stream that is cut here may go on behind it
            readTail(inode);
            inode.markTail();
        }
    }

    /// Drops the content item at a cursor, whole.
    void dropAt(Change change, long number, Cursor c) throws IOException {
        long block = c.offset() >>> Blocks.SHIFT;
        long end = block + ContentItem.blockCount(c.page(), c.position());
        Inode target = inodes.get(change.tree(), number);
        content.drop(change, target, block, end);
        target.put(change);
    }

    /// Ends with a file: what was not seen of it on the way is looked at now.
    void finish(ReceivedInode inode) throws IOException {
        if (!inode.exists()) {
            return;
        }
        if (inode.isSymlink() && inode.isNew() && !inode.hasContent()) {
            throw RecordReader.damaged("symlink " + inode.number() + " has no target");
        }
        if (inode.getsShorter()) {
            if (!inode.isTailSeen()) {
                readTail(inode);
            }
            inode.setFinalSize();
        }
    }

    /// @throws cowfs.error.RequestException `INVALID` when a file's last block is not zero behind
    ///   its end
    private void readTail(ReceivedInode inode) throws IOException {
        long size = inode.sizeBytes();
        int used = (int) (size & (Blocks.SIZE - 1));
        if (used != 0) {
            steps.flush();
            byte[] block = content.block(inode.number(), size >>> Blocks.SHIFT);
            requireZero(inode, block, used, Blocks.SIZE);
        }
    }

    /// @throws cowfs.error.RequestException `INVALID` when bytes lie behind a file's last block
    void requireNothingBehind(BTree items, long number, long sizeBytes) throws IOException {
        if (content.writtenEnd(items, number) > Math.ceilDiv(sizeBytes, (long) Blocks.SIZE)) {
            throw RecordReader.damaged("inode " + number + " has content behind its end");
        }
    }

    private static void requireInside(ReceivedInode inode, long endBlock) throws IOException {
        inode.requireThere();
        if (!inode.isRegular() && !inode.isSymlink()) {
            throw RecordReader.damaged("inode " + inode.number() + " can't have content");
        }
        if (endBlock > Math.ceilDiv(inode.sizeBytes(), (long) Blocks.SIZE)) {
            throw RecordReader.damaged("inode " + inode.number() + " has content behind its end");
        }
    }

    private static void requireZeroTail(
            ReceivedInode inode, long offset, byte[] b, int from, int lengthBytes)
            throws IOException {
        long size = inode.sizeBytes();
        if (offset + Math.max(lengthBytes, Blocks.SIZE) > size) {
            int used = (int) Math.min(lengthBytes, size - offset);
            requireZero(inode, b, from + used, from + lengthBytes);
            inode.markTail();
        }
    }

    private static void requireZero(ReceivedInode inode, byte[] b, int from, int to)
            throws IOException {
        for (int i = from; i < to; i++) {
            if (b[i] != 0) {
                throw RecordReader.damaged("inode " + inode.number() + " has bytes behind its end");
            }
        }
    }

    private static void requireTarget(
            ReceivedInode inode, long offset, byte[] b, int from, int lengthBytes)
            throws IOException {
        long size = inode.sizeBytes();
        String problem =
                offset != 0 || size > lengthBytes
                        ? "it is not all there"
                        : SymlinkTarget.check(b, from, size);
        if (problem != null) {
            throw RecordReader.damaged("symlink " + inode.number() + ": " + problem);
        }
    }
}
