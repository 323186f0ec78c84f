package cowfs.stream;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Writes the records of a stream. They gather in one buffer, which goes out as a whole when it is
/// sealed. Memory: that buffer, 2 MiB. Not thread safe.
final class RecordWriter {
    /// A segment is sealed when it has come to this.
    static final int SEAL_AT_BYTES = 1 << 20;

    private final OutputStream target;
    private final int sealAtBytes;
    private final byte[] buffer = new byte[SEAL_AT_BYTES + StreamRecord.MAX_BYTES];
    private final ByteBuffer view = ByteBuffer.wrap(buffer);
    private final HashChain hashes = new HashChain();
    private final CRC32C crc = new CRC32C();
    private int used;
    private long recordCount;
    private long contentBytes;

    /// @param sealAtBytes at most {@link #SEAL_AT_BYTES}
    RecordWriter(OutputStream target, int sealAtBytes) {
        this.target = target;
        this.sealAtBytes = sealAtBytes;
    }

    long contentBytes() {
        return contentBytes;
    }

    /// Writes a record with `body` behind the common fields.
    void write(RecordKind kind, long inode, long offset, byte[] body) throws IOException {
        System.arraycopy(body, 0, buffer, used + StreamRecord.LAYOUT.sizeBytes(), body.length);
        finish(kind, inode, offset, body.length);
    }

    /// Writes `INLINE` content.
    void writeInline(long inode, long offset, byte[] page, int from, int lengthBytes)
            throws IOException {
        int at = used + StreamRecord.LAYOUT.sizeBytes();
        int fixed = ContentRecord.LAYOUT.sizeBytes();
        putContentFields(at, lengthBytes);
        System.arraycopy(page, from, buffer, at + fixed, lengthBytes);
        finish(RecordKind.INLINE, inode, offset, fixed + lengthBytes);
    }

    /// Writes `DATA` that `source` puts in its place.
    void writeData(long inode, long offset, int blockCount, DataSource source) throws IOException {
        int at = used + StreamRecord.LAYOUT.sizeBytes();
        int fixed = ContentRecord.LAYOUT.sizeBytes();
        int lengthBytes = blockCount * Blocks.SIZE;
        source.read(view.slice(at + fixed, lengthBytes));
        putContentFields(at, lengthBytes);
        finish(RecordKind.DATA, inode, offset, fixed + lengthBytes);
    }

    private void putContentFields(int at, int lengthBytes) {
        clear(at, at + ContentRecord.LAYOUT.sizeBytes());
        ContentRecord.LENGTH.set(buffer, at, lengthBytes);
        addContentBytes(lengthBytes);
    }

    /// Counts content that is written.
    void addContentBytes(long count) {
        contentBytes += count;
    }

    private void finish(RecordKind kind, long inode, long offset, int bodyBytes)
            throws IOException {
        int lengthBytes = StreamRecord.LAYOUT.sizeBytes() + bodyBytes;
        if (lengthBytes > StreamRecord.MAX_BYTES) {
            throw new IllegalArgumentException("a record of " + lengthBytes + " bytes");
        }
        clear(used, used + StreamRecord.LAYOUT.sizeBytes());
        StreamRecord.LENGTH.set(buffer, used, lengthBytes);
        StreamRecord.KIND.set(buffer, used, kind.number());
        StreamRecord.NUMBER.set(buffer, used, (int) recordCount);
        StreamRecord.INODE.set(buffer, used, inode);
        StreamRecord.OFFSET.set(buffer, used, offset);
        crc.reset();
        crc.update(buffer, used + StreamRecord.CRC_FROM, lengthBytes - StreamRecord.CRC_FROM);
        StreamRecord.CRC.set(buffer, used, (int) crc.getValue());
        used += lengthBytes;
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

    /// Ends the stream.
    void endStream() throws IOException {
        seal(RecordKind.TRAILER);
        target.flush();
    }

    private void seal(RecordKind kind) throws IOException {
        hashes.add(buffer, 0, used);
        byte[] body = new byte[EndRecord.LAYOUT.sizeBytes()];
        EndRecord.RECORD_COUNT.set(body, 0, recordCount);
        EndRecord.CONTENT_BYTES.set(body, 0, contentBytes);
        EndRecord.HASH.set(body, 0, hashes.value());
        write(kind, 0, 0, body);
        try {
            target.write(buffer, 0, used);
        } catch (IOException closed) {
            throw new RequestException(
                    ErrorKind.IO,
                    "the stream can't be written on: "
                            + closed.getMessage()
                            + "; what the receiver has kept can be resumed",
                    closed);
        }
        used = 0;
    }

    private void clear(int from, int to) {
        Arrays.fill(buffer, from, to, (byte) 0);
    }

    /// Puts bytes of content into a buffer, all of it.
    @FunctionalInterface
    interface DataSource {
        void read(ByteBuffer target) throws IOException;
    }
}
