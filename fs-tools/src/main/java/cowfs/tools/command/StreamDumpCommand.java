package cowfs.tools.command;

import cowfs.api.Streams;
import cowfs.api.Streams.StreamLine;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `cowfs stream dump`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "dump",
        description = {
            "Print the records of a stream, one a line, each after it has been verified.",
            "With --json every line is an object; see docs/stream-format.md for its members."
        })
final class StreamDumpCommand implements Callable<Integer> {
    @Mixin StreamFile stream;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = output.command.commandLine().getOut();
        try (InputStream source = stream.open()) {
            Streams.dump(source, line -> out.println(output.json ? json(line) : text(line)));
        } finally {
            out.flush();
        }
        return 0;
    }

    private static String json(StreamLine line) throws IOException {
        Map<String, @Nullable Object> members = PoolJson.members();
        members.put("number", line.number());
        members.put("kind", line.kind().toLowerCase(Locale.ROOT));
        members.put("inode", line.inode());
        members.put("offset", line.offset());
        members.put("fields", line.fields());
        return JsonObject.line(members);
    }

    private static String text(StreamLine line) {
        StringBuilder text = new StringBuilder();
        text.append(line.number()).append(' ').append(line.kind().toLowerCase(Locale.ROOT));
        if (line.inode() != 0) {
            text.append(" inode=").append(line.inode());
        }
        if (line.offset() != 0) {
            text.append(" offset=").append(line.offset());
        }
        line.fields()
                .forEach(
                        (name, value) ->
                                text.append(' ').append(name).append('=').append(quoted(value)));
        return text.toString();
    }

    private static String quoted(Object value) {
        if (!(value instanceof String string) || string.matches("[\\w.@-]*")) {
            return value.toString();
        }
        StringBuilder quoted = new StringBuilder("'");
        string.codePoints()
                .forEach(
                        c ->
                                quoted.append(
                                        Character.isISOControl(c) || c == '\''
                                                ? "\\x%02x".formatted(c)
                                                : Character.toString(c)));
        return quoted.append('\'').toString();
    }
}
