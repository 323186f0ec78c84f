package cowfs.tools.command;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// Arguments that can never mean anything are wrong usage (exit code 2), whatever the pool holds:
/// they are found before it is opened. A name that is too long is one of them.
final class Usage {
    private Usage() {}

    /// Reads arguments.
    ///
    /// @throws ParameterException when one is refused as `INVALID` or `NAME_TOO_LONG`
    static <T> T read(CommandSpec command, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (RequestException refused) {
            if (refused.kind() != ErrorKind.INVALID && refused.kind() != ErrorKind.NAME_TOO_LONG) {
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
