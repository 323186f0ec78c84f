package cowfs.tools;

import cowfs.tools.command.Commands;
import cowfs.tools.control.EngineLog;
import cowfs.tools.control.RuntimeDirectory;
import cowfs.tools.text.ErrorText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// The `cowfs` command: exit code 0 when it did what it was asked, 1 when that failed, 2 for wrong
/// usage.
public final class Main {
    private Main() {}

    /// The entry of the process.
    public static void main(String[] arguments) {
        StandardOutput output = new StandardOutput();
        PrintWriter out = writer(output);
        PrintWriter err = writer(new FileOutputStream(FileDescriptor.err));
        EngineLog.sendTo(
                (message, thrown) -> {
                    err.println("cowfs: " + ErrorText.oneLine(message));
                    err.flush();
                });
        int code = run(output, out, err, arguments);
        out.flush();
        String unwritten = output.lookupFailure();
        if (code == 0 && unwritten != null) {
            err.println("cowfs: the result can't be written to standard output: " + unwritten);
            code = CommandLine.ExitCode.SOFTWARE;
        }
        err.flush();
        System.exit(code);
    }

    /// Runs one command line.
    ///
    /// @param data takes results that are bytes and not text
    /// @return the exit code
    public static int run(
            OutputStream data, PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line =
                Commands.create(data, arguments)
                        .setOut(out)
                        .setErr(err)
                        .setParameterExceptionHandler(Main::wrongUsage)
                        .setExecutionExceptionHandler(
                                (failure, command, parsed) -> failed(failure, command.getErr()));
        try {
            return line.execute(arguments);
        } catch (Error defect) {
            return failed(defect, err);
        }
    }

    private static int wrongUsage(ParameterException wrong, String[] arguments) {
        wrong.getCommandLine().getErr().println("cowfs: " + WrongUsage.line(wrong));
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Throwable failure, PrintWriter err) {
        String line = ErrorText.lookup(failure);
        err.println(
                "cowfs: "
                        + (line != null
                                ? line
                                : "unexpected failure ("
                                        + ErrorText.describe(failure)
                                        + "), a defect of cowfs; "
                                        + keepTrace(failure)));
        return CommandLine.ExitCode.SOFTWARE;
    }

    /// Keeps the trace of a defect for who may mend it.
    private static String keepTrace(Throwable defect) {
        try {
            Path log = RuntimeDirectory.get().resolve("command.log");
            try (PrintWriter trace =
                    new PrintWriter(
                            Files.newBufferedWriter(
                                    log,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.TRUNCATE_EXISTING))) {
                trace.println(Instant.now());
                defect.printStackTrace(trace);
            }
            return "please report it with " + log;
        } catch (IOException e) {
            return "its trace can't be kept: " + ErrorText.describe(e);
        }
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(stream, false, StandardCharsets.UTF_8);
    }
}
