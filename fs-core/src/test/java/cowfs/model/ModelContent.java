package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.SeekTarget;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The bytes of a regular file in the model: a size, and those of its blocks that are no hole.
///
/// A block's array is never changed, only replaced, so a copy shares them. Bytes of a block past
/// the end of the file are zero. Not thread safe.
final class ModelContent {
    static final int BLOCK_BYTES = 4096;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    /// What is copied as bytes, or as a hole, at a time.
    private static final int CHUNK_BYTES = 1 << 20;

    private final NavigableMap<Long, Block> blocks = new TreeMap<>();
    private long sizeBytes;

    /// What a block that is no hole holds.
    enum State {
        DATA,
        /// Allocated and never written: reads as zero, and a seek takes it for a hole.
        UNWRITTEN,
        /// Reads as zero; Linux filesystems disagree on whether a seek finds data here. The model
        /// says yes, a comparison must not care.
        EITHER
    }

    /// Its bytes are never changed, only read.
    @SuppressWarnings("ArrayRecordComponent")
    record Block(State state, byte[] bytes) {
        static final Block UNWRITTEN = new Block(State.UNWRITTEN, ZEROS);
    }

    ModelContent copy() {
        ModelContent copy = new ModelContent();
        copy.blocks.putAll(blocks);
        copy.sizeBytes = sizeBytes;
        return copy;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /// The blocks that are no hole, by number.
    NavigableMap<Long, Block> blocks() {
        return Collections.unmodifiableNavigableMap(blocks);
    }

    int read(long offset, ByteBuffer target) {
        if (offset >= sizeBytes) {
            return 0;
        }
        int count = (int) Math.min(target.remaining(), sizeBytes - offset);
        int done = 0;
        while (done < count) {
            long at = offset + done;
            int from = (int) (at % BLOCK_BYTES);
            int length = Math.min(BLOCK_BYTES - from, count - done);
            target.put(bytesOf(at / BLOCK_BYTES), from, length);
            done += length;
        }
        return count;
    }

    void write(long offset, ByteBuffer source) {
        long at = offset;
        while (source.hasRemaining()) {
            int from = (int) (at % BLOCK_BYTES);
            int length = Math.min(BLOCK_BYTES - from, source.remaining());
            byte[] bytes = bytesOf(at / BLOCK_BYTES).clone();
            source.get(bytes, from, length);
            blocks.put(at / BLOCK_BYTES, new Block(State.DATA, bytes));
            at += length;
        }
        sizeBytes = Math.max(sizeBytes, at);
    }

    void resize(long newSizeBytes) {
        if (newSizeBytes < sizeBytes) {
            blocks.tailMap(roundUp(newSizeBytes), true).clear();
            int kept = (int) (newSizeBytes % BLOCK_BYTES);
            if (kept != 0) {
                zero(newSizeBytes / BLOCK_BYTES, kept, BLOCK_BYTES);
            }
        }
        sizeBytes = newSizeBytes;
    }

    void allocate(AllocateMode mode, long offset, long lengthBytes) {
        long end = offset + lengthBytes;
        boolean grows = mode == AllocateMode.ALLOCATE || mode == AllocateMode.ZERO_RANGE;
        if (grows) {
            sizeBytes = Math.max(sizeBytes, end);
        }
        switch (mode) {
            case ALLOCATE, ALLOCATE_KEEP_SIZE -> {
                for (long block = offset / BLOCK_BYTES; block < roundUp(end); block++) {
                    blocks.putIfAbsent(block, Block.UNWRITTEN);
                }
            }
            case PUNCH_HOLE -> {
                if (roundUp(offset) < end / BLOCK_BYTES) {
                    blocks.subMap(roundUp(offset), end / BLOCK_BYTES).clear();
                }
                zeroEdges(offset, end);
            }
            case ZERO_RANGE, ZERO_RANGE_KEEP_SIZE -> {
                for (long block = roundUp(offset); block < end / BLOCK_BYTES; block++) {
                    blocks.put(block, Block.UNWRITTEN);
                }
                zeroEdges(offset, end);
                for (long block : new long[] {offset / BLOCK_BYTES, (end - 1) / BLOCK_BYTES}) {
                    boolean whole =
                            block * BLOCK_BYTES >= offset && (block + 1) * BLOCK_BYTES <= end;
                    Block now = blocks.get(block);
                    if (!whole && (now == null || now.state == State.UNWRITTEN)) {
                        blocks.put(block, new Block(State.EITHER, ZEROS));
                    }
                }
            }
        }
    }

    /// Copies `count` bytes of another content (or of another range of this one), all of them
    /// before its end. Blocks at equal positions are taken over as they are.
    void copyRange(ModelContent original, long from, long to, long count) {
        ModelContent source = original.copy();
        long end = to + count;
        boolean wholeTail =
                end % BLOCK_BYTES != 0 && from + count >= source.sizeBytes && end >= sizeBytes;
        long first = roundUp(to);
        long last = wholeTail ? roundUp(end) : end / BLOCK_BYTES;
        if (from % BLOCK_BYTES != to % BLOCK_BYTES || first >= last) {
            long length;
            for (long done = 0; done < count; done += length) {
                length = copyBytes(source, from + done, to + done, count - done);
            }
            return;
        }
        int head = (int) (first * BLOCK_BYTES - to);
        write(to, source.bytes(from, head));
        long shift = from / BLOCK_BYTES - to / BLOCK_BYTES;
        NavigableMap<Long, Block> taken =
                new TreeMap<>(source.blocks.subMap(first + shift, true, last + shift, false));
        blocks.subMap(first, true, last, false).clear();
        taken.forEach((block, content) -> blocks.put(block - shift, content));
        if (!wholeTail) {
            int tail = (int) (end % BLOCK_BYTES);
            write(end - tail, source.bytes(from + count - tail, tail));
        }
        sizeBytes = Math.max(sizeBytes, end);
    }

    /// Copies bytes, or a hole when the next ones all lie in holes.
    ///
    /// @return how many
    private long copyBytes(ModelContent source, long from, long to, long left) {
        long data = source.nextData(from / BLOCK_BYTES, roundUp(from + left));
        int count = (int) Math.min(CHUNK_BYTES, left);
        if (data * BLOCK_BYTES < from + count) {
            write(to, source.bytes(from, count));
            return count;
        }
        long hole = Math.min(left, data * BLOCK_BYTES - from);
        boolean either =
                source.blocks.subMap(from / BLOCK_BYTES, data).values().stream()
                        .anyMatch(each -> each.state == State.EITHER);
        sizeBytes = Math.max(sizeBytes, to + hole);
        allocate(AllocateMode.PUNCH_HOLE, to, hole);
        for (long block = to / BLOCK_BYTES; either && block < roundUp(to + hole); block++) {
            Block now = blocks.get(block);
            if (now == null || now.state == State.UNWRITTEN) {
                blocks.put(block, new Block(State.EITHER, ZEROS));
            }
        }
        return hole;
    }

    private long nextData(long from, long to) {
        return blocks.subMap(from, to).entrySet().stream()
                .filter(each -> each.getValue().state == State.DATA)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(to);
    }

    private ByteBuffer bytes(long from, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        read(from, bytes);
        return bytes.clear();
    }

    long seek(long offset, SeekTarget what) throws RequestException {
        if (offset >= 0 && offset < sizeBytes) {
            long block = offset / BLOCK_BYTES;
            switch (what) {
                case DATA -> {
                    Long found = isData(block) ? (Long) block : blocks.higherKey(block);
                    while (found != null && !isData(found)) {
                        found = blocks.higherKey(found);
                    }
                    if (found != null && found * BLOCK_BYTES < sizeBytes) {
                        return Math.max(offset, found * BLOCK_BYTES);
                    }
                }
                case HOLE -> {
                    while (isData(block)) {
                        block++;
                    }
                    return Math.min(sizeBytes, Math.max(offset, block * BLOCK_BYTES));
                }
            }
        }
        throw new RequestException(ErrorKind.NO_SUCH_OFFSET, "no " + what + " from " + offset);
    }

    private boolean isData(long block) {
        Block found = blocks.get(block);
        return found != null && found.state != State.UNWRITTEN;
    }

    private byte[] bytesOf(long block) {
        Block found = blocks.get(block);
        return found == null ? ZEROS : found.bytes;
    }

    /// Zeroes the parts of the first and the last block of a range that it does not cover whole.
    private void zeroEdges(long offset, long end) {
        long first = offset / BLOCK_BYTES;
        long last = end / BLOCK_BYTES;
        int from = (int) (offset % BLOCK_BYTES);
        int to = (int) (end % BLOCK_BYTES);
        if (first == last) {
            zero(first, from, to);
            return;
        }
        if (from != 0) {
            zero(first, from, BLOCK_BYTES);
        }
        if (to != 0) {
            zero(last, 0, to);
        }
    }

    /// Zeroes a part of a block that was written.
    private void zero(long block, int from, int to) {
        Block old = blocks.get(block);
        if (old == null || old.state != State.DATA) {
            return;
        }
        byte[] bytes = old.bytes.clone();
        Arrays.fill(bytes, from, to, (byte) 0);
        boolean nothingLeft = Arrays.equals(bytes, ZEROS);
        blocks.put(block, new Block(nothingLeft ? State.EITHER : State.DATA, bytes));
    }

    private static long roundUp(long offset) {
        return offset / BLOCK_BYTES + (offset % BLOCK_BYTES == 0 ? 0 : 1);
    }
}
