package cowfs.tools.command;

import cowfs.api.PinnedState;
import cowfs.file.Attributes;
import cowfs.file.NameText;
import cowfs.tools.files.FileEntry;
import cowfs.tools.files.FileJson;
import cowfs.tools.files.ImageFiles;
import cowfs.tools.text.ModeText;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `cowfs ls`.
@Command(
        name = "ls",
        description = {
            "List a directory, or show a file, without a mount.",
            "Owners are shown by number: the names of this host need not be those of the image."
        })
final class LsCommand extends FileCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

    @Option(names = "-d", description = "Show the directory itself and not what is in it.")
    boolean directoryItself;

    @Override
    void run(PinnedState state, ImageFiles files) throws IOException {
        Attributes found = files.find(place(), false);
        List<FileEntry> entries = new ArrayList<>();
        boolean listing = found.isDirectory() && !directoryItself;
        if (listing) {
            entries.addAll(files.entries(found.inode(), place().path()));
        } else {
            byte[] name = place().names().isEmpty() ? new byte[] {'/'} : place().names().getLast();
            entries.add(new FileEntry(name, found.inode(), found.type(), found));
        }
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        List<String> targets = new ArrayList<>();
        for (FileEntry entry : entries) {
            String target = target(files, entry);
            targets.add(target);
            Map<String, @Nullable Object> item = PoolJson.members();
            FileJson.putName(item, entry.name());
            FileJson.put(item, entry);
            if (!target.isEmpty()) {
                item.put("target", target);
            }
            items.add(item);
        }
        Map<String, @Nullable Object> json = result(state);
        json.put("items", items);
        json.put("missing", missing().lines());
        output.print(json, out -> print(entries, targets, out));
    }

    private static String target(ImageFiles files, FileEntry entry) throws IOException {
        if (entry.type() != Attributes.SYMLINK || entry.attributes() == null) {
            return "";
        }
        byte[] target = files.target(entry.inode(), entry.text());
        return target == null ? "" : NameText.of(target);
    }

    private static void print(List<FileEntry> entries, List<String> targets, PrintWriter out) {
        Table table =
                new Table(
                        Table.words("MODE"),
                        Table.numbers("LINKS"),
                        Table.numbers("UID"),
                        Table.numbers("GID"),
                        Table.numbers("SIZE"),
                        Table.words("MODIFIED"),
                        Table.words("NAME"));
        for (int i = 0; i < entries.size(); i++) {
            FileEntry entry = entries.get(i);
            Attributes a = entry.attributes();
            String name = entry.text() + (targets.get(i).isEmpty() ? "" : " -> " + targets.get(i));
            if (a == null) {
                String type = ModeText.of(entry.type()).substring(0, 1);
                table.add(type + "?????????", "?", "?", "?", "?", "?", name);
            } else {
                table.add(
                        ModeText.of(a.mode()),
                        Integer.toString(a.linkCount()),
                        Integer.toUnsignedString(a.uid()),
                        Integer.toUnsignedString(a.gid()),
                        sizeOf(a),
                        time(a),
                        name);
            }
        }
        table.print(out);
    }

    private static String sizeOf(Attributes a) {
        boolean device =
                a.type() == Attributes.BLOCK_DEVICE || a.type() == Attributes.CHARACTER_DEVICE;
        return device
                ? ModeText.major(a.device()) + "," + ModeText.minor(a.device())
                : Long.toString(a.sizeBytes());
    }

    private static String time(Attributes a) {
        try {
            return TIME.format(
                    Instant.ofEpochSecond(a.modified().seconds()).atZone(ZoneId.systemDefault()));
        } catch (DateTimeException outside) {
            return "@" + a.modified().seconds();
        }
    }
}
