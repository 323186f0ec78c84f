package cowfs.tools.replica;

import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.commons.io.IOUtils;
import org.jspecify.annotations.Nullable;

/// A replica behind a command that runs the cowfs of another machine, such as `ssh backup cowfs`.
///
/// The words behind that command pass through one shell or two, which nobody here can know: so they
/// are ones that no shell changes.
final class CommandSide implements ReplicaSide {
    private static final String PREFIX = "cowfs: ";

    private final String command;
    private final String pool;
    private final String name;

    /// @param command of a shell
    /// @param pool as the other side names it
    CommandSide(String command, String pool, String name) throws RequestException {
        this.command = command;
        this.pool = pool;
        this.name = name;
        requirePlain(pool);
        requirePlain(name);
    }

    private static void requirePlain(String word) throws RequestException {
        if (!CommandHint.isPlain(word)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + word
                            + "' can't be passed on by --to: use letters, digits and _ @ % + = : , . / -");
        }
    }

    /// What a command wrote, and what it complained of.
    ///
    /// @param words behind the command that reaches the other side
    private record Done(List<String> words, int exitCode, String out, String err) {
        boolean isSuccess() {
            return exitCode == 0;
        }
    }

    @Override
    public SequencedMap<Ref, UUID> identities() throws IOException {
        return PoolJson.identities(json("receive", "--snapshots", "--json", pool, name));
    }

    @Override
    public @Nullable String token() throws IOException {
        Done done = run(null, "receive", "--token", "--json", pool, name);
        JsonObject reply = JsonObject.parse(requireOutput(done));
        return reply.has("token") ? reply.text("token") : null;
    }

    @Override
    public void abort() throws IOException {
        require(run(null, "receive", "--abort", pool, name));
    }

    @Override
    public void receive(Sending sending) throws IOException {
        require(run(sending, "receive", pool, name));
    }

    @Override
    public Set<Ref> held(List<Ref> snapshots) throws IOException {
        Set<Ref> held = new HashSet<>();
        for (JsonObject item : json(words(snapshots, "get", "--json", pool)).objects("items")) {
            if (Property.isHeld(item.object("properties").members())) {
                held.add(Ref.parse(item.text("ref")));
            }
        }
        return held;
    }

    @Override
    public void delete(List<Ref> snapshots) throws IOException {
        require(run(null, words(snapshots, "delete", pool)));
    }

    /// A command with the names of snapshots behind it.
    private static String[] words(List<Ref> snapshots, String... command) throws RequestException {
        List<String> words = new ArrayList<>(List.of(command));
        for (Ref each : snapshots) {
            requirePlain(each.toString());
            words.add(each.toString());
        }
        return words.toArray(String[]::new);
    }

    private JsonObject json(String... words) throws IOException {
        Done done = run(null, words);
        require(done);
        return JsonObject.parse(requireOutput(done));
    }

    private String requireOutput(Done done) throws IOException {
        if (done.out.isBlank()) {
            throw refused(done);
        }
        return done.out;
    }

    private void require(Done done) throws IOException {
        if (!done.isSuccess()) {
            throw refused(done);
        }
    }

    private RequestException refused(Done done) {
        String why = done.err.strip();
        why = why.substring(why.lastIndexOf('\n') + 1);
        why = why.startsWith(PREFIX) ? why.substring(PREFIX.length()) : why;
        return new RequestException(
                ErrorKind.IO,
                "'"
                        + command
                        + " "
                        + String.join(" ", done.words)
                        + (done.isSuccess()
                                ? "' printed nothing"
                                : "' failed with exit code " + done.exitCode)
                        + (why.isEmpty() ? "" : ": " + why)
                        + "; once it works, run replicate again: it goes on where it was");
    }

    private Done run(@Nullable Sending input, String... words) throws IOException {
        Process process = new ProcessBuilder(commandLine(words)).start();
        FutureTask<String> out = reading(process.getInputStream());
        FutureTask<String> err = reading(process.getErrorStream());
        WatchedOutput target = new WatchedOutput(process.getOutputStream());
        IOException notSent = null;
        try (target) {
            if (input != null) {
                input.to(target);
            }
        } catch (IOException failed) {
            notSent = failed;
        }
        try {
            Done done = new Done(List.of(words), process.waitFor(), out.get(), err.get());
            if (notSent != null && (done.isSuccess() || !target.isBroken())) {
                throw notSent;
            }
            return done;
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while '" + command + "' was running");
        } catch (ExecutionException failed) {
            throw new IOException("can't read what '" + command + "' writes", failed.getCause());
        }
    }

    private List<String> commandLine(String... words) {
        List<String> all = new ArrayList<>(List.of("sh", "-c", command + " \"$@\"", "sh"));
        all.addAll(Arrays.asList(words));
        return all;
    }

    private static FutureTask<String> reading(InputStream stream) {
        FutureTask<String> task =
                new FutureTask<>(() -> IOUtils.toString(stream, StandardCharsets.UTF_8));
        Thread.ofPlatform().daemon().name("read").start(task);
        return task;
    }
}
