package cowfs.tools.command;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import cowfs.error.CommandHint;
import cowfs.error.CowException;
import cowfs.tools.place.MountPoint;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.PoolLocator.ImageOpener;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.NearNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Parameters;

/// A subcommand that works on a pool, mounted or not.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
abstract class PoolCommand implements Callable<Integer> {
    private static final String POOL = "POOL";
    private static final String POOL_TEXT = "An image file, or any directory inside a cowfs mount.";

    @Parameters(index = "0", paramLabel = POOL, description = POOL_TEXT)
    Path pool;

    @Mixin Output output;

    /// Declares in code what the annotations of this class say, for a command that starts fast.
    final void declareCommon(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0")
                        .arity("1")
                        .required(true)
                        .type(Path.class)
                        .paramLabel(POOL)
                        .description(POOL_TEXT)
                        .setter(
                                new ISetter() {
                                    @Override
                                    public <T> T set(T value) {
                                        pool = (Path) value;
                                        return value;
                                    }
                                })
                        .build());
        output = Output.declareIn(spec);
    }

    @Override
    public final Integer call() throws IOException {
        List<Ref> refs =
                Usage.read(
                        output.command,
                        () -> {
                            checkArguments();
                            return existingRefs();
                        });
        try (PoolSession session = PoolLocator.open(pool, opener())) {
            tellLostMounts(session);
            try {
                run(session);
            } catch (CowException e) {
                throw CommandHint.inPool(NearNames.explain(e, session.pool(), refs), pool);
            }
        } finally {
            closed();
        }
        return exitCode();
    }

    /// The exit code when nothing was thrown.
    int exitCode() {
        return 0;
    }

    /// Says which mounts of the image have lost their daemon, as nothing else may tell the user.
    void tellLostMounts(PoolSession session) throws IOException {
        if (session.mounts().isEmpty()) {
            MountPoint.lost(session.image()).forEach(output::note);
        }
    }

    /// Called when the pool is no longer in use.
    void closed() {}

    /// Refuses arguments that can never mean anything, before the pool is opened.
    ///
    /// @throws cowfs.error.RequestException `INVALID`: it is reported as wrong usage
    void checkArguments() throws IOException {}

    /// The names in the arguments that must be there, parsed before the pool is opened.
    List<Ref> existingRefs() throws IOException {
        return List.of();
    }

    /// How to open an image that is not mounted.
    OpenOptions options() {
        return OpenOptions.DEFAULTS;
    }

    /// What opens an image that is not mounted.
    ImageOpener opener() {
        return image -> Images.open(image, options());
    }

    abstract void run(PoolSession session) throws IOException;
}
