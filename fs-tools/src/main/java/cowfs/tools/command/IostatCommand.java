package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.PoolActivity;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.control.IoStatistics;
import cowfs.tools.control.IoStatistics.MountRequests;
import cowfs.tools.control.MountService;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `cowfs iostat`.
@Command(
        name = "iostat",
        description = {
            "Show what the daemon of a mounted image has done since it started.",
            "For each operation of the kernel: how often, how many bytes of files, and how long it took; then"
                    + " commits, the node cache, and what is changed and not yet durable."
        })
final class IostatCommand extends PoolCommand {
    @Option(
            names = "--interval",
            paramLabel = "TIME",
            description = "Show it again and again, until Ctrl-C or the last unmount.")
    @Nullable Interval interval;

    @Option(names = "--prometheus", description = "In the text format of Prometheus.")
    boolean prometheus;

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        MountService daemon =
                session.mounts()
                        .orElseThrow(
                                () ->
                                        new RequestException(
                                                ErrorKind.INVALID,
                                                session.image()
                                                        + " is not mounted; only a daemon counts"));
        show(daemon.statistics());
        while (interval != null) {
            try {
                Thread.sleep(interval.value());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            show(daemon.statistics());
        }
    }

    private void show(IoStatistics statistics) throws IOException {
        output.print(
                statistics.toJson(),
                out -> {
                    if (prometheus) {
                        out.print(IoMetrics.of(statistics));
                    } else {
                        print(statistics, out);
                    }
                });
    }

    private static void print(IoStatistics statistics, PrintWriter out) {
        for (MountRequests mount : statistics.mounts()) {
            out.println(mount.ref() + " on " + mount.directory());
            if (!mount.requests().isEmpty()) {
                requests(mount).print(out);
            }
            out.println();
        }
        PoolActivity pool = statistics.pool();
        long nodes = pool.cachedNodeReads() + pool.deviceNodeReads();
        String times =
                pool.commitCount() == 0
                        ? ""
                        : ", "
                                + millis(pool.commitNanos() / pool.commitCount() / 1000)
                                + " on average, "
                                + millis(pool.longestCommitNanos() / 1000)
                                + " at most; operations kept out for "
                                + millis(pool.longestFreezeNanos() / 1000)
                                + " at most";
        String hits =
                nodes == 0 ? "" : ", " + 100 * pool.cachedNodeReads() / nodes + "% in the cache";
        out.println("commits   " + pool.commitCount() + times);
        out.println("nodes     " + nodes + " asked for" + hits);
        out.println(
                "dirty     " + Sizes.format(pool.dirtyBytes()) + " of metadata, not yet durable");
    }

    private static Table requests(MountRequests mount) {
        Table table =
                new Table(
                        Table.words("OPERATION"),
                        Table.numbers("COUNT"),
                        Table.numbers("BYTES"),
                        Table.numbers("50%"),
                        Table.numbers("95%"),
                        Table.numbers("99%"),
                        Table.numbers("LONGEST"));
        mount.requests()
                .forEach(
                        (name, time) ->
                                table.add(
                                        name,
                                        Long.toString(time.count()),
                                        time.bytes() == 0 ? "-" : Sizes.format(time.bytes()),
                                        millis(time.halfMicros()),
                                        millis(time.most95Micros()),
                                        millis(time.most99Micros()),
                                        millis(time.longestMicros())));
        return table;
    }

    private static String millis(long micros) {
        return micros / 1000 + "." + Long.toString(1000 + micros % 1000).substring(1) + "ms";
    }
}
