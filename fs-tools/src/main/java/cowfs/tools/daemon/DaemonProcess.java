package cowfs.tools.daemon;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.EngineLog;
import cowfs.tools.control.Log;
import cowfs.tools.control.Wire;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.Programs;
import cowfs.tools.text.ErrorText;
import cowfs.tools.text.JsonObject;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The daemon as a process of its own, from both sides: the command that starts it, and its main.
///
/// The daemon says on its standard output, in one line of the control protocol, that it has mounted
/// or why not; then it closes that. Its standard error is the log.
public final class DaemonProcess {
    /// The member of the reply that says how the last daemon of the image ended, if that was not
    /// well.
    public static final String PREVIOUS_END = "previous_end";

    /// How long a mount may take before somebody is told that it is being waited for.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private DaemonProcess() {}

    /// Starts a daemon and waits until it has mounted.
    ///
    /// @param note told when that takes long
    /// @return the status of the daemon
    public static JsonObject launch(DaemonSettings settings, Consumer<String> note)
            throws IOException {
        Endpoint endpoint = Endpoint.of(settings.image());
        // its own until it has the image's lock: another daemon may be writing to the image's
        Path log =
                endpoint.log()
                        .resolveSibling(
                                endpoint.log().getFileName() + "." + ProcessHandle.current().pid());
        Process process =
                new ProcessBuilder(command(settings, endpoint, log))
                        .directory(new File("/")) // keeps no other mount busy
                        .redirectInput(new File("/dev/null"))
                        .redirectError(log.toFile())
                        .start();
        CompletableFuture<Void> late =
                CompletableFuture.runAsync(
                        () -> note.accept(waiting(process, existing(log, endpoint))),
                        CompletableFuture.delayedExecutor(
                                PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            if (line == null) {
                throw new IOException(
                        "the daemon ended before it had mounted (exit code "
                                + exitCode(process)
                                + "); its log tells why: "
                                + existing(log, endpoint));
            }
            return Wire.result(line);
        } finally {
            late.cancel(false);
        }
    }

    private static Path existing(Path log, Endpoint endpoint) {
        return Files.exists(log) ? log : endpoint.log();
    }

    private static String waiting(Process process, Path log) {
        return "still waiting for the daemon, process "
                + process.pid()
                + ", to mount; its log is "
                + log
                + ", and 'kill "
                + process.pid()
                + "' gives up";
    }

    /// Serves in this process: mounts, and returns when all is closed.
    ///
    /// @param mounted told, when the mount is up
    public static void run(DaemonSettings settings, Mounter mounter, Log log, Mounted mounted)
            throws IOException {
        Started started = start(settings, mounter, log, null);
        try {
            mounted.mounted(started.reply());
        } catch (IOException | RuntimeException | Error e) {
            started.daemon().stopServing();
            throw e;
        }
        started.daemon().serve();
    }

    /// The main of the daemon: as {@link #run}, telling the process that started this one how the
    /// start went.
    ///
    /// @param logFile what `log` writes to; becomes the log of the image
    /// @return the exit code
    public static int runDetached(
            DaemonSettings settings, Mounter mounter, Log log, Path logFile, PrintStream starter)
            throws IOException {
        Daemon daemon;
        try {
            Started started = start(settings, mounter, log, logFile);
            daemon = started.daemon();
            tell(starter, Wire.ok(started.reply()));
        } catch (IOException e) {
            tell(starter, Wire.error(e));
            Files.deleteIfExists(logFile); // all has been told
            return 1;
        } catch (RuntimeException | Error e) {
            log.write("a defect ended the start", e);
            tell(
                    starter,
                    Wire.error(
                            new RequestException(
                                    ErrorKind.IO,
                                    (e instanceof OutOfMemoryError
                                                    ? "the mount failed, as the daemon got no memory or no more threads ("
                                                    : "the mount failed, by a defect of cowfs (")
                                            + ErrorText.describe(e)
                                            + (e instanceof OutOfMemoryError
                                                    ? "): see 'ulimit -u', and its log "
                                                    : "); please report it with ")
                                            + existing(logFile, Endpoint.of(settings.image())),
                                    e)));
            return 1;
        }
        try {
            daemon.serve();
            return 0;
        } catch (IOException | RuntimeException | Error e) {
            log.write("the image was not closed well: " + ErrorText.describe(e), e);
            return 1;
        }
    }

    private static Started start(
            DaemonSettings settings, Mounter mounter, Log log, @Nullable Path logFile)
            throws IOException {
        EngineLog.sendTo(
                (message, thrown) -> {
                    if (thrown == null) {
                        log.write(message);
                    } else {
                        log.write(message, thrown);
                    }
                });
        Path image = settings.image();
        Endpoint endpoint = Endpoint.of(image);
        Pool pool = open(settings);
        String previousEnd;
        try {
            previousEnd = endpoint.setLogAside();
            if (logFile != null) {
                Files.move(logFile, endpoint.log());
            }
        } catch (IOException e) {
            pool.close();
            throw e;
        }
        Daemon daemon;
        Map<String, @Nullable Object> reply;
        try {
            daemon = Daemon.start(image, endpoint, pool, mounter, settings.mount(), log);
            reply = statusOf(daemon);
        } catch (IOException e) {
            Files.deleteIfExists(endpoint.log());
            if (!previousEnd.isEmpty()) {
                endpoint.restoreLog(); // for who mounts next
            }
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(daemon::stop, "stop"));
        reply.put(PREVIOUS_END, previousEnd);
        return new Started(daemon, reply);
    }

    /// The status of a daemon that has just mounted.
    private static Map<String, @Nullable Object> statusOf(Daemon daemon) throws IOException {
        try {
            return daemon.status().toJson();
        } catch (IOException e) { // unmounted, or ended, by now
            daemon.stopServing();
            throw e;
        }
    }

    /// What takes no changes does not have to be written.
    private static Pool open(DaemonSettings settings) throws IOException {
        Path image = settings.image();
        OpenOptions options = settings.openOptions();
        try {
            return PoolLocator.openWaiting(image, () -> Images.open(image, options));
        } catch (CowException e) {
            if (e.kind() != ErrorKind.READ_ONLY) {
                throw e;
            }
            if (!settings.mount().readOnly()) {
                throw new RequestException(
                        ErrorKind.READ_ONLY, e.getMessage() + "; mount it with -o ro", e);
            }
            return Images.open(
                    image,
                    new OpenOptions(true, options.nodeCacheBytes(), options.commitInterval()));
        }
    }

    private static void tell(PrintStream starter, String line) {
        starter.println(line);
        starter.close();
    }

    private static List<String> command(DaemonSettings settings, Endpoint endpoint, Path log) {
        List<String> command = new ArrayList<>();
        // a session of its own: the terminal's signals and end are not meant for it
        Programs.lookup("setsid").ifPresent(setsid -> command.add(setsid.toString()));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions(settings.heapBytes(), endpoint.log()));
        command.addAll(classCache());
        command.add("-cp");
        command.add(
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .collect(Collectors.joining(File.pathSeparator)));
        command.add("cowfs.tools.Main");
        command.add("daemon");
        command.add("--log=" + log);
        command.addAll(settings.toArguments());
        return command;
    }

    static List<String> jvmOptions(long heapBytes, Path log) {
        return List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx" + heapBytes,
                // half alive is worse than dead: what was committed is safe, and the mount says
                // that it is gone
                "-XX:+ExitOnOutOfMemoryError",
                // in the log is what the JVM says of its end
                "-XX:+DisplayVMOutputToStderr",
                // its warnings too, which by themselves go where the reply is read; of the class
                // cache, which is left out when it does not fit, none
                "-Xlog:disable",
                "-Xlog:all=warning,aot*=off,cds*=off:stderr",
                "-XX:ErrorFile=" + log + ".jvm");
    }

    /// The ahead-of-time cache that a build has put beside its jar. The JVM leaves it out, and says
    /// nothing, when it does not fit.
    private static List<String> classCache() {
        Path cache = Path.of(System.getProperty("java.class.path")).resolveSibling("cowfs.aot");
        return Files.isReadable(cache)
                ? List.of("-XX:AOTCache=" + cache.toAbsolutePath())
                : List.of();
    }

    private static int exitCode(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the daemon was starting", e);
        }
    }

    /// @param reply the status of the daemon, and {@link #PREVIOUS_END}
    private record Started(Daemon daemon, Map<String, @Nullable Object> reply) {}

    /// Told when the mount is up.
    @FunctionalInterface
    public interface Mounted {
        /// @param reply the status of the daemon, and {@link #PREVIOUS_END}
        void mounted(Map<String, @Nullable Object> reply) throws IOException;
    }
}
