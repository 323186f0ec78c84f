package cowfs.stream;

import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads a stream segment by segment, and gives out no record before the seal behind it has been
/// verified: length, CRC32C and number of each, and the hash of all so far.
///
/// Memory: one segment, at most {@link StreamRecord#MAX_SEGMENT_BYTES} and one record. Not thread
/// safe.
final class RecordReader {
    private static final int HEAD = StreamRecord.LAYOUT.sizeBytes();

    /// What is said of a stream that ends too early.
    static final String CUT = "the stream was cut";

    private final InputStream source;
    private final HashChain hashes = new HashChain();
    private final Segment segment = new Segment();
    private final RecordCheck check = new RecordCheck();
    private long recordCount;
    private long contentBytes;
    private boolean ended;

    RecordReader(InputStream source) {
        this.source = source;
    }

    /// Bytes of content in the segments given out so far.
    long contentBytes() {
        return contentBytes;
    }

    long recordCount() {
        return recordCount;
    }

    /// Reads the records up to the next seal.
    ///
    /// @return null behind the trailer; good until the next call
    /// @throws RequestException `INVALID` for what is no stream, is damaged or was cut; `TOO_NEW`
    @Nullable Segment next() throws IOException {
        if (ended) {
            return null;
        }
        segment.clear();
        while (true) {
            int before = segment.used();
            RecordKind kind = readRecord();
            int at = segment.start(segment.count() - 1);
            if (recordCount == 1 && kind != RecordKind.HEADER) {
                throw noStream();
            }
            if (kind == RecordKind.SEAL || kind == RecordKind.TRAILER) {
                requireSeal(before, at + HEAD);
                if (kind == RecordKind.TRAILER) {
                    requireEnd();
                }
                return segment;
            }
            if (segment.used() > StreamRecord.MAX_SEGMENT_BYTES) {
                throw damaged("too many bytes without a seal");
            }
        }
    }

    private RecordKind readRecord() throws IOException {
        int at = segment.add(HEAD);
        readFully(at, HEAD);
        byte[] head = segment.bytes();
        long length = StreamRecord.LENGTH.getUnsigned(head, at);
        if (recordCount == 0) {
            requireHeader(head, at, length);
        }
        if (length < HEAD || length > StreamRecord.MAX_BYTES) {
            throw damaged("a record says that it has " + CountText.of(length, "byte"));
        }
        segment.grow((int) length - HEAD);
        readFully(at + HEAD, (int) length - HEAD);
        byte[] bytes = segment.bytes();
        int crc =
                Checksum.crc32c(
                        bytes, at + StreamRecord.CRC_FROM, (int) length - StreamRecord.CRC_FROM);
        if (crc != StreamRecord.CRC.get(bytes, at)) {
            throw damaged("the checksum of a record is wrong");
        }
        if (StreamRecord.NUMBER.get(bytes, at) != (int) recordCount) {
            throw damaged(
                    "a record has number "
                            + StreamRecord.NUMBER.getUnsigned(bytes, at)
                            + ": records are missing, or in the wrong order");
        }
        if (recordCount == 0) {
            // its version says whether the rest can be understood
            StreamHeader header = StreamHeader.readFrom(bytes, at + HEAD, (int) length - HEAD);
            check.allow(header);
        }
        RecordKind kind = check.require(bytes, at, (int) length);
        if (kind == RecordKind.DATA || kind == RecordKind.INLINE) {
            contentBytes += ContentRecord.LENGTH.getUnsigned(bytes, at + HEAD);
        }
        recordCount++;
        return kind;
    }

    /// Says that something is no stream before its first bytes are taken for a length.
    private static void requireHeader(byte[] head, int at, long length) throws RequestException {
        if (StreamRecord.KIND.get(head, at) != RecordKind.HEADER.number()
                || StreamRecord.NUMBER.get(head, at) != 0
                || length < HEAD + 8
                || length > StreamRecord.MAX_BYTES) {
            throw noStream();
        }
    }

    private void requireSeal(int segmentBytes, int body) throws RequestException {
        byte[] bytes = segment.bytes();
        hashes.add(HashChain.hash(bytes, 0, segmentBytes));
        if (!Arrays.equals(hashes.value(), EndRecord.HASH.get(bytes, body))) {
            throw damaged("its SHA-256 is wrong");
        }
        if (EndRecord.RECORD_COUNT.get(bytes, body) != recordCount - 1
                || EndRecord.CONTENT_BYTES.get(bytes, body) != contentBytes) {
            throw damaged("a seal does not count what came before it");
        }
    }

    private void requireEnd() throws IOException {
        ended = true;
        if (read(new byte[1], 0, 1) > 0) {
            throw damaged("there is something behind its end");
        }
    }

    private void readFully(int at, int lengthBytes) throws IOException {
        int done = 0;
        while (done < lengthBytes) {
            int count = read(segment.bytes(), at + done, lengthBytes - done);
            if (count < 0) {
                if (recordCount == 0 && at == 0 && done == 0) {
                    throw new RequestException(
                            ErrorKind.INVALID,
                            "the stream is empty: what should have written it says why");
                }
                if (recordCount == 0 && done + (at == 0 ? 0 : HEAD) < HEAD) {
                    throw noStream();
                }
                throw new RequestException(ErrorKind.INVALID, CUT);
            }
            done += count;
        }
    }

    private int read(byte[] bytes, int from, int lengthBytes) throws IOException {
        try {
            return source.read(bytes, from, lengthBytes);
        } catch (IOException broken) {
            throw new RequestException(
                    ErrorKind.IO, "the stream can't be read on: " + broken.getMessage(), broken);
        }
    }

    static RequestException noStream() {
        return new RequestException(
                ErrorKind.INVALID,
                "this is no send stream of cowfs: make one with 'cowfs send POOL SUBVOL@SNAP'");
    }

    static RequestException damaged(String how) {
        return new RequestException(
                ErrorKind.INVALID, "the stream is damaged, " + how + ": send it again");
    }
}
