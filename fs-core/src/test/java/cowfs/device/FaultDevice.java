package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/// A device for tests that fails when it is told to, and counts what it was asked to do.
///
/// A planned failure happens once and the next call works again: the worst case for an engine that
/// must not trust a device after its first failure. Thread safe. Closing it closes the other
/// device.
public final class FaultDevice implements BlockDevice {
    private static final String FULL = "No space left on device (injected)";

    private final BlockDevice device;
    private final Map<DeviceOperation, Long> calls = new EnumMap<>(DeviceOperation.class);
    private final Map<DeviceOperation, Long> failingCalls = new EnumMap<>(DeviceOperation.class);
    private boolean tearsFailingWrite;
    private boolean unplugged;
    private long unplugAtCall = Long.MAX_VALUE;
    private long fullFromWrite = Long.MAX_VALUE;
    private long roomBytes = Long.MAX_VALUE;
    private long injected;

    public FaultDevice(BlockDevice device) {
        this.device = device;
        for (DeviceOperation operation : DeviceOperation.values()) {
            calls.put(operation, 0L);
        }
    }

    /// Makes the n-th call from now fail, `n` = 1 being the next; one plan for each operation. A
    /// write that fails has changed nothing.
    public synchronized void fail(DeviceOperation operation, long n) {
        if (n < 1) {
            throw new IllegalArgumentException("n " + n);
        }
        failingCalls.put(operation, calls.get(operation) + n);
        if (operation == DeviceOperation.WRITE) {
            tearsFailingWrite = false;
        }
    }

    /// Makes the n-th write from now fail after the first half of its bytes has been written.
    public synchronized void tearWrite(long n) {
        fail(DeviceOperation.WRITE, n);
        tearsFailingWrite = true;
    }

    /// Lets writes of this many more bytes through, then fails all of them as a full host does; the
    /// write that crosses the limit is written up to it.
    public synchronized void fillUpAfter(long bytes) {
        roomBytes = bytes;
    }

    /// Makes the n-th write from now, and all after it, fail as a full host does; of the n-th one
    /// the first half has been written. Flushes and reads go on.
    public synchronized void fillUpAtWrite(long n) {
        fullFromWrite = calls.get(DeviceOperation.WRITE) + n;
    }

    /// Makes the n-th call from now, whatever it is, and all after it fail.
    public synchronized void unplugAt(long n) {
        unplugAtCall = allCalls() + n;
    }

    /// How many calls were made to fail so far.
    public synchronized long injectedCount() {
        return injected;
    }

    /// Makes every call fail from now on.
    public synchronized void unplug() {
        unplugged = true;
    }

    /// The calls so far, failed ones included.
    public synchronized long count(DeviceOperation operation) {
        return calls.get(operation);
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        if (fails(DeviceOperation.READ)) {
            throw failure(DeviceOperation.READ);
        }
        device.read(position, target);
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        int lengthBytes = source.remaining();
        int passedBytes = lengthBytes;
        String reason = "";
        synchronized (this) {
            if (fails(DeviceOperation.WRITE)) {
                passedBytes = tearsFailingWrite && !unplugged ? lengthBytes / 2 : 0;
                reason = failure(DeviceOperation.WRITE).getMessage();
            } else if (calls.get(DeviceOperation.WRITE) >= fullFromWrite) {
                passedBytes =
                        calls.get(DeviceOperation.WRITE) == fullFromWrite ? lengthBytes / 2 : 0;
                reason = FULL;
                injected++;
            } else if (roomBytes < lengthBytes) {
                passedBytes = (int) roomBytes;
                roomBytes = 0;
                reason = FULL;
                injected++;
            } else if (roomBytes != Long.MAX_VALUE) {
                roomBytes -= lengthBytes;
            }
        }
        if (reason.isEmpty()) {
            device.write(position, source);
            return;
        }
        if (passedBytes > 0) {
            device.write(position, source.slice(source.position(), passedBytes));
        }
        throw new IOException(reason);
    }

    @Override
    public void flush() throws IOException {
        if (fails(DeviceOperation.FLUSH)) {
            throw failure(DeviceOperation.FLUSH);
        }
        device.flush();
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        if (fails(DeviceOperation.DISCARD)) {
            throw failure(DeviceOperation.DISCARD);
        }
        device.discard(position, lengthBytes);
    }

    @Override
    public void close() throws IOException {
        device.close();
    }

    private synchronized boolean fails(DeviceOperation operation) {
        long call = calls.merge(operation, 1L, Long::sum);
        unplugged |= allCalls() >= unplugAtCall;
        boolean failing = unplugged || failingCalls.getOrDefault(operation, 0L) == call;
        injected += failing ? 1 : 0;
        return failing;
    }

    private long allCalls() {
        return calls.values().stream().mapToLong(Long::longValue).sum();
    }

    private static IOException failure(DeviceOperation operation) {
        return new IOException("injected failure of a " + operation);
    }
}
