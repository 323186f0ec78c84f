package cowfs.device;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A device for tests whose calls can be held up: the test decides what happens elsewhere
/// meanwhile.
///
/// A call is held *before* it touches the other device, and fails after a minute so that no test
/// hangs. Thread safe. Closing it closes the other device.
public final class DelayDevice implements ForwardingDevice {
    private static final long PATIENCE_SECONDS = 60;

    private final BlockDevice device;
    private final Map<DeviceOperation, Hold> holds = new ConcurrentHashMap<>();

    /// Calls that are being held; closing it lets them and all later ones go on.
    public static final class Hold implements AutoCloseable {
        private final Predicate<Thread> whose;
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Hold(Predicate<Thread> whose) {
            this.whose = whose;
        }

        /// Returns once a call is held here.
        public void awaitArrival() throws InterruptedException {
            if (!arrived.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("no call arrived at the hold");
            }
        }

        /// Whether a call has come here yet.
        public boolean hasArrival() {
            return arrived.getCount() == 0;
        }

        public void release() {
            released.countDown();
        }

        @Override
        public void close() {
            release();
        }

        private void pass() throws IOException {
            arrived.countDown();
            try {
                if (!released.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("a held call was never released");
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while held");
            }
        }
    }

    public DelayDevice(BlockDevice device) {
        this.device = device;
    }

    /// Holds every call of this kind from now on until the hold is released. A later hold of the
    /// same kind takes the place of this one for later calls.
    public Hold hold(DeviceOperation operation) {
        return hold(operation, thread -> true);
    }

    /// The same for the calls of some threads only.
    public Hold hold(DeviceOperation operation, Predicate<Thread> whose) {
        Hold hold = new Hold(whose);
        holds.put(operation, hold);
        return hold;
    }

    @Override
    public BlockDevice target() {
        return device;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        pass(DeviceOperation.READ);
        device.read(position, target);
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        pass(DeviceOperation.WRITE);
        device.write(position, source);
    }

    @Override
    public void flush() throws IOException {
        pass(DeviceOperation.FLUSH);
        device.flush();
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        pass(DeviceOperation.DISCARD);
        device.discard(position, lengthBytes);
    }

    private void pass(DeviceOperation operation) throws IOException {
        Hold hold = holds.get(operation);
        if (hold != null
                && hold.released.getCount() > 0
                && hold.whose.test(Thread.currentThread())) {
            hold.pass();
        }
    }
}
