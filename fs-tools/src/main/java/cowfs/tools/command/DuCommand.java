package cowfs.tools.command;

import cowfs.api.FreedSpace;
import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import cowfs.api.SpaceUsage;
import cowfs.error.CountText;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs du`.
@Command(
        name = "du",
        description = {
            "Show the space that subvolumes and snapshots use.",
            "EXCLUSIVE is what deleting one alone would free, SHARED the rest of what it refers to;"
                    + " METADATA is a part of REFERENCED.",
            "With --if-deleted: what deleting all that are named, together, would free. That can be"
                    + " more than the sum of EXCLUSIVE, as they may share blocks with nobody but"
                    + " each other. Nothing is deleted."
        })
final class DuCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "REF",
            description = "Which ones; all if none is named.")
    List<String> names = List.of();

    @Option(
            names = "--if-deleted",
            description = "Say what deleting the REFs together would free, to the byte.")
    boolean ifDeleted;

    @Override
    List<Ref> existingRefs() throws IOException {
        if (ifDeleted && names.isEmpty()) {
            throw new ParameterException(
                    output.command.commandLine(),
                    "--if-deleted needs a REF: cowfs du POOL --if-deleted REF...");
        }
        return PoolJson.refs(names).stream().distinct().toList();
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        if (ifDeleted) {
            FreedSpace freed = session.pool().freedByDeleting(existingRefs());
            output.print(PoolJson.of(freed), out -> print(freed, out));
            return;
        }
        List<SpaceUsage> usages = session.pool().spaceUsage(existingRefs());
        output.print(
                PoolJson.items(usages.stream().map(PoolJson::of).toList()),
                out -> print(usages, out));
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

    private static void print(List<SpaceUsage> usages, PrintWriter out) {
        Table table =
                new Table(
                        Table.words("NAME"),
                        Table.numbers("REFERENCED"),
                        Table.numbers("EXCLUSIVE"),
                        Table.numbers("SHARED"),
                        Table.numbers("METADATA"));
        for (SpaceUsage usage : usages) {
            table.add(
                    usage.ref().toString(),
                    Sizes.format(usage.referencedBytes()),
                    Sizes.format(usage.exclusiveBytes()),
                    Sizes.format(usage.sharedBytes()),
                    Sizes.format(usage.metadataBytes()));
        }
        table.print(out);
    }
}
