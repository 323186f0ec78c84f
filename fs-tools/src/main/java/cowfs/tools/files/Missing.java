package cowfs.tools.files;

import cowfs.api.LostNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// What could not be read, in the order in which it was met. Each thing is told once.
///
/// Not thread safe: a command reads on one thread.
public final class Missing implements LostNode.Listener {
    private final Consumer<String> told;
    private final List<String> lines = new ArrayList<>();
    private final Set<String> known = new HashSet<>();
    private final List<LostNode> met = new ArrayList<>();

    /// @param told takes a line for a person as soon as something is missing
    public Missing(Consumer<String> told) {
        this.told = told;
    }

    /// Takes note of something.
    public void add(String line) {
        if (known.add(line)) {
            lines.add(line);
            told.accept("missing: " + line);
        }
    }

    @Override
    public void lost(LostNode node) {
        met.add(node);
        add(
                "a "
                        + (node.level() == 0 ? "leaf" : "part")
                        + " of tree "
                        + node.treeId()
                        + (node.ofPool() ? " (of the image itself)" : "")
                        + (node.block() == 0 ? "" : " at block " + node.block())
                        + ": "
                        + node.reason());
    }

    /// The nodes that were met since the last call.
    List<LostNode> takeMet() {
        List<LostNode> taken = List.copyOf(met);
        met.clear();
        return taken;
    }

    public boolean isEmpty() {
        return lines.isEmpty();
    }

    public List<String> lines() {
        return List.copyOf(lines);
    }
}
