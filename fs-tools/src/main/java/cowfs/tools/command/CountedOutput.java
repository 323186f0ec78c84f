package cowfs.tools.command;

import java.io.IOException;
import java.io.OutputStream;

/// An output that shows how much has gone through it. Not thread safe.
final class CountedOutput extends OutputStream {
    private final OutputStream target;
    private final Progress progress;
    private final long expectedBytes;
    private long count;

    /// @param expectedBytes 0 when nobody knows
    CountedOutput(OutputStream target, Progress progress, long expectedBytes) {
        this.target = target;
        this.progress = progress;
        this.expectedBytes = expectedBytes;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int lengthBytes) throws IOException {
        target.write(bytes, from, lengthBytes);
        count += lengthBytes;
        progress.show(count, expectedBytes);
    }

    @Override
    public void flush() throws IOException {
        target.flush();
    }
}
