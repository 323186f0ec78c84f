package cowfs.api;

import cowfs.stream.StreamText;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/// Send streams by themselves, without an image.
public final class Streams {
    private Streams() {}

    /// One record of a stream.
    ///
    /// @param inode 0 for a record that is about none
    /// @param fields what else it says, by the names of `docs/stream-format.md`; numbers and
    ///   strings
    public record StreamLine(
            long number, String kind, long inode, long offset, Map<String, Object> fields) {}

    /// What a whole stream holds.
    ///
    /// @param resumed whether it goes on where an earlier one was cut
    /// @param snapshots their names where they were sent from
    /// @param hash of the whole, in hexadecimal digits
    public record StreamSummary(
            boolean resumed,
            List<String> snapshots,
            long recordCount,
            long contentBytes,
            String hash) {}

    /// Takes records.
    @FunctionalInterface
    public interface RecordVisitor {
        void record(StreamLine line) throws IOException;
    }

    /// Verifies a stream by all its checksums, and that each record is valid by itself. Whether it
    /// fits what is there is found when it is received.
    ///
    /// @param source is read to its end
    /// @throws IOException `INVALID` for what is no stream, is damaged or was cut; `TOO_NEW`
    public static StreamSummary verify(InputStream source) throws IOException {
        return dump(source, line -> {});
    }

    /// The same, and tells each record once the seal behind it has been verified.
    public static StreamSummary dump(InputStream source, RecordVisitor visitor) throws IOException {
        StreamText.Summary summary =
                StreamText.read(
                        source,
                        line ->
                                visitor.record(
                                        new StreamLine(
                                                line.number(),
                                                line.kind(),
                                                line.inode(),
                                                line.offset(),
                                                line.fields())));
        return new StreamSummary(
                summary.resumed(),
                summary.snapshots(),
                summary.recordCount(),
                summary.contentBytes(),
                summary.hash());
    }
}
