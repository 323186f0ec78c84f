package cowfs.tools.report;

import cowfs.api.SubvolumeInfo;
import cowfs.tools.text.Sizes;
import java.time.DateTimeException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// The lineage of subvolumes and snapshots as a drawing: one line for each, indented below what it
/// comes from. A snapshot hangs below its subvolume, a clone below its origin.
///
/// The same stands below it as nested lists, folded up, for who does not see a drawing. At most
/// {@link #MAX_LINES} are shown: the table of space has all.
final class LineageDrawing {
    private static final int MAX_LINES = 200;
    private static final int LINE = 26;
    private static final int STEP = 22;
    private static final int LEFT = 12;
    private static final int NAME_LETTERS = 34;
    private static final int LETTER = 8;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private record Line(SubvolumeInfo info, int depth, int parent) {}

    private final List<SubvolumeInfo> all;
    private final Map<String, List<SubvolumeInfo>> below = new HashMap<>();
    private final List<Line> lines = new ArrayList<>();

    LineageDrawing(List<SubvolumeInfo> all) {
        this.all = all;
    }

    void appendTo(Element section) {
        List<SubvolumeInfo> roots = new ArrayList<>();
        for (SubvolumeInfo each : all) {
            String above = above(each);
            if (above == null) {
                roots.add(each);
            } else {
                below.computeIfAbsent(above, _ -> new ArrayList<>()).add(each);
            }
        }
        for (SubvolumeInfo root : roots) {
            add(root, 0, -1);
        }
        draw(section);
        list(section);
        if (all.size() > lines.size()) {
            section.appendElement("p")
                    .text(
                            "The drawing shows "
                                    + lines.size()
                                    + " of "
                                    + all.size()
                                    + "; the table below has all.");
        }
    }

    /// The name of what it comes from, null for one that comes from nothing that is there.
    private static @Nullable String above(SubvolumeInfo info) {
        if (info.ref().isSnapshot()) {
            return info.ref().subvolume();
        }
        return info.origin() == null ? null : info.origin().toString();
    }

    private void add(SubvolumeInfo info, int depth, int parent) {
        if (lines.size() >= MAX_LINES) {
            return;
        }
        int place = lines.size();
        lines.add(new Line(info, Math.min(depth, 12), parent));
        for (SubvolumeInfo child : below.getOrDefault(info.ref().toString(), List.of())) {
            add(child, depth + 1, place);
        }
    }

    private void draw(Element section) {
        int deepest = lines.stream().mapToInt(Line::depth).max().orElse(0);
        int names = LEFT + deepest * STEP + 16;
        int width = names + NAME_LETTERS * LETTER + 250;
        Element svg =
                section.appendElement("div")
                        .addClass("scroll")
                        .attr("tabindex", "0")
                        .attr("role", "region")
                        .attr("aria-label", "Drawing of the lineage")
                        .appendElement("svg")
                        .attr("role", "img")
                        .attr("aria-labelledby", "lineage-title")
                        .attr("viewBox", "0 0 " + width + " " + (lines.size() * LINE + 8))
                        .attr("style", "min-width:34rem;max-height:none");
        svg.appendElement("title")
                .attr("id", "lineage-title")
                .text(
                        "Lineage: subvolumes are filled dots, snapshots are rings; a dashed line leads to a clone");
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            int x = LEFT + line.depth() * STEP;
            int y = i * LINE + LINE / 2 + 4;
            if (line.parent() >= 0) {
                int px = LEFT + lines.get(line.parent()).depth() * STEP;
                int py = line.parent() * LINE + LINE / 2 + 4;
                svg.appendElement("path")
                        .addClass("edge")
                        .addClass(line.info().ref().isSnapshot() ? "of" : "clone")
                        .attr("d", "M" + px + " " + (py + 6) + "V" + y + "H" + (x - 6));
            }
            svg.appendElement("circle")
                    .addClass(line.info().readOnly() ? "snap" : "live")
                    .attr("cx", Integer.toString(x))
                    .attr("cy", Integer.toString(y))
                    .attr("r", "5");
            text(svg, names, y, "", shortened(line.info().ref().toString()));
            text(svg, names + NAME_LETTERS * LETTER, y, "soft", created(line.info()));
            text(
                    svg,
                    names + NAME_LETTERS * LETTER + 160,
                    y,
                    "soft",
                    Sizes.format(line.info().referencedBytes()));
        }
    }

    private void list(Element section) {
        Element details = section.appendElement("details");
        details.appendElement("summary").text("The lineage as a list");
        List<Element> items = new ArrayList<>();
        Element top = details.appendElement("ul");
        for (Line line : lines) {
            Element above = line.parent() < 0 ? top : listBelow(items.get(line.parent()));
            String kind =
                    line.info().ref().isSnapshot()
                            ? "snapshot"
                            : line.parent() < 0 ? "subvolume" : "clone";
            items.add(
                    above.appendElement("li")
                            .text(
                                    line.info().ref()
                                            + ", "
                                            + kind
                                            + ", made "
                                            + created(line.info())
                                            + ", refers to "
                                            + Sizes.format(line.info().referencedBytes())));
        }
    }

    private static Element listBelow(Element item) {
        Element list = item.selectFirst("> ul");
        return list != null ? list : item.appendElement("ul");
    }

    private static void text(Element svg, int x, int y, String style, String text) {
        svg.appendElement("text")
                .addClass(style)
                .attr("x", Integer.toString(x))
                .attr("y", Integer.toString(y + 4))
                .text(text);
    }

    static String created(SubvolumeInfo info) {
        try {
            return DAY.format(info.created().toInstant());
        } catch (DateTimeException outside) {
            return "@" + info.created().seconds();
        }
    }

    private static String shortened(String name) {
        return name.codePointCount(0, name.length()) <= NAME_LETTERS
                ? name
                : name.substring(0, name.offsetByCodePoints(0, NAME_LETTERS - 1)) + "…";
    }
}
