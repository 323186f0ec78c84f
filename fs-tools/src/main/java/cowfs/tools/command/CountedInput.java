package cowfs.tools.command;

import java.io.IOException;
import java.io.InputStream;

/// An input that shows how much has gone through it. Not thread safe.
final class CountedInput extends InputStream {
    private final InputStream source;
    private final Progress progress;
    private final long expectedBytes;
    private long count;

    /// @param expectedBytes 0 when nobody knows
    CountedInput(InputStream source, Progress progress, long expectedBytes) {
        this.source = source;
        this.progress = progress;
        this.expectedBytes = expectedBytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int lengthBytes) throws IOException {
        int done = source.read(bytes, from, lengthBytes);
        count += Math.max(0, done);
        progress.show(count, expectedBytes);
        return done;
    }
}
