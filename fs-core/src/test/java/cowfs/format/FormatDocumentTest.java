package cowfs.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The tables of `docs/format.md` are what the declarations say.
///
/// `-Dcowfs.update-documents=true` writes them anew.
final class FormatDocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "format.md");
    private static final String BEGIN =
            "<!-- generated from the declarations in cowfs.format -->\n";
    private static final String END = "<!-- end of generated tables -->\n";

    private static final List<Layout> RECORDS =
            List.of(
                    Superblock.LAYOUT,
                    Superblock.Run.LAYOUT,
                    BlockPointer.LAYOUT,
                    NodePage.HEADER_LAYOUT,
                    NodePage.LEAF_SLOT_LAYOUT,
                    NodePage.INTERIOR_SLOT_LAYOUT,
                    SubvolumeItem.LAYOUT,
                    NodeRefItem.LAYOUT,
                    PendingItem.LAYOUT,
                    ScrubItem.LAYOUT,
                    ScrubDamageItem.LAYOUT,
                    PropertyItem.LAYOUT,
                    BookmarkItem.LAYOUT,
                    RefcountItem.LAYOUT,
                    GroupItem.SUMMARY_LAYOUT,
                    GroupItem.BITMAP_LAYOUT,
                    InodeItem.LAYOUT,
                    InodeRefItem.LAYOUT,
                    DirentItem.LAYOUT,
                    ContentItem.LAYOUT,
                    ContentItem.EXTENT_LAYOUT,
                    ContentItem.COMPRESSED_LAYOUT,
                    XattrItem.LAYOUT,
                    OrphanItem.LAYOUT,
                    ReceiveItem.LAYOUT);

    @Test
    void theTablesOfTheFormatDocumentAreWhatTheDeclarationsSay() throws IOException {
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
                "docs/format.md is old: run 'mvn -pl fs-core test -Dtest=FormatDocumentTest"
                        + " -Dcowfs.update-documents=true'");
    }

    private static String generate() {
        StringBuilder text =
                new StringBuilder(
                        "\n### Kinds of items\n\n| number | kind | what it is |\n|---|---|---|\n");
        for (ItemKind kind : ItemKind.values()) {
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
