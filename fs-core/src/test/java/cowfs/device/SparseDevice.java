package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/// A device for tests that is sparse like a file of a host: it knows which blocks were never
/// written, or were discarded, and counts the writes that go there.
///
/// Thread safe by one lock.
public final class SparseDevice implements BlockDevice {
    private static final int BLOCK_BYTES = 4096;

    private final BlockDevice device;
    private final BitSet there = new BitSet();
    private int holeWrites;
    private int zeroWrites;

    /// @param device whose content counts as never written
    public SparseDevice(BlockDevice device) {
        this.device = device;
    }

    /// Writes of something else than zeros to places without space.
    public synchronized int holeWrites() {
        return holeWrites;
    }

    /// Writes of nothing but zeros.
    public synchronized int zeroWrites() {
        return zeroWrites;
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        device.read(position, target);
    }

    @Override
    public synchronized void write(long position, ByteBuffer source) throws IOException {
        long end = position + source.remaining();
        boolean zeros = isZero(source.duplicate());
        boolean hole = isSparse(position, source.remaining());
        device.write(position, source);
        zeroWrites += zeros ? 1 : 0;
        holeWrites += hole && !zeros ? 1 : 0;
        there.set(block(position), block(end - 1) + 1);
    }

    private static boolean isZero(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public synchronized boolean isSparse(long position, long lengthBytes) {
        int end = block(position + lengthBytes - 1) + 1;
        return there.nextClearBit(block(position)) < end;
    }

    @Override
    public synchronized void discard(long position, long lengthBytes) throws IOException {
        device.discard(position, lengthBytes);
        int first = block(position + BLOCK_BYTES - 1);
        there.clear(first, Math.max(first, block(position + lengthBytes)));
    }

    @Override
    public void close() throws IOException {
        device.close();
    }

    private static int block(long position) {
        return Math.toIntExact(position / BLOCK_BYTES);
    }
}
