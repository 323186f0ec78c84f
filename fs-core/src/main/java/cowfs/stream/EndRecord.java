package cowfs.stream;

import cowfs.format.Layout;

/// What follows the common fields in the records that end something: counts in `SNAPSHOT_END`, a
/// hash in `SEAL`, both in `TRAILER`. The numbers are those of this stream alone, also when it goes
/// on from an earlier one.
///
/// The hash is a chain: `chain = SHA-256(chain before, SHA-256(records since the last seal))`,
/// starting from 32 zero bytes. So it stands for all bytes before it in their order, and the parts
/// can be hashed side by side.
public final class EndRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_end");

    static final Layout.U64Field RECORD_COUNT =
            FIELDS.u64("record_count", "records before this one");
    static final Layout.U64Field CONTENT_BYTES =
            FIELDS.u64("content_bytes", "bytes of DATA and INLINE before this record");
    static final Layout.BytesField HASH =
            FIELDS.bytes("hash", 32, "SHA-256 of all before, see above; in SNAPSHOT_END zero");

    public static final Layout LAYOUT = FIELDS.size(48);

    private EndRecord() {}
}
