package cowfs.tools.command;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// Arguments that can never mean anything are wrong usage (exit code 2), whatever the pool holds:
/// they are found before it is opened.
final class Usage {
    private Usage() {}

    /// Reads arguments.
    ///
    /// @throws ParameterException when one is refused as `INVALID`
    static <T> T read(CommandSpec command, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (RequestException refused) {
            if (refused.kind() != ErrorKind.INVALID) {
                throw refused;
            }
            throw new ParameterException(command.commandLine(), refused.getMessage(), refused);
        }
    }

    /// What reads them.
    @FunctionalInterface
    interface Reading<T> {
        T read() throws IOException;
    }
}
