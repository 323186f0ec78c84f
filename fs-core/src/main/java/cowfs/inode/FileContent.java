package cowfs.inode;

import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.SeekTarget;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.inode.InodeLocks.Held;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The content of the regular files and symlinks of one tree.
///
/// ```
///      file       | block 0 | block 1 | block 2 | block 3 | (hole)  | block 5
///      items      [ PLAIN 0..2                 ][ UNWRITTEN 3 ]     [ INLINE 5, 100 bytes ]
///      on disk      address, birth, 3 CRC32C      address, birth      in the leaf
/// ```
///
/// What always holds: bytes behind the end of the file are zero or in no item, so that a file that
/// grows reads as zero there; behind the file's last block there is nothing but unwritten extents;
/// no item names a block that another one of the same tree names.
///
/// Thread safe. Writers of one file are ordered by its mutex (see {@link InodeLocks}); a reader
/// sees each change as a whole or not at all.
public final class FileContent {
    /// The longest file.
    public static final long MAX_FILE_BYTES = Blocks.toBytes(ExtentMap.END);

    private final FileTree tree;
    private final InodeLocks locks;
    private final ExtentMap extents;
    private final ContentReader reader;
    private final ContentWriter writer;
    private final ContentCutter cutter;
    private final ContentReserver reserver;
    private final RangeClearer clearer;
    private final ContentSeeker seeker;

    public FileContent(FileTree tree, Inodes inodes, InodeLocks locks) {
        this.tree = tree;
        this.locks = locks;
        this.extents = new ExtentMap(tree.id());
        this.reader = new ContentReader(tree, inodes, extents);
        this.writer = new ContentWriter(tree, inodes, extents, reader);
        this.cutter = new ContentCutter(tree, inodes, extents, reader);
        this.reserver = new ContentReserver(tree, inodes, extents);
        this.clearer = new RangeClearer(tree, inodes, extents, cutter, reserver);
        this.seeker = new ContentSeeker(tree, inodes, extents);
    }

    /// Reads a regular file from `offset` on, up to its end.
    ///
    /// @return how many bytes
    /// @throws IOException `INVALID` for a negative offset; `CORRUPT` when bytes do not have their
    ///   checksum
    public int read(long inode, long offset, ByteBuffer target) throws IOException {
        if (offset < 0) {
            throw new RequestException(ErrorKind.INVALID, "offset must not be negative");
        }
        return reader.read(inode, offset, target);
    }

    /// Writes all of `source` at `offset`.
    public void write(long inode, long offset, ByteBuffer source) throws IOException {
        try (Held _ = locks.lock(inode)) {
            writer.write(inode, offset, source);
        }
    }

    /// Sets the length of a regular file, and with it what else `edit` names.
    ///
    /// @return the attributes as they are then
    public Attributes resize(long inode, long sizeBytes, AttributeChange edit) throws IOException {
        try (Held _ = locks.lock(inode)) {
            return cutter.resize(inode, sizeBytes, edit);
        }
    }

    /// Allocates, zeroes or frees a range of a regular file.
    public void allocate(long inode, AllocateMode mode, long offset, long lengthBytes)
            throws IOException {
        if (lengthBytes == 0) {
            throw new RequestException(ErrorKind.INVALID, "length must not be 0");
        }
        ContentWriter.requireRange(offset, lengthBytes);
        long end = offset + lengthBytes;
        try (Held _ = locks.lock(inode)) {
            switch (mode) {
                case ALLOCATE -> reserver.reserve(inode, offset, end, true);
                case ALLOCATE_KEEP_SIZE -> reserver.reserve(inode, offset, end, false);
                case PUNCH_HOLE -> clearer.punch(inode, offset, end);
                case ZERO_RANGE -> clearer.zero(inode, offset, end, true);
                case ZERO_RANGE_KEEP_SIZE -> clearer.zero(inode, offset, end, false);
            }
        }
    }

    /// The first offset from `offset` on that is data, or a hole.
    ///
    /// @throws IOException `NO_SUCH_OFFSET`
    public long seek(long inode, long offset, SeekTarget what) throws IOException {
        return seeker.seek(inode, offset, what);
    }

    /// Prepares the content of a new symlink, at most one block; it is part of the tree once it has
    /// been applied in the change that makes the inode.
    public ContentSwap prepareTarget(long inode, byte[] target) throws IOException {
        if (target.length > ContentItem.BLOCK_BYTES) {
            throw new IllegalArgumentException("target has " + target.length + " bytes");
        }
        ContentSwap swap = new ContentSwap(tree.data(), extents, inode);
        if (target.length <= tree.read(ExtentMap::maxInlineBytes)) {
            swap.inline(0, target, target.length);
            return swap;
        }
        byte[] block = new byte[ContentItem.BLOCK_BYTES];
        System.arraycopy(target, 0, block, 0, target.length);
        try {
            swap.write(0, ByteBuffer.wrap(block));
        } catch (IOException e) {
            swap.close();
            throw e;
        }
        return swap;
    }

    /// The content of a symlink.
    ///
    /// @param lengthBytes the length of its target
    public byte[] readTarget(long inode, long lengthBytes) throws IOException {
        if (lengthBytes > ContentItem.BLOCK_BYTES) {
            throw new CorruptException(
                    "inode item",
                    "tree=" + tree.id() + " inode=" + inode,
                    "length of a symlink's target has "
                            + lengthBytes
                            + " want at most "
                            + ContentItem.BLOCK_BYTES);
        }
        return Arrays.copyOf(reader.readBlock(inode, 0), (int) lengthBytes);
    }
}
