package cowfs.tools.command;

import cowfs.api.PinnedState;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NameText;
import cowfs.tools.files.FileEntry;
import cowfs.tools.files.FileJson;
import cowfs.tools.files.ImageFiles;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `cowfs tree`.
@Command(
        name = "tree",
        description = {"Show a directory with all that is below it, without a mount."})
final class TreeCommand extends FileCommand {
    @Option(
            names = "--depth",
            paramLabel = "N",
            description = "Go down so many levels only. Default: all.")
    int depth = Integer.MAX_VALUE;

    private final List<Map<String, @Nullable Object>> items = new ArrayList<>();
    private long directories;
    private long others;
    private long bytes;

    /// A directory that is being shown.
    private record Level(String path, String indent, Iterator<FileEntry> entries) {}

    @Override
    void run(PinnedState state, ImageFiles files) throws IOException {
        if (depth < 1) {
            throw new RequestException(ErrorKind.INVALID, "--depth must be at least 1");
        }
        Attributes root = files.find(place(), false);
        if (!root.isDirectory()) {
            throw new RequestException(
                    ErrorKind.NOT_A_DIRECTORY, place() + " is no directory: 'cowfs stat' shows it");
        }
        PrintWriter out = output.writer();
        say(out, place().toString());
        walk(files, root.inode(), out);
        say(
                out,
                "%n%s, %s, %s"
                        .formatted(
                                CountText.of(directories, "directory"),
                                CountText.of(others, "other"),
                                Sizes.format(bytes)));
        Map<String, @Nullable Object> json = result(state);
        json.put("items", items);
        json.put("directories", directories);
        json.put("others", others);
        json.put("bytes", bytes);
        json.put("missing", missing().lines());
        output.print(json, PrintWriter::flush);
    }

    private void walk(ImageFiles files, long root, PrintWriter out) throws IOException {
        Deque<Level> levels = new ArrayDeque<>();
        levels.push(level(files, root, place().path(), ""));
        while (!levels.isEmpty()) {
            Level level = levels.element();
            if (!level.entries().hasNext()) {
                levels.pop();
                continue;
            }
            FileEntry entry = level.entries().next();
            boolean last = !level.entries().hasNext();
            String path = ImageFiles.join(level.path(), entry.name());
            note(entry, path);
            say(out, level.indent() + (last ? "└── " : "├── ") + label(files, entry, path));
            if (entry.type() == Attributes.DIRECTORY && levels.size() < depth) {
                levels.push(
                        level(
                                files,
                                entry.inode(),
                                path,
                                level.indent() + (last ? "    " : "│   ")));
            }
        }
    }

    private static Level level(ImageFiles files, long inode, String path, String indent)
            throws IOException {
        return new Level(path, indent, files.entries(inode, path).iterator());
    }

    private void note(FileEntry entry, String path) {
        if (entry.type() == Attributes.DIRECTORY) {
            directories++;
        } else {
            others++;
        }
        Attributes attributes = entry.attributes();
        if (attributes != null && attributes.isRegular()) {
            bytes += attributes.sizeBytes();
        }
        if (output.json) {
            Map<String, @Nullable Object> item = PoolJson.members();
            item.put("path", path);
            FileJson.put(item, entry);
            items.add(item);
        }
    }

    private static String label(ImageFiles files, FileEntry entry, String path) throws IOException {
        if (entry.attributes() == null) {
            return entry.text() + " (unreadable)";
        }
        return switch (entry.type()) {
            case Attributes.DIRECTORY -> entry.text() + "/";
            case Attributes.SYMLINK -> {
                byte[] target = files.target(entry.inode(), path);
                yield entry.text() + " -> " + (target == null ? "?" : NameText.of(target));
            }
            default -> entry.text();
        };
    }

    private void say(PrintWriter out, String line) {
        if (!output.json) {
            out.println(line);
        }
    }
}
