package cowfs.tools.command;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/// The stream that a command is to read.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class StreamFile {
    private static final int BUFFER_BYTES = 1 << 20;

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "A stream that 'cowfs send' wrote; - for standard input.")
    Path file;

    InputStream open() throws IOException {
        InputStream source =
                Dash.is(file) ? new FileInputStream(FileDescriptor.in) : Files.newInputStream(file);
        return new BufferedInputStream(source, BUFFER_BYTES);
    }
}
