package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.PoolOperations;
import cowfs.api.ScrubReport;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.ScrubJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// `cowfs scrub`.
@Command(
        name = "scrub",
        description = {
            "Verify all metadata copies, all file data and the superblocks, and repair bad copies.",
            "The pool may be in use. Ctrl-C stops the scrub, also that of a mounted pool; the next one goes on from"
                    + " there, and keeps what was found.",
            "Exit code 0: clean, or all was repaired; 1: damage is left, or it did not finish."
        })
final class ScrubCommand extends PoolCommand {
    private static final long POLL_MILLIS = 200;

    @Option(
            names = "--rate",
            paramLabel = "SIZE",
            description = "The most to read in a second, such as 50M. Default: no limit.")
    @Nullable Bytes rate;

    @Option(names = "--restart", description = "Begin anew, even if the last one did not finish.")
    boolean restart;

    @Option(names = "--status", description = "Only tell how far it is or how the last one ended.")
    boolean status;

    @Option(names = "--stop", description = "Stop the one that is running; it can go on later.")
    boolean stop;

    private int exitCode;
    private @Nullable CountDownLatch ending;

    @Override
    OpenOptions options() {
        return status || stop ? OpenOptions.READ_ONLY : OpenOptions.DEFAULTS;
    }

    @Override
    int exitCode() {
        return exitCode;
    }

    @Override
    void run(PoolSession session) throws IOException {
        if (rate != null && rate.value() == 0) {
            throw new ParameterException(
                    output.command.commandLine(),
                    "--rate 0 would never end: leave it out for no limit");
        }
        if (status && stop) {
            throw new RequestException(ErrorKind.INVALID, "give either --status or --stop");
        }
        PoolOperations pool = session.pool();
        if (stop) {
            pool.stopScrub();
        } else if (!status) {
            scrub(pool);
        }
        ScrubReport report = pool.scrub();
        boolean good = report.isFinished() && report.lostCount() == 0;
        exitCode = good || ((status || stop) && report.lostCount() == 0) ? 0 : 1;
        output.print(ScrubJson.of(report), out -> print(report, out));
    }

    /// Runs one to its end, or until the command is asked to end.
    private void scrub(PoolOperations pool) throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        Thread interrupt = new Thread(() -> stopAndWait(pool, done), "stop-scrub");
        pool.startScrub(rate == null ? 0 : rate.value(), restart);
        Runtime.getRuntime().addShutdownHook(interrupt);
        try (Progress progress = Progress.onTerminal("scrubbed")) {
            for (ScrubReport now = pool.scrub(); now.isRunning(); now = pool.scrub()) {
                progress.show(now.verifiedBytes(), now.totalBytes());
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the scrub", e);
        } finally {
            removeHook(interrupt);
            ending = done;
        }
    }

    @Override
    void closed() {
        if (ending != null) {
            ending.countDown();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // it is running, and waits for this command to end
            return;
        }
    }

    /// The process ends when this returns.
    private static void stopAndWait(PoolOperations pool, CountDownLatch done) {
        try {
            pool.stopScrub();
            done.await(30, TimeUnit.SECONDS);
        } catch (IOException e) {
            System.err.println("cowfs: the scrub goes on: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void print(ScrubReport report, PrintWriter out) {
        report.lost().forEach(out::println);
        if (report.lostCount() > report.lost().size() && !report.isRunning()) {
            out.println("... and " + (report.lostCount() - report.lost().size()) + " more");
        }
        String verified = Sizes.format(report.verifiedBytes()) + " verified";
        String found =
                (report.repairedCount() == 0
                                ? ""
                                : ", "
                                        + CountText.of(report.repairedCount(), "bad copy")
                                        + " repaired")
                        + (report.lostCount() == 0
                                ? ""
                                : ", "
                                        + CountText.of(report.lostCount(), "place")
                                        + " beyond repair");
        String when = report.updated() == null ? "" : " (" + report.updated().toInstant() + ")";
        out.println(
                switch (report.state()) {
                    case "never" -> "never scrubbed";
                    case "running" ->
                            "running: "
                                    + verified
                                    + " of about "
                                    + Sizes.format(report.totalBytes())
                                    + found;
                    case "finished" ->
                            (report.lostCount() > 0
                                            ? "damaged: "
                                            : report.repairedCount() > 0 ? "repaired: " : "clean: ")
                                    + verified
                                    + found
                                    + when;
                    case "failed" -> "failed: " + report.failure() + "; " + verified + found;
                    default ->
                            "stopped: "
                                    + verified
                                    + " of about "
                                    + Sizes.format(report.totalBytes())
                                    + found
                                    + "; 'cowfs scrub' goes on from here"
                                    + when;
                });
    }
}
