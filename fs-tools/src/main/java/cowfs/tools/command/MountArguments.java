package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import cowfs.fuse.Transport;
import cowfs.tools.daemon.Daemon;
import cowfs.tools.daemon.DaemonSettings;
import cowfs.tools.daemon.FuseMounter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The arguments that say what to mount, for the command and for the daemon that it starts.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class MountArguments {
    @Option(
            names = "--subvol",
            paramLabel = "REF",
            description = "The subvolume or snapshot. Default: main.")
    String ref = Ref.MAIN.toString();

    @Option(
            names = "-o",
            split = ",",
            paramLabel = "OPTION",
            description =
                    "Mount options: ro, rw, allow_other. Mounts of root are for all users anyway.")
    List<String> options = List.of();

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            description =
                    "The way to the kernel: 'kernel', its own protocol on /dev/fuse, or 'jnr', libfuse 2. Default: kernel.")
    Transport transport = Transport.KERNEL;

    @Option(
            names = "--cache",
            paramLabel = "SIZE",
            description =
                    "Bound on the memory for unchanged metadata nodes. The daemon's heap is bounded to twice that"
                            + " and 256M. Default: 128M.")
    @Nullable Bytes cache;

    @Option(
            names = "--commit",
            paramLabel = "TIME",
            description = "The longest time that a change stays uncommitted. Default: 5s.")
    @Nullable Interval commit;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "The image.")
    Path image;

    @Parameters(index = "1", paramLabel = "DIR", description = "An empty directory.")
    Path directory;

    /// The words after `-o`, and the transport as one more.
    private List<String> mountOptions() {
        List<String> words = new ArrayList<>(options);
        if (transport != Transport.KERNEL) {
            words.add("transport=" + transport.name().toLowerCase(Locale.ROOT));
        }
        return words;
    }

    /// @param image absolute
    /// @param directory absolute
    /// @throws cowfs.error.RequestException `INVALID` for what is no name or no mount option
    DaemonSettings settings(Path image, Path directory) throws IOException {
        long cacheBytes = cache == null ? OpenOptions.DEFAULT_NODE_CACHE_BYTES : cache.value();
        Duration interval = commit == null ? OpenOptions.DEFAULTS.commitInterval() : commit.value();
        List<String> words = mountOptions();
        FuseMounter.parse(image, words);
        return new DaemonSettings(
                image,
                new Daemon.FirstMount(Ref.parse(ref), directory, words),
                cacheBytes,
                interval);
    }
}
