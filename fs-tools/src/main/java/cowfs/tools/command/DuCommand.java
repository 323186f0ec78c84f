package cowfs.tools.command;

import cowfs.api.FilePlace;
import cowfs.api.FreedSpace;
import cowfs.api.OpenOptions;
import cowfs.api.PathUsage;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.api.SpaceUsage;
import cowfs.error.CountText;
import cowfs.error.RequestException;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs du`.
@Command(
        name = "du",
        description = {
            "Show the space that subvolumes and snapshots use, or files and directories in them.",
            "EXCLUSIVE is what deleting one alone would free, SHARED the rest of what it refers to;"
                    + " METADATA is a part of REFERENCED. COW is what a snapshot has and no subvolume any"
                    + " more: replaced or removed since, and kept because of this snapshot and others"
                    + " that have it too.",
            "With paths: the content of all files there and below. EXCLUSIVE is what nothing outside of"
                    + " the path reaches, and removing it would free. INLINE is content of small files,"
                    + " which lies in metadata and is in no other column. RATIO is what compression"
                    + " makes of the rest: 2.00 is half of it.",
            "With --if-deleted: what deleting all that are named, together, would free. That can be"
                    + " more than the sum of EXCLUSIVE, as they may share blocks with nobody but"
                    + " each other. Nothing is deleted."
        })
final class DuCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "REF[:/path]",
            description = "Which ones; all subvolumes and snapshots if none is named.")
    List<String> names = List.of();

    @Option(
            names = "--if-deleted",
            description = "Say what deleting the REFs together would free, to the byte.")
    boolean ifDeleted;

    @Override
    void checkArguments() throws IOException {
        if (ifDeleted && names.isEmpty()) {
            throw wrongUsage("--if-deleted needs a REF: cowfs du POOL --if-deleted REF...");
        }
        long paths = names.stream().filter(DuCommand::isPath).count();
        if (ifDeleted && paths > 0) {
            throw wrongUsage(
                    "--if-deleted takes no paths: EXCLUSIVE of 'cowfs du POOL REF:/path' is what"
                            + " removing one would free");
        }
        if (paths > 0 && paths < names.size()) {
            throw wrongUsage(
                    "either name files, as REF:/path, or subvolumes and snapshots; all of one is"
                            + " REF:/");
        }
    }

    private ParameterException wrongUsage(String message) {
        return new ParameterException(output.command.commandLine(), message);
    }

    private static boolean isPath(String name) {
        return name.indexOf(':') >= 0;
    }

    private List<FilePlace> places() throws RequestException {
        List<FilePlace> places = new ArrayList<>();
        for (String name : names) {
            if (isPath(name)) {
                FileReference file = FileReference.parse(name);
                places.add(new FilePlace(file.ref(), file.path()));
            }
        }
        return places.stream().distinct().toList();
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        List<FilePlace> places = places();
        return places.isEmpty()
                ? PoolJson.refs(names).stream().distinct().toList()
                : places.stream().map(FilePlace::ref).distinct().toList();
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        PoolOperations pool = session.pool();
        List<FilePlace> places = places();
        if (!places.isEmpty()) {
            List<PathUsage> usages = pool.pathUsage(places);
            output.print(
                    PoolJson.items(usages.stream().map(DiffJson::of).toList()),
                    out -> pathTable(usages).print(out));
        } else if (ifDeleted) {
            FreedSpace freed = pool.freedByDeleting(existingRefs());
            output.print(PoolJson.of(freed), out -> print(freed, out));
        } else {
            List<SpaceUsage> usages = pool.spaceUsage(existingRefs());
            output.print(
                    PoolJson.items(usages.stream().map(PoolJson::of).toList()),
                    out -> table(usages).print(out));
        }
    }

    private static void print(FreedSpace freed, PrintWriter out) {
        out.println(
                Sizes.format(freed.totalBytes())
                        + " ("
                        + CountText.of(freed.totalBytes(), "byte")
                        + "): "
                        + Sizes.format(freed.dataBytes())
                        + " of data, "
                        + Sizes.format(freed.metadataBytes())
                        + " of metadata");
    }

    private static Table table(List<SpaceUsage> usages) {
        Table table =
                new Table(
                        Table.words("NAME"),
                        Table.numbers("REFERENCED"),
                        Table.numbers("EXCLUSIVE"),
                        Table.numbers("SHARED"),
                        Table.numbers("METADATA"),
                        Table.numbers("COW"));
        for (SpaceUsage usage : usages) {
            table.add(
                    usage.ref().toString(),
                    Sizes.format(usage.referencedBytes()),
                    Sizes.format(usage.exclusiveBytes()),
                    Sizes.format(usage.sharedBytes()),
                    Sizes.format(usage.metadataBytes()),
                    cow(usage));
        }
        return table;
    }

    private static String cow(SpaceUsage usage) {
        Long bytes = usage.cowBytes();
        if (bytes == null) {
            return "?";
        }
        return usage.ref().isSnapshot() ? Sizes.format(bytes) : "-";
    }

    private static Table pathTable(List<PathUsage> usages) {
        Table table =
                new Table(
                        Table.words("NAME"),
                        Table.numbers("FILES"),
                        Table.numbers("REFERENCED"),
                        Table.numbers("EXCLUSIVE"),
                        Table.numbers("SHARED"),
                        Table.numbers("INLINE"),
                        Table.numbers("RATIO"));
        for (PathUsage usage : usages) {
            table.add(
                    usage.place().toString(),
                    Long.toString(usage.files()),
                    Sizes.format(usage.referencedBytes()),
                    Sizes.format(usage.exclusiveBytes()),
                    Sizes.format(usage.sharedBytes()),
                    Sizes.format(usage.inlineBytes()),
                    ratio(usage));
        }
        return table;
    }

    /// What compression makes of the content.
    private static String ratio(PathUsage usage) {
        return usage.storedBytes() == 0
                ? "-"
                : String.format(
                        Locale.ROOT, "%.2f", (double) usage.writtenBytes() / usage.storedBytes());
    }
}
