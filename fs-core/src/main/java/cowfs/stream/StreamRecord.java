package cowfs.stream;

import cowfs.format.Checksum;
import cowfs.format.Layout;
import java.util.Arrays;

/// What each record of a stream begins with: the declaration of its fields.
public final class StreamRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_record");

    static final Layout.U32Field LENGTH =
            FIELDS.u32("length", "bytes of the record, these fields included");
    static final Layout.U32Field CRC =
            FIELDS.u32("crc", "CRC32C of all bytes of the record behind this field");
    static final Layout.U8Field KIND = FIELDS.u8("kind", "of the record");
    static final Layout.ReservedField RESERVED = FIELDS.reserved(3);
    static final Layout.U32Field NUMBER =
            FIELDS.u32("number", "how many records came before, modulo 2^32");
    static final Layout.U64Field INODE = FIELDS.u64("inode", "that the record is about, or 0");
    static final Layout.U64Field OFFSET =
            FIELDS.u64("offset", "of the item in the sending tree; for content in bytes");

    public static final Layout LAYOUT = FIELDS.size(32);

    /// Where the bytes begin that the CRC is of.
    static final int CRC_FROM = 8;

    /// The longest record.
    public static final int MAX_BYTES = 1 << 20;

    /// As much as may come between two seals: what a receiver keeps in memory.
    public static final int MAX_SEGMENT_BYTES = 4 << 20;

    private StreamRecord() {}

    /// Puts the common fields in front of a body.
    ///
    /// @param at where the record begins; the body lies behind the common fields already
    /// @return the length of the record
    static int frame(
            byte[] b,
            int at,
            RecordKind kind,
            long number,
            long inode,
            long offset,
            int bodyBytes) {
        int lengthBytes = LAYOUT.sizeBytes() + bodyBytes;
        Arrays.fill(b, at, at + LAYOUT.sizeBytes(), (byte) 0);
        LENGTH.set(b, at, lengthBytes);
        KIND.set(b, at, kind.number());
        NUMBER.set(b, at, (int) number);
        INODE.set(b, at, inode);
        OFFSET.set(b, at, offset);
        CRC.set(b, at, Checksum.crc32c(b, at + CRC_FROM, lengthBytes - CRC_FROM));
        return lengthBytes;
    }
}
