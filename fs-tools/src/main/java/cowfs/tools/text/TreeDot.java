package cowfs.tools.text;

import cowfs.error.CountText;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The nodes of a tree, as the inspector lists them, in the language of Graphviz.
public final class TreeDot {
    private TreeDot() {}

    /// Prints a graph: shared nodes have two borders, unreadable ones are red.
    public static void print(Map<String, @Nullable Object> tree, PrintWriter out) {
        out.println("digraph \"" + quoted(tree.get("name")) + "\" {");
        out.println("  node [shape=box fontname=\"monospace\" fontsize=10];");
        if (tree.get("nodes") instanceof List<?> nodes) {
            for (Object each : nodes) {
                if (each instanceof Map<?, ?> node) {
                    printNode(node, out);
                }
            }
        }
        out.println("}");
    }

    private static void printNode(Map<?, ?> node, PrintWriter out) {
        boolean readable = Boolean.TRUE.equals(node.get("readable"));
        boolean shared = node.get("references") instanceof Number count && count.longValue() > 1;
        long itemCount = node.get("items") instanceof Number count ? count.longValue() : 0;
        out.println(
                "  n"
                        + node.get("block")
                        + " [label=\"block "
                        + node.get("block")
                        + "\\nlevel "
                        + node.get("level")
                        + ", txg "
                        + node.get("birth_txg")
                        + (readable
                                ? "\\n"
                                        + CountText.of(itemCount, "item")
                                        + ", "
                                        + node.get("fill_percent")
                                        + "%\\n"
                                        + quoted(node.get("first_key"))
                                : "\\nunreadable")
                        + "\""
                        + (shared ? " peripheries=2" : "")
                        + (readable ? "" : " color=red")
                        + "];");
        if (node.get("parent") != null) {
            out.println("  n" + node.get("parent") + " -> n" + node.get("block") + ";");
        }
    }

    private static String quoted(@Nullable Object text) {
        return String.valueOf(text).replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
