package cowfs.inode;

import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.SeekTarget;
import cowfs.format.ContentItem;
import cowfs.format.SymlinkTarget;
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
/// a block that two items name, of one tree or of several, has a count of both, and no item is ever
/// written through.
///
/// Thread safe. Writers of one file are ordered by its mutex (see {@link InodeLocks}); a reader
/// sees each change as a whole or not at all.
public final class FileContent {
    private final FileTree tree;
    private final Inodes inodes;
    private final InodeLocks locks;
    private final ExtentMap extents;
    private final ContentReader reader;
    private final ContentWriter writer;
    private final ContentCutter cutter;
    private final ContentReserver reserver;
    private final RangeClearer clearer;
    private final ContentSeeker seeker;
    private final ContentCopier copier;

    public FileContent(FileTree tree, Inodes inodes, InodeLocks locks, Privileges privileges) {
        this.tree = tree;
        this.inodes = inodes;
        this.locks = locks;
        this.extents = new ExtentMap(tree.id());
        this.reader = new ContentReader(tree, inodes, extents);
        this.writer = new ContentWriter(tree, inodes, extents, reader, privileges);
        this.cutter = new ContentCutter(tree, inodes, extents, reader, privileges);
        this.reserver = new ContentReserver(tree, inodes, extents, privileges);
        this.clearer = new RangeClearer(tree, inodes, extents, cutter, reserver, privileges);
        this.seeker = new ContentSeeker(tree, inodes, extents);
        this.copier = new ContentCopier(tree, inodes, extents, writer, cutter, clearer, privileges);
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
    public void write(long inode, long offset, ByteBuffer source, SetIdBits bits)
            throws IOException {
        try (Held _ = locks.lock(inode)) {
            writer.write(inode, offset, source, bits);
        }
    }

    /// Copies a range of a file of this tree, or of a snapshot's; see {@link ContentCopier}.
    ///
    /// @return how many bytes
    public long copyRange(
            FileContent source,
            long sourceInode,
            long sourceOffset,
            long inode,
            long offset,
            long lengthBytes,
            SetIdBits bits)
            throws IOException {
        try (Held _ = locks.lock(inode)) {
            requireChangeable(inode, false);
            return copier.copy(
                    source.file(sourceInode), sourceOffset, inode, offset, lengthBytes, bits);
        }
    }

    /// Gives a file the length and the content of another.
    public void cloneFile(FileContent source, long sourceInode, long inode, SetIdBits bits)
            throws IOException {
        ContentCopier.Source from = source.file(sourceInode);
        try (Held _ = locks.lock(inode)) {
            requireChangeable(inode, false);
            copier.copyWhole(from, inode, bits);
        }
    }

    /// Refuses for a file whose flags forbid it.
    ///
    /// @param adds whether only more content comes, which an append-only file takes
    private void requireChangeable(long number, boolean adds) throws IOException {
        tree.read(
                items -> {
                    Inode inode = inodes.getRegular(items, number);
                    if (adds) {
                        inode.requireMutable();
                    } else {
                        inode.requireChangeable();
                    }
                    return inode;
                });
    }

    private ContentCopier.Source file(long inode) {
        return new ContentCopier.Source(tree, inodes, extents, reader, inode);
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
    public void allocate(
            long inode, AllocateMode mode, long offset, long lengthBytes, SetIdBits bits)
            throws IOException {
        if (lengthBytes == 0) {
            throw new RequestException(ErrorKind.INVALID, "length must not be 0");
        }
        ContentWriter.requireRange(offset, lengthBytes);
        long end = offset + lengthBytes;
        boolean adds = mode == AllocateMode.ALLOCATE || mode == AllocateMode.ALLOCATE_KEEP_SIZE;
        try (Held _ = locks.lock(inode)) {
            requireChangeable(inode, adds);
            switch (mode) {
                case ALLOCATE -> reserver.reserve(inode, offset, end, true, bits);
                case ALLOCATE_KEEP_SIZE -> reserver.reserve(inode, offset, end, false, bits);
                case PUNCH_HOLE -> clearer.punch(inode, offset, end, false, bits);
                case ZERO_RANGE -> clearer.zero(inode, offset, end, true, bits);
                case ZERO_RANGE_KEEP_SIZE -> clearer.zero(inode, offset, end, false, bits);
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
    /// @throws IOException `CORRUPT` also for a target that no symlink can have
    public byte[] readTarget(long inode, long lengthBytes) throws IOException {
        byte[] target =
                lengthBytes <= SymlinkTarget.MAX_BYTES
                        ? Arrays.copyOf(reader.readBlock(inode, 0), (int) lengthBytes)
                        : new byte[0];
        String damage = SymlinkTarget.check(target, 0, lengthBytes);
        if (damage != null) {
            throw new CorruptException("symlink", "tree=" + tree.id() + " inode=" + inode, damage);
        }
        return target;
    }
}
