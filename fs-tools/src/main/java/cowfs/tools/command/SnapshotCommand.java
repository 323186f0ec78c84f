package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs snapshot`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "snapshot",
        description = {
            "Take a read-only snapshot: what was written before is in it.",
            "Several are taken at the same moment, all of them or none."
        })
final class SnapshotCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "SUBVOL@SNAP",
            description = "The snapshots' names.")
    List<String> names = List.of();

    @Option(
            names = "--all",
            paramLabel = "SNAP",
            description = "One of each subvolume, all with this name.")
    @Nullable String all;

    @Option(
            names = "--exclude",
            paramLabel = "SUBVOL",
            description = "With --all: not of this one. May be given more than once.")
    List<String> excluded = new ArrayList<>();

    @Override
    void checkArguments() throws IOException {
        if (names.isEmpty() == (all == null)) {
            throw new ParameterException(
                    output.command.commandLine(),
                    all == null
                            ? "Missing required parameter: 'SUBVOL@SNAP', or --all SNAP"
                            : "--all SNAP stands alone: it names no single snapshot besides");
        }
        if (all == null && !excluded.isEmpty()) {
            throw new ParameterException(
                    output.command.commandLine(), "--exclude goes with --all SNAP");
        }
        for (String name : names) {
            Ref.parseSnapshot(name);
        }
        if (all != null) {
            Ref.parseSnapshot("any@" + all);
        }
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        List<Ref> live = new ArrayList<>();
        for (String name : names) {
            live.add(new Ref(Ref.parseSnapshot(name).subvolume(), null));
        }
        for (String name : excluded) {
            live.add(Ref.parseSubvolume(name));
        }
        return live.stream().distinct().toList();
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<SubvolumeInfo> taken = session.pool().snapshot(wanted(session));
        if (names.size() == 1) {
            output.printQuietly(PoolJson.of(taken.getFirst()));
            return;
        }
        output.print(
                PoolJson.ofSnapshots(taken),
                out -> {
                    if (all != null) {
                        taken.forEach(each -> out.println(each.ref()));
                    }
                });
    }

    private List<Ref> wanted(PoolSession session) throws IOException {
        List<Ref> wanted = new ArrayList<>();
        if (all == null) {
            for (String name : names) {
                wanted.add(Ref.parseSnapshot(name));
            }
            return wanted;
        }
        Set<String> unknown = new TreeSet<>(excluded);
        for (SubvolumeInfo each : session.pool().list()) {
            String name = each.ref().subvolume();
            unknown.remove(name);
            if (!each.ref().isSnapshot() && !excluded.contains(name)) {
                wanted.add(new Ref(name, all));
            }
        }
        if (!unknown.isEmpty()) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "--exclude: '"
                            + String.join("', '", unknown)
                            + "' does not exist: no snapshot was taken");
        }
        if (wanted.isEmpty()) {
            throw new RequestException(
                    ErrorKind.INVALID, "--exclude leaves no subvolume: no snapshot was taken");
        }
        return wanted;
    }
}
