package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.api.RollbackReport;
import cowfs.api.SubvolumeInfo;
import cowfs.file.Timestamp;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs rollback`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "rollback",
        description = {
            "Give a subvolume the content that one of its snapshots has.",
            "Newer snapshots stay. The state before is kept as a snapshot,"
                    + " SUBVOL@before-rollback-TIME. What is open in a mounted subvolume becomes stale"
                    + " (ESTALE) and has to be opened again."
        })
final class RollbackCommand extends PoolCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

    @Parameters(index = "1", paramLabel = "SUBVOL@SNAP", description = "What to go back to.")
    String name;

    @Option(
            names = "--discard",
            description = "Do not keep the state before: it can't be brought back.")
    boolean discard;

    @Option(
            names = "--keep-as",
            paramLabel = "SUBVOL@SNAP",
            description = "The name of the snapshot of the state before.")
    @Nullable String keepAs;

    @Override
    void checkArguments() throws IOException {
        if (keepAs != null) {
            if (discard) {
                throw new ParameterException(
                        output.command.commandLine(),
                        "--discard keeps nothing, --keep-as names what is kept: give one of them");
            }
            Ref.parseSnapshot(keepAs);
        }
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(Ref.parseSnapshot(name));
    }

    @Override
    void run(PoolSession session) throws IOException {
        Ref target = Ref.parseSnapshot(name);
        RollbackReport report = session.pool().rollback(target, kept(session, target));
        output.print(
                PoolJson.of(report),
                out -> {
                    if (report.kept() != null) {
                        out.println("the state before is " + report.kept());
                    }
                });
    }

    private @Nullable Ref kept(PoolSession session, Ref target) throws IOException {
        if (discard) {
            return null;
        }
        if (keepAs != null) {
            return Ref.parseSnapshot(keepAs);
        }
        List<Ref> taken = session.pool().list().stream().map(SubvolumeInfo::ref).toList();
        String base = "before-rollback-" + TIME.format(Timestamp.now().toInstant());
        Ref free = new Ref(target.subvolume(), base);
        for (int i = 2; taken.contains(free); i++) {
            free = new Ref(target.subvolume(), base + "-" + i);
        }
        return free;
    }
}
