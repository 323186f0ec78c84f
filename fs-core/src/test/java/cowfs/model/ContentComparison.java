package cowfs.model;

import static cowfs.model.ModelContent.BLOCK_BYTES;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import cowfs.file.Volume.SeekTarget;
import cowfs.model.ModelContent.Block;
import cowfs.model.ModelContent.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/// A comparison of one file's bytes and holes with the model's.
///
/// Small files are read whole. Of a large one all blocks that hold something are read, and their
/// neighbours.
final class ContentComparison {
    private static final long SMALL_BYTES = 1 << 20;

    private final String path;
    private final ModelContent expected;
    private final Volume actual;
    private final long inode;

    ContentComparison(String path, ModelContent expected, Volume actual, long inode) {
        this.path = path;
        this.expected = expected;
        this.actual = actual;
        this.inode = inode;
    }

    void compare() throws IOException {
        long size = expected.sizeBytes();
        if (size <= SMALL_BYTES) {
            compareBytes(0, (int) size + 1);
        } else {
            NavigableSet<Long> blocks = new TreeSet<>();
            blocks.add(0L);
            blocks.add((size - 1) / BLOCK_BYTES);
            for (long block : expected.blocks().keySet()) {
                blocks.add(block);
                blocks.add(Math.max(0, block - 1));
                blocks.add(block + 1);
            }
            for (long block : blocks) {
                compareBytes(block * BLOCK_BYTES, BLOCK_BYTES);
            }
        }
        compareHoles();
    }

    private void compareBytes(long offset, int lengthBytes) throws IOException {
        ByteBuffer wanted = ByteBuffer.allocate(lengthBytes);
        expected.read(offset, wanted);
        ByteBuffer found = ByteBuffer.allocate(lengthBytes);
        actual.read(inode, offset, found);
        TreeComparison.requireBytes(
                path,
                offset,
                Arrays.copyOf(wanted.array(), wanted.position()),
                Arrays.copyOf(found.array(), found.position()));
    }

    private void compareHoles() throws IOException {
        NavigableSet<Long> found = dataBlocks();
        for (Map.Entry<Long, Block> each : expected.blocks().entrySet()) {
            long offset = each.getKey() * BLOCK_BYTES;
            if (offset < expected.sizeBytes()) {
                boolean data = found.remove(each.getKey());
                switch (each.getValue().state()) {
                    case State.DATA ->
                            TreeComparison.require(path, "data at " + offset, true, data);
                    case State.UNWRITTEN ->
                            TreeComparison.require(path, "data at " + offset, false, data);
                    case State.EITHER -> {}
                }
            }
        }
        TreeComparison.require(path, "data in holes, in blocks", new TreeSet<Long>(), found);
    }

    /// The blocks that a seek calls data.
    private NavigableSet<Long> dataBlocks() throws IOException {
        NavigableSet<Long> blocks = new TreeSet<>();
        long size = expected.sizeBytes();
        long at = 0;
        while (at < size) {
            long data;
            try {
                data = actual.seek(inode, at, SeekTarget.DATA);
            } catch (CowException e) {
                TreeComparison.require(path, "seek", ErrorKind.NO_SUCH_OFFSET, e.kind());
                break;
            }
            long hole = actual.seek(inode, data, SeekTarget.HOLE);
            boolean sane = at <= data && data < hole && hole <= size && data % BLOCK_BYTES == 0;
            TreeComparison.require(
                    path, "data from " + data + " to " + hole + " is a range", true, sane);
            long count = (hole - data + BLOCK_BYTES - 1) / BLOCK_BYTES;
            if (count + blocks.size() > expected.blocks().size()) {
                throw new AssertionError(path + ": data in holes from " + data + " to " + hole);
            }
            for (long i = 0; i < count; i++) {
                blocks.add(data / BLOCK_BYTES + i);
            }
            at = hole;
        }
        return blocks;
    }
}
