package cowfs.inode;

import cowfs.format.ContentItem;
import cowfs.txn.DataStore;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads the content of files. Thread safe; takes no inode mutex.
///
/// A read resolves addresses and reads the bytes within one reader epoch, so that no block is
/// reused under it, and lets no byte out that its checksum does not confirm.
final class ContentReader {
    /// What one epoch and one tree section handle at most: bounds the time others wait, and the
    /// memory of a plan.
    private static final int MAX_BYTES = 1 << 20;

    private final FileTree tree;
    private final Inodes inodes;
    private final ExtentMap extents;

    ContentReader(FileTree tree, Inodes inodes, ExtentMap extents) {
        this.tree = tree;
        this.inodes = inodes;
        this.extents = extents;
    }

    /// Reads a regular file up to its end.
    ///
    /// @return how many bytes; the target's position is advanced by them
    int read(long inode, long offset, ByteBuffer target) throws IOException {
        int total = 0;
        while (true) {
            int want = Math.min(target.remaining(), MAX_BYTES);
            int count = readSome(inode, offset + total, want, target);
            target.position(target.position() + count);
            total += count;
            if (count < want || !target.hasRemaining()) {
                return total;
            }
        }
    }

    private int readSome(long inode, long offset, int want, ByteBuffer target) throws IOException {
        ReadPlan plan = new ReadPlan(tree.id(), inode, target);
        DataStore data = tree.data();
        long epoch = data.enterEpoch();
        try {
            int count =
                    tree.read(
                            items -> {
                                long size = inodes.getFileBytes(items, inode);
                                int there = Math.clamp(size - offset, 0, want);
                                plan.resolve(items, extents, offset, there);
                                return there;
                            });
            plan.fetch(data, offset + count);
            return count;
        } finally {
            data.leaveEpoch(epoch);
        }
    }

    /// Reads one block whatever the size and type of the inode: zeros where there is nothing.
    byte[] readBlock(long inode, long block) throws IOException {
        byte[] content = new byte[ContentItem.BLOCK_BYTES];
        readBlocks(inode, block, ByteBuffer.wrap(content));
        return content;
    }

    /// Fills an array's buffer, of at most 1 MiB and whole blocks, from a block on, whatever the
    /// size and type of the inode.
    void readBlocks(long inode, long block, ByteBuffer target) throws IOException {
        int lengthBytes = target.remaining();
        long offset = block * ContentItem.BLOCK_BYTES;
        ReadPlan plan = new ReadPlan(tree.id(), inode, target);
        DataStore data = tree.data();
        long epoch = data.enterEpoch();
        try {
            tree.read(
                    items -> {
                        plan.resolve(items, extents, offset, lengthBytes);
                        return true;
                    });
            plan.fetch(data, offset + lengthBytes);
        } finally {
            data.leaveEpoch(epoch);
        }
    }
}
