package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A device for tests whose user is killed: after so many calls that change something nothing it
/// asks for happens any more. What was written before stays, as a host keeps it.
///
/// Thread safe. Closing it leaves the other device open: others will use it.
public final class KillDevice implements ForwardingDevice {
    private final BlockDevice device;
    private long callsLeft;

    public KillDevice(BlockDevice device, long callsUntilKill) {
        this.device = device;
        this.callsLeft = callsUntilKill;
    }

    /// Whether the user was killed, not just done early.
    public synchronized boolean isKilled() {
        return callsLeft < 0;
    }

    @Override
    public BlockDevice target() {
        return device;
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        requireAlive();
        device.write(position, source);
    }

    @Override
    public void flush() throws IOException {
        requireAlive();
        device.flush();
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        requireAlive();
        device.discard(position, lengthBytes);
    }

    @Override
    public void close() {}

    private synchronized void requireAlive() throws IOException {
        if (callsLeft >= 0) {
            callsLeft--;
        }
        if (callsLeft < 0) {
            throw new IOException("killed");
        }
    }
}
