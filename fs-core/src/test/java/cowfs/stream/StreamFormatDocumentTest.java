package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.format.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The tables of `docs/stream-format.md` are what the declarations say.
///
/// `-Dcowfs.update-documents=true` writes them anew.
final class StreamFormatDocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "stream-format.md");
    private static final String BEGIN =
            "<!-- generated from the declarations in cowfs.stream -->\n";
    private static final String END = "<!-- end of generated tables -->\n";

    private static final List<Layout> RECORDS =
            List.of(
                    StreamRecord.LAYOUT,
                    StreamHeader.LAYOUT,
                    SnapshotHeader.LAYOUT,
                    InodeRecord.LAYOUT,
                    NameRecord.LAYOUT,
                    XattrRecord.LAYOUT,
                    ContentRecord.LAYOUT,
                    RangeRecord.LAYOUT,
                    RemovedRecord.LAYOUT,
                    NameRanges.LAYOUT,
                    EndRecord.LAYOUT);

    @Test
    void theTablesOfTheStreamDocumentAreWhatTheDeclarationsSay() throws IOException {
        String document = Files.readString(DOCUMENT);
        int from = document.indexOf(BEGIN) + BEGIN.length();
        int to = document.indexOf(END);
        String generated = generate();
        if (Boolean.getBoolean("cowfs.update-documents")) {
            Files.writeString(
                    DOCUMENT, document.substring(0, from) + generated + document.substring(to));
            return;
        }
        assertEquals(
                generated,
                document.substring(from, to),
                "docs/stream-format.md is old: run 'mvn -pl fs-core test"
                        + " -Dtest=StreamFormatDocumentTest -Dcowfs.update-documents=true'");
    }

    private static String generate() {
        StringBuilder text =
                new StringBuilder(
                        "\n### Kinds of records\n\n| number | kind | what it says |\n|---|---|---|\n");
        for (RecordKind kind : RecordKind.values()) {
            text.append("| %d | `%s` | %s |%n".formatted(kind.number(), kind, kind.meaning()));
        }
        for (Layout record : RECORDS) {
            text.append("%n### `%s`, %d bytes%n%n".formatted(record.name(), record.sizeBytes()));
            text.append("| offset | size | type | field | meaning |\n|---|---|---|---|---|\n");
            for (Layout.Field field : record.fields()) {
                text.append(
                        "| %d | %d | %s | `%s` | %s |%n"
                                .formatted(
                                        field.offset(),
                                        field.sizeBytes(),
                                        field.type(),
                                        field.name(),
                                        field.meaning()));
            }
        }
        return text.append('\n').toString();
    }
}
