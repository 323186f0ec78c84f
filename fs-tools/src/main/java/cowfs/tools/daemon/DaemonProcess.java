package cowfs.tools.daemon;

import cowfs.api.Images;
import cowfs.api.Pool;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.Log;
import cowfs.tools.control.MountService;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The daemon as a process of its own, from both sides: the command that starts it, and its main.
///
/// The daemon says on its standard output, in one line of the control protocol, that it has mounted
/// or why not; then it closes that. Its standard error is the log.
public final class DaemonProcess {
    private static final long MAX_LOG_BYTES = 1 << 20;

    private DaemonProcess() {}

    /// Starts a daemon and waits until it has mounted.
    ///
    /// @return the status of the daemon
    public static JsonObject launch(DaemonSettings settings) throws IOException {
        Endpoint endpoint = Endpoint.of(settings.image());
        Path log = endpoint.log();
        if (Files.exists(log) && Files.size(log) > MAX_LOG_BYTES) {
            Files.delete(log);
        }
        Process process =
                new ProcessBuilder(command(settings, endpoint))
                        .directory(new File("/")) // keeps no other mount busy
                        .redirectInput(new File("/dev/null"))
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            if (line == null) {
                throw new IOException(
                        "the daemon ended before it had mounted (exit code "
                                + exitCode(process)
                                + "); its log tells why: "
                                + log);
            }
            return Wire.result(line);
        }
    }

    /// The main of the daemon: mounts, serves, and returns when all is closed.
    ///
    /// @param mounted told, when the mount is up
    public static void run(DaemonSettings settings, Mounter mounter, Log log, Mounted mounted)
            throws IOException {
        Path image = settings.image();
        Endpoint endpoint = Endpoint.of(image);
        Daemon daemon =
                Daemon.start(image, endpoint, open(settings), mounter, settings.mount(), log);
        Runtime.getRuntime().addShutdownHook(new Thread(daemon::stop, "stop"));
        mounted.mounted(daemon.status());
        daemon.serve();
    }

    /// As {@link #run}, telling the process that started this one how it went.
    ///
    /// @return the exit code
    public static int runDetached(
            DaemonSettings settings, Mounter mounter, Log log, PrintStream starter)
            throws IOException {
        try {
            run(settings, mounter, log, status -> tell(starter, Wire.ok(status.toJson())));
            return 0;
        } catch (IOException | RuntimeException | Error e) {
            log.write("ended: " + ErrorText.describe(e), e);
            tell(starter, Wire.error(e));
            return 1;
        }
    }

    private static Pool open(DaemonSettings settings) throws IOException {
        return PoolLocator.openWaiting(
                settings.image(), () -> Images.open(settings.image(), settings.openOptions()));
    }

    private static void tell(PrintStream starter, String line) {
        starter.println(line);
        starter.close();
    }

    private static List<String> command(DaemonSettings settings, Endpoint endpoint) {
        List<String> command = new ArrayList<>();
        // a session of its own: the terminal's signals and end are not meant for it
        Programs.lookup("setsid").ifPresent(setsid -> command.add(setsid.toString()));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("-Xmx" + settings.heapBytes());
        // half alive is worse than dead: what was committed is safe, and the mount says that it is
        // gone
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-XX:ErrorFile=" + endpoint.log() + ".jvm");
        command.add("-cp");
        command.add(
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .collect(Collectors.joining(File.pathSeparator)));
        command.add("cowfs.tools.Main");
        command.add("daemon");
        command.addAll(settings.toArguments());
        return command;
    }

    private static int exitCode(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the daemon was starting", e);
        }
    }

    /// Told when the mount is up.
    @FunctionalInterface
    public interface Mounted {
        void mounted(MountService.Status status) throws IOException;
    }
}
