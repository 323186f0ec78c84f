package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.ConcurrentHashMap;

/// A sparse device in memory: a chunk of 4096 bytes takes memory from the first write into it until
/// it is discarded as a whole.
///
/// A chunk is immutable; a write puts a new one in its place. So a read sees each chunk either
/// before or after a write that runs at the same time, what another thread has written is visible
/// without further synchronization, and {@link #copy} shares all content. Thread safe.
public final class MemoryDevice implements BlockDevice {
    private static final int CHUNK_BYTES = 4096;
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final String NAME = "memory";

    private volatile long sizeBytes;
    private final ConcurrentHashMap<Long, byte[]> chunks;
    private volatile boolean closed;

    /// A device of zeros.
    public MemoryDevice(long sizeBytes) {
        this(sizeBytes, new ConcurrentHashMap<>());
    }

    private MemoryDevice(long sizeBytes, ConcurrentHashMap<Long, byte[]> chunks) {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("size " + sizeBytes);
        }
        this.sizeBytes = sizeBytes;
        this.chunks = chunks;
    }

    /// A new, open device with the content of this one, which may be closed. Costs a map entry for
    /// each chunk, no content. A write that runs at the same time may be in the copy in part.
    public MemoryDevice copy() {
        return new MemoryDevice(sizeBytes, new ConcurrentHashMap<>(chunks));
    }

    /// The bytes of content held in memory.
    public long allocatedBytes() {
        return chunks.mappingCount() * CHUNK_BYTES;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        check(position, target.remaining());
        long at = position;
        while (target.hasRemaining()) {
            int within = (int) (at % CHUNK_BYTES);
            int count = Math.min(target.remaining(), CHUNK_BYTES - within);
            target.put(chunks.getOrDefault(at / CHUNK_BYTES, ZEROS), within, count);
            at += count;
        }
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        check(position, source.remaining());
        long at = position;
        while (source.hasRemaining()) {
            int within = (int) (at % CHUNK_BYTES);
            byte[] piece = new byte[Math.min(source.remaining(), CHUNK_BYTES - within)];
            source.get(piece);
            chunks.compute(
                    at / CHUNK_BYTES,
                    (_, before) ->
                            piece.length == CHUNK_BYTES
                                    ? piece
                                    : over(before == null ? ZEROS : before, within, piece));
            at += piece.length;
        }
    }

    @Override
    public void resizeTo(long newSizeBytes) throws IOException {
        checkOpen();
        if (newSizeBytes < sizeBytes) {
            chunks.keySet().removeIf(chunk -> chunk * CHUNK_BYTES >= newSizeBytes);
        }
        sizeBytes = newSizeBytes;
    }

    @Override
    public void flush() throws IOException {
        checkOpen();
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        check(position, lengthBytes);
        long end = (position + lengthBytes) / CHUNK_BYTES;
        long first = Math.ceilDiv(position, CHUNK_BYTES);
        if (end - first > chunks.mappingCount()) {
            chunks.keySet().removeIf(chunk -> chunk >= first && chunk < end);
            return;
        }
        for (long chunk = first; chunk < end; chunk++) {
            chunks.remove(chunk);
        }
    }

    /// Refuses further use; the content stays for {@link #copy}.
    @Override
    public void close() {
        closed = true;
    }

    private static byte[] over(byte[] before, int within, byte[] piece) {
        byte[] after = before.clone();
        System.arraycopy(piece, 0, after, within, piece.length);
        return after;
    }

    private void check(long position, long lengthBytes) throws IOException {
        checkOpen();
        DeviceRange.check(NAME, position, lengthBytes, sizeBytes);
    }

    private void checkOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }
}
