package cowfs.stream;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A stream taken apart into its records, to be changed and put together again with right
/// checksums: what somebody could send who means harm.
final class ForgedStream {
    private static final int SEAL_AT_BYTES = 3000;

    final List<Part> parts = new ArrayList<>();

    /// A record without its number and checksum; seals are left out.
    record Part(RecordKind kind, long inode, long offset, byte[] body) {
        Part copy() {
            return new Part(kind, inode, offset, body.clone());
        }
    }

    static ForgedStream of(byte[] stream) throws IOException {
        ForgedStream forged = new ForgedStream();
        RecordReader reader = new RecordReader(new ByteArrayInputStream(stream));
        for (Segment segment = reader.next(); segment != null; segment = reader.next()) {
            for (int i = 0; i < segment.count(); i++) {
                RecordKind kind = segment.kind(i);
                if (kind != RecordKind.SEAL && kind != RecordKind.TRAILER) {
                    int body = segment.body(i);
                    forged.parts.add(
                            new Part(
                                    kind,
                                    segment.inode(i),
                                    segment.offset(i),
                                    Arrays.copyOfRange(
                                            segment.bytes(), body, body + segment.bodyBytes(i))));
                }
            }
        }
        return forged;
    }

    ForgedStream copy() {
        ForgedStream copy = new ForgedStream();
        parts.forEach(part -> copy.parts.add(part.copy()));
        return copy;
    }

    /// The index of the n-th record of a kind.
    int find(RecordKind kind, int skip) {
        int left = skip;
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).kind() == kind && left-- == 0) {
                return i;
            }
        }
        throw new AssertionError("no record of kind " + kind);
    }

    byte[] toBytes() throws IOException {
        return toBytes(SEAL_AT_BYTES);
    }

    /// A stream that was cut behind the records there are, all of which count.
    byte[] toCutBytes() throws IOException {
        byte[] whole = toBytes(1);
        return Arrays.copyOf(whole, whole.length - 1);
    }

    private byte[] toBytes(int sealAtBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (RecordWriter out = new RecordWriter(bytes, sealAtBytes)) {
            for (Part part : parts) {
                if (part.kind() == RecordKind.SNAPSHOT_END) {
                    out.endSnapshot();
                } else {
                    // before it is written, which may seal it
                    if (part.kind() == RecordKind.DATA || part.kind() == RecordKind.INLINE) {
                        out.addContentBytes(ContentRecord.LENGTH.getUnsigned(part.body(), 0));
                    }
                    out.write(part.kind(), part.inode(), part.offset(), part.body());
                }
            }
            out.endStream();
        }
        return bytes.toByteArray();
    }
}
