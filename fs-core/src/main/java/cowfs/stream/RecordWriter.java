package cowfs.stream;

import cowfs.format.Blocks;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Writes the records of a stream. They gather in a buffer, which is sealed and goes out as a
/// whole. Memory: a few buffers of 2 MiB. Not thread safe.
final class RecordWriter implements Closeable {
    /// A segment is sealed when it has come to this.
    static final int SEAL_AT_BYTES = 1 << 20;

    private static final int HEAD = StreamRecord.LAYOUT.sizeBytes();
    private static final int SEAL_BYTES = HEAD + EndRecord.LAYOUT.sizeBytes();

    private final int sealAtBytes;
    private final SealedOutput out;
    private byte[] buffer;
    private int used;
    private long recordCount;
    private long contentBytes;

    /// @param sealAtBytes at most {@link #SEAL_AT_BYTES}
    RecordWriter(OutputStream target, int sealAtBytes) throws IOException {
        this.sealAtBytes = sealAtBytes;
        // a segment that is just not full yet, the longest record, the end of a snapshot, the seal
        this.out =
                new SealedOutput(target, SEAL_AT_BYTES + StreamRecord.MAX_BYTES + 2 * SEAL_BYTES);
        this.buffer = out.take();
    }

    /// Writes a record with `body` behind the common fields.
    void write(RecordKind kind, long inode, long offset, byte[] body) throws IOException {
        if (HEAD + body.length > StreamRecord.MAX_BYTES) {
            throw new IllegalArgumentException("a record of " + body.length + " bytes");
        }
        System.arraycopy(body, 0, buffer, used + HEAD, body.length);
        finish(kind, inode, offset, body.length);
    }

    /// Writes `INLINE` content.
    void writeInline(long inode, long offset, byte[] page, int from, int lengthBytes)
            throws IOException {
        int at = used + HEAD;
        int fixed = ContentRecord.LAYOUT.sizeBytes();
        putContentFields(at, lengthBytes);
        System.arraycopy(page, from, buffer, at + fixed, lengthBytes);
        finish(RecordKind.INLINE, inode, offset, fixed + lengthBytes);
    }

    /// Writes `DATA` that `source` puts in its place.
    void writeData(long inode, long offset, int blockCount, DataSource source) throws IOException {
        int at = used + HEAD;
        int fixed = ContentRecord.LAYOUT.sizeBytes();
        int lengthBytes = blockCount * Blocks.SIZE;
        source.read(ByteBuffer.wrap(buffer).slice(at + fixed, lengthBytes));
        putContentFields(at, lengthBytes);
        finish(RecordKind.DATA, inode, offset, fixed + lengthBytes);
    }

    /// Writes `DATA` that is compressed.
    ///
    /// @param encoding as in content items
    /// @param blockCount what the bytes become
    void writeCompressed(
            long inode,
            long offset,
            int encoding,
            int blockCount,
            int lengthBytes,
            DataSource source)
            throws IOException {
        int at = used + HEAD;
        int fixed = ContentRecord.LAYOUT.sizeBytes();
        source.read(ByteBuffer.wrap(buffer).slice(at + fixed, lengthBytes));
        putContentFields(at, lengthBytes);
        ContentRecord.ENCODING.set(buffer, at, encoding);
        ContentRecord.BLOCKS.set(buffer, at, blockCount);
        finish(RecordKind.DATA, inode, offset, fixed + lengthBytes);
    }

    private void putContentFields(int at, int lengthBytes) {
        Arrays.fill(buffer, at, at + ContentRecord.LAYOUT.sizeBytes(), (byte) 0);
        ContentRecord.LENGTH.set(buffer, at, lengthBytes);
        addContentBytes(lengthBytes);
    }

    /// Counts content that is written.
    void addContentBytes(long count) {
        contentBytes += count;
    }

    private void finish(RecordKind kind, long inode, long offset, int bodyBytes)
            throws IOException {
        used += StreamRecord.frame(buffer, used, kind, recordCount, inode, offset, bodyBytes);
        recordCount++;
        if (used >= sealAtBytes && kind.isOfInode()) {
            seal(RecordKind.SEAL);
        }
    }

    /// Ends a snapshot: all of it goes out, sealed.
    void endSnapshot() throws IOException {
        byte[] body = new byte[EndRecord.LAYOUT.sizeBytes()];
        EndRecord.RECORD_COUNT.set(body, 0, recordCount);
        EndRecord.CONTENT_BYTES.set(body, 0, contentBytes);
        write(RecordKind.SNAPSHOT_END, 0, 0, body);
        seal(RecordKind.SEAL);
    }

    /// Ends the stream, and waits until all of it is written.
    void endStream() throws IOException {
        seal(RecordKind.TRAILER);
        out.finish();
    }

    private void seal(RecordKind kind) throws IOException {
        out.seal(buffer, used, kind, recordCount, contentBytes);
        recordCount++;
        buffer = out.take();
        used = 0;
    }

    /// Stops, whether the stream was ended or not.
    @Override
    public void close() {
        out.close();
    }

    /// Puts bytes of content into a buffer, all of it.
    @FunctionalInterface
    interface DataSource {
        void read(ByteBuffer target) throws IOException;
    }
}
