package cowfs.stream;

import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Layout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a stream without an image: verifies it, and tells its records for people and scripts.
public final class StreamText {
    private StreamText() {}

    /// One record.
    ///
    /// @param inode 0 for a record that is about none
    /// @param fields what else it says, by the names of `docs/stream-format.md`; numbers and
    ///   strings
    public record Line(
            long number, String kind, long inode, long offset, Map<String, Object> fields) {}

    /// What a whole stream holds.
    ///
    /// @param snapshots their names where they were sent from
    /// @param hash of the whole, in hexadecimal digits
    public record Summary(
            boolean resumed,
            List<String> snapshots,
            long recordCount,
            long contentBytes,
            String hash) {}

    /// Takes records.
    @FunctionalInterface
    public interface Visitor {
        void record(Line line) throws IOException;
    }

    /// Reads a stream to its end.
    ///
    /// @throws RequestException `INVALID`, `TOO_NEW`
    public static Summary read(InputStream source, Visitor visitor) throws IOException {
        RecordReader reader = new RecordReader(source);
        List<String> snapshots = new ArrayList<>();
        boolean resumed = false;
        int expected = 0;
        String hash = "";
        long number = 0;
        for (Segment segment = reader.next(); segment != null; segment = reader.next()) {
            for (int i = 0; i < segment.count(); i++) {
                int body = segment.body(i);
                int length = segment.bodyBytes(i);
                RecordKind kind = segment.kind(i);
                if (kind == RecordKind.HEADER) {
                    StreamHeader header = StreamHeader.readFrom(segment.bytes(), body, length);
                    resumed = header.resumed();
                    expected = header.snapshotCount();
                } else if (kind == RecordKind.SNAPSHOT) {
                    SnapshotHeader head = SnapshotHeader.readFrom(segment.bytes(), body, length);
                    snapshots.add(head.subvolume() + "@" + head.name());
                } else if (kind == RecordKind.TRAILER) {
                    hash = HexFormat.of().formatHex(EndRecord.HASH.get(segment.bytes(), body));
                }
                visitor.record(line(segment, i, number++));
            }
        }
        if (snapshots.size() != expected) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "the stream has "
                            + CountText.of(snapshots.size(), "snapshot")
                            + ", and says "
                            + expected);
        }
        return new Summary(resumed, snapshots, reader.recordCount(), reader.contentBytes(), hash);
    }

    private static Line line(Segment segment, int index, long number) throws IOException {
        byte[] b = segment.bytes();
        int body = segment.body(index);
        RecordKind kind = segment.kind(index);
        Map<String, Object> fields = new LinkedHashMap<>();
        Layout layout = layout(kind);
        if (layout != null) {
            fields(layout, b, body, fields);
        }
        switch (kind) {
            case SNAPSHOT -> {
                SnapshotHeader head = SnapshotHeader.readFrom(b, body, segment.bodyBytes(index));
                fields.put("subvolume", head.subvolume());
                fields.put("name", head.name());
            }
            case REF, REMOVE_REF, DIRENT, REMOVE_DIRENT ->
                    fields.put("name", text(NameRecord.name(b, body)));
            case CLEAR_DIRENTS ->
                    fields.put("ranges", NameRanges.texts(b, body, segment.bodyBytes(index)));
            case XATTR -> {
                fields.put("name", text(XattrRecord.name(b, body)));
                fields.put("value", HexFormat.of().formatHex(XattrRecord.value(b, body)));
            }
            default -> {}
        }
        return new Line(number, kind.name(), segment.inode(index), segment.offset(index), fields);
    }

    private static @Nullable Layout layout(RecordKind kind) {
        return switch (kind) {
            case HEADER -> StreamHeader.LAYOUT;
            case SNAPSHOT -> SnapshotHeader.LAYOUT;
            case INODE -> InodeRecord.LAYOUT;
            case REF, REMOVE_REF, DIRENT, REMOVE_DIRENT -> NameRecord.LAYOUT;
            case XATTR -> XattrRecord.LAYOUT;
            case DATA, INLINE -> ContentRecord.LAYOUT;
            case UNWRITTEN, HOLE, CLONE -> RangeRecord.LAYOUT;
            case SNAPSHOT_END, SEAL, TRAILER -> EndRecord.LAYOUT;
            case REMOVE_INODES -> RemovedRecord.LAYOUT;
            case REMOVE_INODE, CLEAR_XATTRS, CLEAR_REFS, CLEAR_DIRENTS -> null;
        };
    }

    private static void fields(Layout layout, byte[] b, int at, Map<String, Object> fields) {
        for (Layout.Field field : layout.fields()) {
            int from = at + field.offset();
            Object value =
                    switch (field.type()) {
                        case "u8" -> new Layout.U8Field(0).get(b, from);
                        case "u32" -> new Layout.U32Field(0).getUnsigned(b, from);
                        case "u64" -> new Layout.U64Field(0).get(b, from);
                        case "bytes" -> HexFormat.of().formatHex(b, from, from + field.sizeBytes());
                        default -> "";
                    };
            if (!field.type().equals("reserved")) {
                fields.put(field.name(), value);
            }
        }
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
