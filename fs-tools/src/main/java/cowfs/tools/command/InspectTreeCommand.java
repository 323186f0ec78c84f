package cowfs.tools.command;

import cowfs.api.Inspector;
import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.text.FactsText;
import cowfs.tools.text.TreeDot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `cowfs inspect tree`.
@Command(
        name = "tree",
        description = {
            "Show the trees of an image, the nodes of one, or the way from its root to a key."
        })
final class InspectTreeCommand extends InspectorCommand {
    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TREE",
            description =
                    "root, refcount, space, a subvolume or snapshot, or a number. Default: list the trees.")
    @Nullable String tree;

    @Option(
            names = "--key",
            paramLabel = "INODE/KIND/OFFSET",
            description = "The way to this key, such as 257/inode/0.")
    @Nullable String key;

    @Option(names = "--limit", paramLabel = "N", description = "List so many nodes. Default: 1000.")
    int limit = 1000;

    @Option(names = "--dot", description = "Print the nodes as a graph for Graphviz.")
    boolean dot;

    @Override
    void checkArguments() throws IOException {
        if (tree == null && (key != null || dot)) {
            throw wrong(
                    "name the tree; what lists them: " + CommandHint.of("inspect", "tree", path));
        }
        if (key != null && dot) {
            throw wrong("--dot and --key do not go together");
        }
        if (key != null) {
            key(key);
        }
    }

    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        String name = tree;
        if (name == null) {
            return inspector.trees();
        }
        if (key == null) {
            return inspector.tree(name, limit);
        }
        Key to = key(key);
        return inspector.path(name, to.inode, to.kind, to.offset);
    }

    /// A key as it is written.
    private record Key(long inode, String kind, long offset) {}

    private static Key key(String text) throws RequestException {
        String[] parts = text.split("/", -1);
        try {
            if (parts.length == 3) {
                return new Key(
                        Long.parseUnsignedLong(parts[0]),
                        parts[1],
                        Long.parseUnsignedLong(parts[2]));
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw wrong("'" + text + "' is no key: write INODE/KIND/OFFSET, such as 257/inode/0");
    }

    private static RequestException wrong(String message) {
        return new RequestException(ErrorKind.INVALID, message);
    }

    @Override
    void print(Map<String, @Nullable Object> facts, PrintWriter out) {
        if (dot) {
            TreeDot.print(facts, out);
        } else {
            FactsText.print(facts, out);
        }
    }
}
