package cowfs.tools.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// The block map as two drawings of the same cells: by owner, and by age. The image runs in rows
/// from the upper left; neighbours in a row that look the same are one rectangle. A list beside
/// each says what the colours mean and how much of the image has each.
final class BlockMapDrawing {
    static final int CELLS = 4096;
    private static final int COLUMNS = 128;
    private static final int SIZE = 6;
    private static final int AGES = 5;

    /// Told apart also by who does not see all colours; after Okabe and Ito.
    private static final String[] OWNERS = {
        "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"
    };

    private static final String METADATA = "#5a6775";
    private static final String SHARED = "#c9b037";
    private static final String OTHER = "#8a94a0";

    /// From old to new.
    private static final String[] AGE_COLOURS = {
        "#7fc9a5", "#43a9a3", "#2b83ba", "#3558a6", "#2a1a6b"
    };

    private final List<Map<String, @Nullable Object>> cells;
    private final long txg;
    private final Map<String, String> ownerColours = new LinkedHashMap<>();

    BlockMapDrawing(Map<String, @Nullable Object> map, long txg) {
        this.cells = ReportData.list(map, "cells");
        this.txg = Math.max(1, txg);
    }

    void appendTo(Element section) {
        chooseOwners();
        draw(
                section,
                "owner",
                "The image by owner",
                "Each cell has the colour of whom most of it belongs to",
                cell -> label(cell));
        draw(
                section,
                "age",
                "The image by age",
                "The darker, the newer the youngest block in the cell",
                cell -> age(cell));
    }

    /// What a cell is counted as.
    private interface Look {
        String of(Map<String, @Nullable Object> cell);
    }

    private void chooseOwners() {
        Map<String, Integer> counts = new HashMap<>();
        for (Map<String, @Nullable Object> cell : cells) {
            if (ReportData.text(cell, "use").equals("data")) {
                counts.merge(ReportData.text(cell, "owner"), 1, Integer::sum);
            }
        }
        counts.remove("shared");
        counts.remove("");
        List<String> byCount =
                counts.entrySet().stream()
                        .sorted(
                                Map.Entry.<String, Integer>comparingByValue()
                                        .reversed()
                                        .thenComparing(Map.Entry.comparingByKey()))
                        .map(Map.Entry::getKey)
                        .toList();
        for (int i = 0; i < Math.min(OWNERS.length, byCount.size()); i++) {
            ownerColours.put("only " + byCount.get(i), OWNERS[i]);
        }
        ownerColours.put("shared by several", SHARED);
        if (byCount.size() > OWNERS.length) {
            ownerColours.put("only one of " + (byCount.size() - OWNERS.length) + " others", OTHER);
        }
        ownerColours.put("metadata", METADATA);
    }

    private String label(Map<String, @Nullable Object> cell) {
        String owner = ReportData.text(cell, "owner");
        if (ReportData.text(cell, "use").equals("metadata")) {
            return "metadata";
        } else if (owner.equals("shared") || owner.isEmpty()) {
            return "shared by several";
        } else if (ownerColours.containsKey("only " + owner)) {
            return "only " + owner;
        }
        return ownerColours.keySet().stream()
                .filter(each -> each.startsWith("only one of "))
                .findFirst()
                .orElse("shared by several");
    }

    private String age(Map<String, @Nullable Object> cell) {
        long birth = ReportData.number(cell, "birth_txg");
        return ages().get(Math.clamp(birth * AGES / (txg + 1), 0, AGES - 1));
    }

    private List<String> ages() {
        List<String> ages = new ArrayList<>();
        for (int i = 0; i < AGES; i++) {
            long first = Math.ceilDiv(i * (txg + 1), AGES);
            long last = Math.ceilDiv((i + 1) * (txg + 1), AGES) - 1;
            ages.add("txg " + first + " to " + Math.max(first, last));
        }
        return ages;
    }

    private void draw(Element section, String id, String title, String how, Look look) {
        Map<String, String> colours = new LinkedHashMap<>();
        if (id.equals("owner")) {
            colours.putAll(ownerColours);
        } else {
            for (int i = 0; i < AGES; i++) {
                colours.put(ages().get(i), AGE_COLOURS[i]);
            }
        }
        String[] looks = new String[CELLS];
        Map<String, Integer> counts = new HashMap<>();
        for (Map<String, @Nullable Object> cell : cells) {
            String looked = look.of(cell);
            looks[Math.clamp(ReportData.number(cell, "cell"), 0, CELLS - 1)] = looked;
            counts.merge(looked, 1, Integer::sum);
        }
        Element figure = section.appendElement("figure").attr("style", "margin:1rem 0");
        Element svg =
                figure.appendElement("svg")
                        .attr("role", "img")
                        .attr("aria-labelledby", id + "-title " + id + "-legend")
                        .attr("viewBox", "0 0 " + COLUMNS * SIZE + " " + CELLS / COLUMNS * SIZE);
        svg.appendElement("title").attr("id", id + "-title").text(title + ". " + how);
        svg.appendElement("rect")
                .addClass("free")
                .attr("width", Integer.toString(COLUMNS * SIZE))
                .attr("height", Integer.toString(CELLS / COLUMNS * SIZE));
        colours.forEach((name, colour) -> path(svg, looks, name, colour));
        figure.appendElement("figcaption").text(title + ". " + how + ".");
        Element legend = figure.appendElement("ul").addClass("legend").attr("id", id + "-legend");
        colours.forEach(
                (name, colour) -> entry(legend, name, colour, counts.getOrDefault(name, 0)));
        entry(legend, "free", null, CELLS - cells.size());
    }

    private static void path(Element svg, String[] looks, String name, String colour) {
        StringBuilder path = new StringBuilder();
        for (int cell = 0; cell < CELLS; ) {
            if (!name.equals(looks[cell])) {
                cell++;
                continue;
            }
            int end = cell + 1;
            while (end < CELLS && end % COLUMNS != 0 && name.equals(looks[end])) {
                end++;
            }
            path.append('M')
                    .append(cell % COLUMNS * SIZE)
                    .append(' ')
                    .append(cell / COLUMNS * SIZE)
                    .append('h')
                    .append((end - cell) * SIZE)
                    .append('v')
                    .append(SIZE)
                    .append('h')
                    .append(-(end - cell) * SIZE)
                    .append('z');
            cell = end;
        }
        if (!path.isEmpty()) {
            svg.appendElement("path").attr("fill", colour).attr("d", path.toString());
        }
    }

    /// @param colour null for that of free cells
    private static void entry(Element legend, String name, @Nullable String colour, int count) {
        if (count == 0) {
            return;
        }
        Element item = legend.appendElement("li");
        Element sample =
                item.appendElement("svg")
                        .attr("width", "14")
                        .attr("height", "14")
                        .attr("aria-hidden", "true")
                        .appendElement("rect")
                        .attr("width", "14")
                        .attr("height", "14");
        if (colour == null) {
            sample.addClass("free");
        } else {
            sample.attr("fill", colour);
        }
        item.appendText(name + ", " + percent(count) + " of the cells");
    }

    private static String percent(int count) {
        double percent = 100.0 * count / CELLS;
        return percent < 1 ? "below 1 %" : Math.round(percent) + " %";
    }
}
