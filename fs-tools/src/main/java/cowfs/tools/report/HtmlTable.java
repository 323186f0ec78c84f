package cowfs.tools.report;

import java.util.List;
import org.jsoup.nodes.Element;

/// A table of the page: a caption, a header, and a name in front of each row.
final class HtmlTable {
    private final List<String> columns;
    private final Element body;

    /// @param columns titles; those that end in `#` are numbers
    HtmlTable(Element section, String caption, String... columns) {
        this.columns = List.of(columns);
        Element table =
                section.appendElement("div")
                        .addClass("scroll")
                        .attr("tabindex", "0")
                        .attr("role", "region")
                        .attr("aria-label", caption)
                        .appendElement("table");
        table.appendElement("caption").text(caption);
        Element header = table.appendElement("thead").appendElement("tr");
        for (String column : columns) {
            Element cell = header.appendElement("th").attr("scope", "col");
            cell.text(column.replace("#", "").strip());
            if (column.endsWith("#")) {
                cell.addClass("n");
            }
        }
        body = table.appendElement("tbody");
    }

    void add(String... cells) {
        Element row = body.appendElement("tr");
        for (int i = 0; i < cells.length; i++) {
            Element cell =
                    i == 0
                            ? row.appendElement("th").attr("scope", "row").addClass("name")
                            : row.appendElement("td");
            if (columns.get(i).endsWith("#")) {
                cell.addClass("n");
            }
            cell.text(cells[i]);
        }
    }
}
