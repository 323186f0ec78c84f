package cowfs.tools.command;

import cowfs.api.Streams;
import cowfs.api.Streams.StreamSummary;
import cowfs.error.CountText;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `cowfs stream verify`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "verify", description = "Verify every checksum of a stream, and say what is in it.")
final class StreamVerifyCommand implements Callable<Integer> {
    @Mixin StreamFile stream;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        StreamSummary summary;
        try (InputStream source = stream.open()) {
            summary = Streams.verify(source);
        }
        Map<String, @Nullable Object> members = PoolJson.members();
        members.put("snapshots", summary.snapshots());
        members.put("resumed", summary.resumed());
        members.put("records", summary.recordCount());
        members.put("content_bytes", summary.contentBytes());
        members.put("sha256", summary.hash());
        output.print(
                members,
                out -> {
                    out.println(
                            String.join(", ", summary.snapshots())
                                    + (summary.resumed() ? " (the rest of a stream)" : ""));
                    out.println(
                            CountText.of(summary.recordCount(), "record")
                                    + ", "
                                    + Sizes.format(summary.contentBytes())
                                    + " of content, no error");
                    out.println("SHA-256 chain " + summary.hash());
                });
        return 0;
    }
}
