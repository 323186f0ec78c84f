package cowfs.tools.command;

import cowfs.api.BookmarkRef;
import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.place.PoolSession;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs send`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "send",
        description = {
            "Write a snapshot, or its difference to an earlier one, to standard output or a file, for"
                    + " 'cowfs receive'.",
            "The pool may be in use meanwhile; only the snapshots can't be deleted."
        })
final class SendCommand extends PoolCommand {
    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SUBVOL@SNAP",
            description = "The snapshot to send.")
    @Nullable String name;

    @Option(
            names = "--from",
            paramLabel = "SUBVOL@SNAP",
            description =
                    "Send only what differs from this snapshot, which the receiver has. When it is"
                            + " deleted here: a bookmark of it, as SUBVOL#BOOKMARK.")
    @Nullable String from;

    @Option(
            names = "--between",
            description =
                    "Send the snapshots between the two as well; without --from all up to the one"
                            + " that is named.")
    boolean between;

    @Option(
            names = "--resume",
            paramLabel = "TOKEN",
            description =
                    "Go on where a receive was cut: with what 'cowfs receive --token' prints.")
    @Nullable String token;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Write to this file instead of standard output. It is there, or replaced, only when"
                            + " the stream is whole; a device or named pipe is written into.")
    @Nullable Path file;

    @Override
    void checkArguments() throws IOException {
        if ((name == null) == (token == null)) {
            throw new ParameterException(
                    output.command.commandLine(),
                    "say which snapshot to send, or give a token with --resume, but not both");
        }
        if (token != null && (from != null || between)) {
            throw new ParameterException(
                    output.command.commandLine(), "--resume says itself from where it goes on");
        }
        if (token != null) {
            SendRequest.requireToken(token);
        }
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        List<Ref> refs = new ArrayList<>();
        if (name != null) {
            refs.add(Ref.parseSnapshot(name));
        }
        BookmarkRef bookmark = baseBookmark();
        Ref snapshot = baseSnapshot();
        if (bookmark != null) {
            refs.add(new Ref(bookmark.subvolume(), null));
        } else if (snapshot != null) {
            refs.add(snapshot);
        }
        return refs;
    }

    /** The base when it is a bookmark, else null. */
    private @Nullable BookmarkRef baseBookmark() throws RequestException {
        return from != null && BookmarkRef.isBookmark(from) ? BookmarkRef.parse(from) : null;
    }

    /** The base when it is a snapshot, else null. */
    private @Nullable Ref baseSnapshot() throws RequestException {
        return from == null || BookmarkRef.isBookmark(from) ? null : Ref.parseSnapshot(from);
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        SendRequest request =
                new SendRequest(
                        name == null ? null : Ref.parseSnapshot(name),
                        baseSnapshot(),
                        baseBookmark(),
                        between,
                        token);
        long expectedBytes = expectedBytes(session, request);
        Path to = Dash.file(file);
        if (to == null) {
            requireNoTerminal();
            send(session, request, new FileOutputStream(FileDescriptor.out), expectedBytes);
            return;
        }
        try (OutputFile target = new OutputFile(to)) {
            send(session, request, target.stream(), expectedBytes);
            target.finish();
        }
    }

    private static void send(
            PoolSession session, SendRequest request, OutputStream target, long expectedBytes)
            throws IOException {
        try (Progress progress = Progress.onTerminal("sending")) {
            session.pool()
                    .streams()
                    .send(request, new CountedOutput(target, progress, expectedBytes));
        }
    }

    /// About as many bytes as a full stream of one snapshot has; 0 when nobody can know.
    private long expectedBytes(PoolSession session, SendRequest request) throws IOException {
        if (request.snapshot() == null || from != null || request.between()) {
            return 0;
        }
        return session.pool().list().stream()
                .filter(each -> each.ref().equals(request.snapshot()))
                .mapToLong(SubvolumeInfo::referencedBytes)
                .sum();
    }

    private static void requireNoTerminal() throws IOException {
        Path out = Path.of("/proc/self/fd/1");
        if (Files.isSymbolicLink(out)) {
            String target = Files.readSymbolicLink(out).toString();
            if (target.startsWith("/dev/pts/") || target.startsWith("/dev/tty")) {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "a stream is nothing to read on a terminal: redirect it, or give a file with -o");
            }
        }
    }
}
