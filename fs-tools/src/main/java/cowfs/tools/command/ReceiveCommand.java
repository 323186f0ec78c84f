package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `cowfs receive`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "receive",
        description = {
            "Receive what 'cowfs send' writes, from standard input or a file, as snapshots of the"
                    + " subvolume NAME, which is made by the first one.",
            "A snapshot is there when all of it has been verified. What a cut leaves is hidden; it"
                    + " can be gone on with (--token) or given up (--abort)."
        })
final class ReceiveCommand extends PoolCommand {
    private static final int BUFFER_BYTES = 1 << 20;

    @Parameters(index = "1", paramLabel = "NAME", description = "The subvolume to receive into.")
    String name;

    @ArgGroup What what;

    private boolean nothingToGoOnWith;

    /// Receive from a file, or something else.
    static final class What {
        @Option(
                names = {"-i", "--input"},
                paramLabel = "FILE",
                description = "Read this file instead of standard input; - is that too.")
        @Nullable Path file;

        @Option(
                names = "--token",
                description =
                        "Receive nothing; print where the last receive, which was cut, can go on:"
                                + " for 'cowfs send --resume'.")
        boolean token;

        @Option(
                names = "--snapshots",
                description =
                        "Receive nothing; print the snapshots that there are, each with the identity that"
                                + " it has in every image that has it.")
        boolean snapshots;

        @Option(names = "--abort", description = "Receive nothing; give up what a cut has left.")
        boolean abort;
    }

    @Override
    void checkArguments() throws IOException {
        Ref.parseSubvolume(name);
    }

    @Override
    void run(PoolSession session) throws IOException {
        if (what != null && what.token) {
            printToken(session);
        } else if (what != null && what.snapshots) {
            printSnapshots(session);
        } else if (what != null && what.abort) {
            session.pool().streams().abortReceive(name);
            if (!session.isMounted()) {
                session.pool().awaitReclaim(); // nobody else gives the space back
            }
        } else {
            receive(session, what == null ? null : Dash.file(what.file));
        }
    }

    @Override
    int exitCode() {
        return nothingToGoOnWith ? 1 : 0;
    }

    private void printToken(PoolSession session) throws IOException {
        String token = session.pool().streams().receiveToken(name);
        Map<String, @Nullable Object> members = PoolJson.members();
        members.put("name", name);
        members.put("token", token);
        output.print(
                members,
                out -> {
                    if (token != null) {
                        out.println(token);
                    }
                });
        if (token == null) {
            output.note("no receive into '" + name + "' was cut: there is nothing to go on with");
            nothingToGoOnWith = true;
        }
    }

    private void printSnapshots(PoolSession session) throws IOException {
        SequencedMap<Ref, UUID> identities = session.pool().streams().identities(name);
        output.print(
                PoolJson.ofIdentities(identities),
                out -> identities.forEach((ref, identity) -> out.println(identity + "  " + ref)));
    }

    private void receive(PoolSession session, @Nullable Path file) throws IOException {
        List<SubvolumeInfo> received;
        try (Progress progress = Progress.onTerminal("receiving");
                InputStream source =
                        file == null
                                ? new FileInputStream(FileDescriptor.in)
                                : Files.newInputStream(file)) {
            InputStream counted =
                    new CountedInput(source, progress, file == null ? 0 : Files.size(file));
            received =
                    session.pool()
                            .streams()
                            .receive(name, new BufferedInputStream(counted, BUFFER_BYTES));
        }
        output.printQuietly(PoolJson.items(received.stream().map(PoolJson::of).toList()));
    }
}
