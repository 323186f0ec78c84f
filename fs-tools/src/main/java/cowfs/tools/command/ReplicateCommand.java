package cowfs.tools.command;

import cowfs.api.BookmarkRef;
import cowfs.api.OpenOptions;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.PoolSession;
import cowfs.tools.policy.PolicyRun;
import cowfs.tools.policy.SnapshotPolicy;
import cowfs.tools.replica.Replication;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `cowfs replicate`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "replicate",
        description = {
            "Send the snapshots of a subvolume that another pool has not got yet, as increments to the"
                    + " newest one that both have.",
            "What was cut the last time goes on where it was. Run it again, from a timer, as often as"
                    + " you like."
        })
final class ReplicateCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "SUBVOL", description = "What to replicate.")
    String name;

    @Parameters(
            index = "2",
            paramLabel = "TARGET",
            description = "The other pool: an image, or a directory in a mount of it.")
    String target;

    @Option(
            names = "--to",
            paramLabel = "CMD",
            description =
                    "How to run the cowfs of the machine that has TARGET, such as 'ssh backup cowfs'."
                            + " Without it TARGET is on this machine.")
    @Nullable String command;

    @Option(
            names = "--as",
            paramLabel = "NAME",
            description = "What the subvolume is called there. Default: as here.")
    @Nullable String as;

    @Option(names = "--snapshot", description = "Take a snapshot first, named as policies do.")
    boolean snapshot;

    @Option(
            names = "--keep",
            paramLabel = "RULES",
            description =
                    "Then thin both sides out by these rules (see 'cowfs help policy'): only what"
                            + " policies or --snapshot took, nothing that is held, and not the newest that"
                            + " both have.")
    @Nullable String rules;

    @Option(
            names = "--bookmark",
            paramLabel = "NAME",
            description =
                    "Keep a bookmark SUBVOL#NAME of the newest snapshot that both have, one for each"
                            + " TARGET: the next run starts from it if that snapshot is deleted here.")
    @Nullable String bookmark;

    @Override
    void checkArguments() throws IOException {
        bookmark();
        Ref.parseSubvolume(name);
        Ref.parseSubvolume(replica());
        if (rules != null) {
            SnapshotPolicy.parse(rules);
        }
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(Ref.parseSubvolume(name));
    }

    private String replica() {
        return as == null ? name : as;
    }

    @Override
    void run(PoolSession session) throws IOException {
        PoolOperations pool = session.pool();
        if (snapshot) {
            pool.snapshot(PolicyRun.nameFor(name, Instant.now()));
        }
        Replication.Result done;
        try (Progress progress = Progress.onTerminal("sending")) {
            UnaryOperator<OutputStream> watch = out -> new CountedOutput(out, progress, 0);
            if (command != null) {
                done =
                        Replication.to(command, target, replica(), pool, name, watch)
                                .run(keep(), bookmark());
            } else {
                requireOther(session);
                try (PoolSession other = PoolLocator.open(Path.of(target), OpenOptions.DEFAULTS)) {
                    done =
                            Replication.to(target, other.pool(), replica(), pool, name, watch)
                                    .run(keep(), bookmark());
                }
            }
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("sent", PoolJson.names(done.sent()));
        json.put("deleted", PoolJson.names(done.deleted()));
        json.put("deleted_there", PoolJson.names(done.deletedThere()));
        output.print(
                json,
                out -> {
                    done.sent().forEach(each -> out.println("sent " + each));
                    done.deleted().forEach(each -> out.println("deleted " + each));
                    done.deletedThere().forEach(each -> out.println("deleted there " + each));
                });
    }

    /// An image that is not mounted can't be opened again beside itself.
    private void requireOther(PoolSession session) throws IOException {
        Path there = Path.of(target);
        if (session.mounts().isEmpty()
                && Files.exists(there)
                && Files.isSameFile(there, session.image())) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    target + " is the image to replicate itself: name another as TARGET");
        }
    }

    private @Nullable BookmarkRef bookmark() throws IOException {
        return bookmark == null ? null : BookmarkRef.of(name, bookmark);
    }

    private @Nullable SnapshotPolicy keep() throws IOException {
        return rules == null ? null : SnapshotPolicy.parse(rules);
    }
}
