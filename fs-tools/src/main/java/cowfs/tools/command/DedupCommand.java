package cowfs.tools.command;

import cowfs.api.DedupReport;
import cowfs.api.FilePlace;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.error.CountText;
import cowfs.error.RequestException;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs dedup`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "dedup",
        description = {
            "Have files share the blocks of what is equal in them.",
            "What may be equal is found by the checksums that the image has; only that is read, and"
                    + " compared byte by byte before it is shared. Files stay what they are, and may be in"
                    + " use. Snapshots keep what they have: space that one still holds comes back with its"
                    + " deletion."
        })
final class DedupCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "SUBVOL:/path",
            description = "Files, and directories with all below, of live subvolumes.")
    List<String> places;

    @Option(
            names = "--unit",
            paramLabel = "SIZE",
            defaultValue = "128K",
            converter = Bytes.Converter.class,
            description =
                    "How much is compared at once, 4K to 1M: less finds more, and cuts files into more"
                            + " pieces. Default: ${DEFAULT-VALUE}.")
    Bytes unit;

    @Override
    void checkArguments() throws IOException {
        long bytes = unit.value();
        if (!PoolOperations.isDedupUnit(bytes)) {
            throw new ParameterException(
                    output.command.commandLine(),
                    "--unit " + bytes + " is not possible: use a power of two from 4K to 1M");
        }
        filePlaces();
    }

    private List<FilePlace> filePlaces() throws RequestException {
        List<FilePlace> parsed = new ArrayList<>();
        for (String place : places) {
            parsed.add(FileReference.parse(place).place());
        }
        return parsed;
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return filePlaces().stream().map(FilePlace::ref).distinct().toList();
    }

    @Override
    void run(PoolSession session) throws IOException {
        DedupReport done;
        try (Progress progress = Progress.onTerminal("compared")) {
            done =
                    session.pool()
                            .dedup(filePlaces(), Math.toIntExact(unit.value()), progress::show);
        }
        output.print(DiffJson.of(done), out -> print(done, out));
    }

    private static void print(DedupReport done, PrintWriter out) {
        out.printf(
                "%s with %s: %s of it is shared now that had blocks of its own%n",
                CountText.of(done.files(), "file"),
                Sizes.format(done.scannedBytes()),
                Sizes.format(done.sharedBytes()));
        long saved = done.usedBytesBefore() - done.usedBytesAfter();
        out.printf(
                "in use: %s before, %s now, %s %s%n",
                Sizes.format(done.usedBytesBefore()),
                Sizes.format(done.usedBytesAfter()),
                Sizes.format(Math.abs(saved)),
                saved < 0 ? "more" : "less");
        if (done.leftOutBytes() > 0) {
            out.printf(
                    "there was too much to remember: nothing was compared with %s of it; use a larger"
                            + " --unit, or name fewer files%n",
                    Sizes.format(done.leftOutBytes()));
        }
    }
}
