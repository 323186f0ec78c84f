package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/// A device that counts what goes through it to another one.
///
/// Only calls that succeed count. Thread safe; the counters don't contend. Closing closes the other
/// device.
public final class CountingDevice implements BlockDevice {
    private final BlockDevice device;
    private final LongAdder reads = new LongAdder();
    private final LongAdder readBytes = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder writtenBytes = new LongAdder();
    private final LongAdder flushes = new LongAdder();
    private final LongAdder discards = new LongAdder();
    private final LongAdder discardedBytes = new LongAdder();

    /// What went through since the device was made, or between two such moments.
    public record Counts(
            long reads,
            long readBytes,
            long writes,
            long writtenBytes,
            long flushes,
            long discards,
            long discardedBytes) {

        /// What was added since `earlier`.
        public Counts since(Counts earlier) {
            return new Counts(
                    reads - earlier.reads,
                    readBytes - earlier.readBytes,
                    writes - earlier.writes,
                    writtenBytes - earlier.writtenBytes,
                    flushes - earlier.flushes,
                    discards - earlier.discards,
                    discardedBytes - earlier.discardedBytes);
        }
    }

    public CountingDevice(BlockDevice device) {
        this.device = device;
    }

    /// The counts so far; calls that run meanwhile may be counted in some of them only.
    public Counts counts() {
        return new Counts(
                reads.sum(),
                readBytes.sum(),
                writes.sum(),
                writtenBytes.sum(),
                flushes.sum(),
                discards.sum(),
                discardedBytes.sum());
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        int lengthBytes = target.remaining();
        device.read(position, target);
        reads.increment();
        readBytes.add(lengthBytes);
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        int lengthBytes = source.remaining();
        device.write(position, source);
        writes.increment();
        writtenBytes.add(lengthBytes);
    }

    @Override
    public void resizeTo(long newSizeBytes) throws IOException {
        device.resizeTo(newSizeBytes);
    }

    @Override
    public void flush() throws IOException {
        device.flush();
        flushes.increment();
    }

    @Override
    public void forgetCached(long position, long lengthBytes) throws IOException {
        device.forgetCached(position, lengthBytes);
    }

    @Override
    public boolean isSparse(long position, long lengthBytes) throws IOException {
        return device.isSparse(position, lengthBytes);
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        device.discard(position, lengthBytes);
        discards.increment();
        discardedBytes.add(lengthBytes);
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
