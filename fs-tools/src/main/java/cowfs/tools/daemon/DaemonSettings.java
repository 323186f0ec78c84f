package cowfs.tools.daemon;

import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a daemon needs to know at its start.
///
/// @param image absolute
/// @param cacheBytes bound on the node cache
/// @param commitInterval the longest time that a change stays uncommitted
public record DaemonSettings(
        Path image, Daemon.FirstMount mount, long cacheBytes, Duration commitInterval) {
    private static final long MIB = 1L << 20;

    /// What the heap holds beside the node cache: dirty nodes, requests in flight, the JVM's and
    /// FUSE's own.
    private static final long BASE_HEAP_BYTES = 256 * MIB;

    /// The bound on the daemon's heap: 256 MiB and twice the node cache, for what the garbage
    /// collector needs.
    public long heapBytes() {
        return BASE_HEAP_BYTES + 2 * cacheBytes;
    }

    OpenOptions openOptions() {
        return new OpenOptions(false, cacheBytes, commitInterval);
    }

    /// As arguments of the hidden `daemon` subcommand.
    List<String> toArguments() {
        List<String> arguments = new ArrayList<>();
        arguments.add("--subvol=" + mount.ref());
        arguments.add("--cache=" + cacheBytes);
        arguments.add("--commit=" + commitInterval.toMillis() + "ms");
        if (!mount.options().isEmpty()) {
            arguments.add("-o");
            arguments.add(String.join(",", mount.options()));
        }
        arguments.add("--");
        arguments.add(image.toString());
        arguments.add(mount.directory().toString());
        return arguments;
    }

    /// The defaults, for an image's first mount of a ref.
    public static DaemonSettings of(Path image, Ref ref, Path directory) {
        return new DaemonSettings(
                image,
                new Daemon.FirstMount(ref, directory, List.of()),
                OpenOptions.DEFAULT_NODE_CACHE_BYTES,
                OpenOptions.DEFAULTS.commitInterval());
    }
}
