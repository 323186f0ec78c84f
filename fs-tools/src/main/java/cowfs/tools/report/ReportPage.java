package cowfs.tools.report;

import cowfs.api.CheckReport;
import cowfs.api.PoolInfo;
import cowfs.api.SpaceUsage;
import cowfs.error.CountText;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.DocumentType;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// The page of a report.
public final class ReportPage {
    /// Cells that the map of a report has.
    public static final int MAP_CELLS = BlockMapDrawing.CELLS;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// Rows of a table, so that the page stays readable.
    private static final int MAX_ROWS = 300;

    private static final int MAX_FINDINGS = 50;

    private final ReportData data;
    private final Document page = new Document("");

    private ReportPage(ReportData data) {
        this.data = data;
    }

    /// The page as text.
    public static String of(ReportData data) throws IOException {
        return new ReportPage(data).write();
    }

    private String write() throws IOException {
        page.outputSettings().prettyPrint(false).charset(StandardCharsets.UTF_8);
        page.appendChild(new DocumentType("html", "", ""));
        Element html = page.appendElement("html").attr("lang", "en");
        Element head = html.appendElement("head");
        head.appendElement("meta").attr("charset", "utf-8");
        head.appendElement("meta")
                .attr("name", "viewport")
                .attr("content", "width=device-width, initial-scale=1");
        head.appendElement("title").text("cowfs report: " + data.image());
        head.appendElement("style").appendChild(new DataNode(style()));
        Element body = html.appendElement("body");
        body.appendElement("a").addClass("skip").attr("href", "#health").text("Skip to the health");
        header(body.appendElement("header"));
        Element main = body.appendElement("main");
        health(section(main, "health", "Health"));
        lineage(section(main, "lineage", "Lineage"));
        space(section(main, "space", "Space"));
        blockMap(section(main, "map", "Block map"));
        fragmentation(section(main, "fragmentation", "Fragmentation"));
        folders(section(main, "folders", "Largest folders"));
        body.appendElement("footer")
                .appendElement("p")
                .addClass("soft")
                .text(
                        "Made by cowfs "
                                + data.version()
                                + " at "
                                + TIME.format(data.made())
                                + " of the state of txg "
                                + data.info().txg()
                                + ".");
        return page.outerHtml();
    }

    private static String style() throws IOException {
        try (InputStream css =
                Objects.requireNonNull(
                        ReportPage.class.getResourceAsStream("report.css"), "report.css")) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Element section(Element main, String id, String title) {
        Element section =
                main.appendElement("section").attr("id", id).attr("aria-labelledby", id + "-head");
        section.appendElement("h2").attr("id", id + "-head").text(title);
        return section;
    }

    private void header(Element header) {
        PoolInfo info = data.info();
        header.appendElement("h1").text(info.label().isEmpty() ? data.image() : info.label());
        header.appendElement("p").addClass("soft").text(data.image() + ", UUID " + info.uuid());
        Element list =
                header.appendElement("nav").attr("aria-label", "Sections").appendElement("ul");
        for (String each :
                List.of(
                        "health Health",
                        "lineage Lineage",
                        "space Space",
                        "map Block map",
                        "fragmentation Fragmentation",
                        "folders Largest folders")) {
            String id = each.substring(0, each.indexOf(' '));
            list.appendElement("li")
                    .appendElement("a")
                    .attr("href", "#" + id)
                    .text(each.substring(id.length() + 1));
        }
        Element facts = header.appendElement("dl").addClass("facts");
        fact(facts, "Size", Sizes.format(info.sizeBytes()));
        fact(facts, "Used", Sizes.format(info.usedBytes()));
        fact(facts, "Free", Sizes.format(info.freeBytes()));
        fact(facts, "Subvolumes", Integer.toString(info.subvolumeCount()));
        fact(facts, "Snapshots", Integer.toString(info.snapshotCount()));
        fact(
                facts,
                "Metadata",
                Sizes.format(info.metadataBytes())
                        + (info.metadataCopies() == 2 ? ", kept twice" : ", kept once"));
    }

    private static void fact(Element facts, String name, String value) {
        Element fact = facts.appendElement("div");
        fact.appendElement("dt").text(name);
        fact.appendElement("dd").text(value);
    }

    private void health(Element section) {
        CheckReport check = data.check();
        Element verdict = section.appendElement("p").addClass("verdict");
        if (check == null) {
            verdict.text("Not checked: the report was made with --no-check.");
        } else if (check.isClean()) {
            verdict.appendElement("strong").text("Clean. ");
            verdict.appendText(
                    "Verified: "
                            + CountText.of(check.nodeCount(), "node")
                            + ", "
                            + CountText.of(check.dataBlockCount(), "data block")
                            + ", "
                            + CountText.of(check.inodeCount(), "inode")
                            + ".");
        } else {
            verdict.addClass("bad");
            verdict.appendElement("strong")
                    .text("Damaged: " + CountText.of(check.findingCount(), "finding") + ". ");
            verdict.appendText(
                    "Copy the image before anything else; docs/recovery.md says how to go on.");
            HtmlTable table = new HtmlTable(section, "Findings", "Where", "What", "Code");
            check.findings().stream()
                    .limit(MAX_FINDINGS)
                    .forEach(
                            each ->
                                    table.add(
                                            each.record() + ": " + each.where(),
                                            each.reason(),
                                            each.code()));
            rest(section, check.findingCount(), MAX_FINDINGS);
        }
        if (!data.missing().isEmpty()) {
            section.appendElement("p").text("What follows is without:");
            Element list = section.appendElement("ul");
            data.missing().stream()
                    .limit(MAX_FINDINGS)
                    .forEach(line -> list.appendElement("li").text(line));
            rest(section, data.missing().size(), MAX_FINDINGS);
        }
    }

    private static void rest(Element section, long count, int shown) {
        if (count > shown) {
            section.appendElement("p").text("and " + (count - shown) + " more");
        }
    }

    private void lineage(Element section) {
        section.appendElement("p")
                .text(
                        "Subvolumes are filled dots, snapshots are rings below their subvolume. A dashed line leads from an"
                                + " origin to its clone. Behind the name: when it was made, and what it refers to.");
        new LineageDrawing(data.subvolumes()).appendTo(section);
    }

    private void space(Element section) {
        section.appendElement("p")
                .text(
                        "Exclusive is what deleting one alone would free, cow what a snapshot has and no subvolume any"
                                + " more. The last column names those that most of the"
                                + " data is shared with.");
        Map<String, String> partners = new HashMap<>();
        for (Map<String, @Nullable Object> owner : ReportData.list(data.map(), "owners")) {
            List<String> named = new ArrayList<>();
            for (Map<String, @Nullable Object> each : ReportData.list(owner, "shared_with")) {
                named.add(
                        ReportData.text(each, "name")
                                + " "
                                + Sizes.format(ReportData.number(each, "bytes")));
            }
            partners.put(ReportData.text(owner, "name"), String.join(", ", named));
        }
        HtmlTable table =
                new HtmlTable(
                        section,
                        "Space by subvolume and snapshot",
                        "Name",
                        "Refers to #",
                        "Exclusive #",
                        "Shared #",
                        "Cow #",
                        "Data shared with");
        for (SpaceUsage usage : data.usage().stream().limit(MAX_ROWS).toList()) {
            table.add(
                    usage.ref().toString(),
                    Sizes.format(usage.referencedBytes()),
                    Sizes.format(usage.exclusiveBytes()),
                    Sizes.format(usage.sharedBytes()),
                    cow(usage),
                    partners.getOrDefault(usage.ref().toString(), ""));
        }
        rest(section, data.usage().size(), MAX_ROWS);
    }

    private static String cow(SpaceUsage usage) {
        Long bytes = usage.ref().isSnapshot() ? usage.cowBytes() : null;
        return bytes == null ? "" : Sizes.format(bytes);
    }

    private void blockMap(Element section) {
        section.appendElement("p")
                .text(
                        "The whole image in "
                                + BlockMapDrawing.CELLS
                                + " cells of "
                                + Sizes.format(data.info().sizeBytes() / BlockMapDrawing.CELLS)
                                + ", row by row from the upper left.");
        new BlockMapDrawing(data.map(), data.info().txg()).appendTo(section);
    }

    private void fragmentation(Element section) {
        Map<String, @Nullable Object> content = ReportData.map(data.statistics(), "content");
        long files = ReportData.number(content, "files_with_extents");
        long pieces = ReportData.number(content, "pieces_on_disk");
        section.appendElement("p")
                .text(
                        files == 0
                                ? "No file has content on disk."
                                : CountText.of(
                                                files,
                                                "file with content on disk lies",
                                                "files with content on disk lie")
                                        + " in "
                                        + CountText.of(pieces, "piece")
                                        + " of "
                                        + Sizes.format(
                                                ReportData.number(content, "mean_piece_bytes"))
                                        + " on average; the most torn one has "
                                        + ReportData.number(content, "most_pieces_of_a_file")
                                        + ". A file in one piece is read without a jump.");
        HtmlTable table =
                new HtmlTable(
                        section, "Trees", "Tree", "Height #", "Nodes #", "Leaves are full by #");
        List<Map<String, @Nullable Object>> trees =
                new ArrayList<>(ReportData.list(data.statistics(), "trees"));
        for (Map<String, @Nullable Object> tree : trees.stream().limit(MAX_ROWS).toList()) {
            table.add(
                    ReportData.text(tree, "name"),
                    ReportData.text(tree, "height"),
                    ReportData.text(tree, "nodes"),
                    ReportData.number(tree, "leaves") == 0
                            ? "all shared"
                            : ReportData.text(tree, "leaf_fill_percent") + " %");
        }
        rest(section, trees.size(), MAX_ROWS);
    }

    private void folders(Element section) {
        HtmlTable table =
                new HtmlTable(
                        section,
                        "On disk below each folder of the live subvolumes",
                        "Folder",
                        "Size #",
                        "Files #");
        List<Map<String, @Nullable Object>> items = ReportData.list(data.folders(), "items");
        for (Map<String, @Nullable Object> item : items.stream().limit(MAX_ROWS).toList()) {
            String path = ReportData.text(item, "path");
            table.add(
                    ReportData.text(item, "name") + ":" + (path.isEmpty() ? "?" : path),
                    Sizes.format(ReportData.number(item, "bytes")),
                    ReportData.text(item, "files"));
        }
        rest(section, items.size(), MAX_ROWS);
    }
}
