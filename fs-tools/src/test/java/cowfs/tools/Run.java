package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a command line did: its exit code and what it wrote. Bytes that are a result, as of `cat`,
/// are characters of Latin-1 in `out`.
public record Run(int exitCode, String out, String err) {
    /// Runs a command line in this process.
    static Run inProcess(Object... arguments) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                Main.run(
                        data,
                        new PrintWriter(out),
                        new PrintWriter(err),
                        Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        return new Run(code, data.toString(StandardCharsets.ISO_8859_1) + out, err.toString());
    }

    /// Checks that it worked without complaint.
    Run succeeded() {
        assertEquals(0, exitCode, err);
        assertEquals("", err);
        return this;
    }

    /// Checks that it failed with one line that says all of this.
    void failed(int code, String... words) {
        assertEquals(code, exitCode, out + err);
        assertEquals("", out);
        assertTrue(err.startsWith("cowfs: "), err);
        assertEquals(1, err.lines().count(), err);
        for (String word : words) {
            assertTrue(err.contains(word), () -> "'" + word + "' in: " + err);
        }
    }

    /// Checks that it was wrong usage, of which just this was said.
    void saidOfUsage(String line) {
        failed(2, line);
        assertEquals("cowfs: " + line + System.lineSeparator(), err);
    }

    /// The names in a list that it printed with `--json`.
    List<String> refs() throws IOException {
        List<String> refs = new ArrayList<>();
        for (JsonObject item : json().objects("items")) {
            refs.add(item.text("ref"));
        }
        return refs;
    }

    /// What it printed with `--json`.
    JsonObject json() throws IOException {
        return JsonObject.parse(out);
    }
}
