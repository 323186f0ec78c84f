package cowfs.fuse.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Which channel a mount gets. The rings are made before the kernel is asked for them, and given up
/// when it does not agree.
final class ChannelChoice {
    private static final Path ENABLED = Path.of("/sys/module/fuse/parameters/enable_uring");

    private final KernelOptions options;
    private final String name;
    private final Runnable abort;
    private final @Nullable RingChannel rings;

    /// Why there are no rings, for people; empty where nobody wanted any.
    private final String reason;

    /// @param name of the threads that serve
    /// @param abort takes the mount away when it can't be served any more
    ChannelChoice(KernelOptions options, String name, Runnable abort) {
        this.options = options;
        this.name = name;
        this.abort = abort;
        RingChannel made = null;
        String refusal = refusal();
        if (refusal == null) {
            refusal = "";
            try {
                made = RingChannel.prepare(name, options.threadCount(), abort);
            } catch (IOException e) {
                refusal = "no io_uring: " + e.getMessage();
            }
        }
        rings = made;
        reason = refusal;
    }

    /// Null when rings should be tried.
    private @Nullable String refusal() {
        if (options.channel() == ChannelKind.LOOP) {
            return "";
        }
        try {
            return Files.readString(ENABLED).startsWith("Y")
                    ? null
                    : "io_uring is off; for the next mount: echo 1 > " + ENABLED;
        } catch (NoSuchFileException e) {
            return "io_uring needs Linux 6.14";
        } catch (IOException e) {
            return "no io_uring: " + e.getMessage();
        }
    }

    /// The features that are asked for.
    long wantedFlags() {
        return options.wantedFlags() | (rings == null ? 0 : InitFlag.OVER_IO_URING.bit());
    }

    /// The mount has failed: nothing is needed.
    void giveUp() {
        if (rings != null) {
            rings.refuse();
        }
    }

    /// The channel for a connection.
    Channel channel(Connection connection, Dispatcher dispatcher) {
        if (rings == null) {
            return loop(connection, dispatcher, reason);
        }
        if (!connection.agreed().has(InitFlag.OVER_IO_URING)) {
            rings.refuse();
            return loop(connection, dispatcher, "the kernel refused io_uring");
        }
        rings.use(connection, dispatcher, loop(connection, dispatcher, ""));
        return rings;
    }

    private LoopChannel loop(Connection connection, Dispatcher dispatcher, String note) {
        return new LoopChannel(connection, dispatcher, name, options.threadCount(), abort, note);
    }
}
