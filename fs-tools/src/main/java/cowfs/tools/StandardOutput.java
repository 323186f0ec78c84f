package cowfs.tools;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The standard output of the process, which remembers that it could not be written: print writers
/// drop such failures. Not thread safe.
final class StandardOutput extends OutputStream {
    private final OutputStream stream = new FileOutputStream(FileDescriptor.out);
    private @Nullable IOException failure;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            stream.write(bytes, offset, length);
        } catch (IOException e) {
            failure = failure == null ? e : failure;
            throw e;
        }
    }

    /// Why the output is not where it was to go; null when it is, and when its reader has closed
    /// its end of a pipe because it had enough.
    @Nullable String lookupFailure() {
        if (failure == null) {
            return null;
        }
        String reason = Objects.requireNonNullElse(failure.getMessage(), "unknown reason");
        return reason.equals("Broken pipe") ? null : reason.toLowerCase(Locale.ROOT);
    }
}
