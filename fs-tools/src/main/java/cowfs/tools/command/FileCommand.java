package cowfs.tools.command;

import cowfs.api.PinnedState;
import cowfs.api.Ref;
import cowfs.tools.files.FilePlace;
import cowfs.tools.files.ImageFiles;
import cowfs.tools.files.Missing;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.PoolLocator.ImageOpener;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// A subcommand that reads files of a subvolume or snapshot without a mount.
///
/// An image that is not mounted is opened for reading only, and read past damage. A mounted one is
/// read through its daemon, in the state that it has when the command starts, with all that was
/// written before.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
abstract class FileCommand extends PoolCommand {
    @Parameters(
            index = "1",
            paramLabel = "REF:/path",
            description =
                    "A file in a subvolume or snapshot, such as main:/etc/fstab or main@monday:/. Bytes that are no"
                            + " printable text are written \\xHH, as 'cowfs ls' prints them, a backslash \\\\.")
    String place;

    @Option(
            names = "--as-of",
            paramLabel = "TIME",
            converter = AsOf.Converter.class,
            description = AsOf.DESCRIPTION)
    @Nullable AsOf asOf;

    private @Nullable Missing missing;

    /// What is read; set by {@link #run}.
    private @Nullable Ref read;

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(place().ref());
    }

    @Override
    void checkArguments() throws IOException {
        if (asOf != null) {
            AsOf.requireLive(place().ref());
        }
    }

    final FilePlace place() throws IOException {
        return FilePlace.parse(place);
    }

    /// What can't be read: a line on stderr each, and exit code 1.
    final Missing missing() {
        Missing known = missing;
        if (known == null) {
            known = new Missing(output::note);
            missing = known;
        }
        return known;
    }

    @Override
    ImageOpener opener() {
        return PoolLocator.reading(missing());
    }

    @Override
    final int exitCode() {
        return missing().isEmpty() ? 0 : 1;
    }

    @Override
    final void run(PoolSession session) throws IOException {
        try (PinnedState state = session.pool().pin()) {
            Ref ref = place().ref();
            if (asOf != null) {
                ref = asOf.snapshot(ref, state.list(), output::note);
            }
            read = ref;
            run(state, new ImageFiles(state.volume(ref), missing()));
        }
    }

    abstract void run(PinnedState state, ImageFiles files) throws IOException;

    /// The members that every result begins with.
    final Map<String, @Nullable Object> result(PinnedState state) throws IOException {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("ref", String.valueOf(read));
        json.put("path", place().path());
        json.put("txg", state.txg());
        return json;
    }
}
