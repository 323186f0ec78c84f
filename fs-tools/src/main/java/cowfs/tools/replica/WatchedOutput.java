package cowfs.tools.replica;

import java.io.IOException;
import java.io.OutputStream;

/// An output that knows whether it was its reader who went away: what the reader says of that is
/// the reason then. Written by one thread.
final class WatchedOutput extends OutputStream {
    private final OutputStream target;
    private volatile boolean broken;

    WatchedOutput(OutputStream target) {
        this.target = target;
    }

    boolean isBroken() {
        return broken;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int lengthBytes) throws IOException {
        try {
            target.write(bytes, from, lengthBytes);
        } catch (IOException closed) {
            broken = true;
            throw closed;
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            target.flush();
        } catch (IOException closed) {
            broken = true;
            throw closed;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            target.close();
        } catch (IOException closed) {
            broken = true;
            throw closed;
        }
    }
}
