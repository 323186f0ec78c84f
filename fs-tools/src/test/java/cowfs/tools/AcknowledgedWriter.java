package cowfs.tools;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;

/// Writes record after record into a database, on a thread of its own, each when the one before was
/// acknowledged.
final class AcknowledgedWriter {
    private final AtomicLong acknowledged = new AtomicLong();
    private final Thread thread;
    private volatile boolean ended;

    /// A connection to the database.
    interface Connection extends Closeable {
        /// Writes a record, and returns when it is acknowledged.
        void write(long number) throws IOException;
    }

    @FunctionalInterface
    interface Opener {
        Connection open() throws IOException;
    }

    private AcknowledgedWriter(Opener database) {
        thread = Thread.ofPlatform().name("writer").unstarted(() -> run(database));
    }

    /// Writes the records 1, 2, ... until it is ended.
    static AcknowledgedWriter begin(Opener database) {
        AcknowledgedWriter writer = new AcknowledgedWriter(database);
        writer.thread.start();
        return writer;
    }

    private void run(Opener database) {
        try (Connection connection = database.open()) {
            for (long i = 1; !ended; i++) {
                connection.write(i);
                acknowledged.set(i);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// The last record that was acknowledged; all before it were too.
    long acknowledged() {
        return acknowledged.get();
    }

    void end() throws InterruptedException {
        ended = true;
        thread.join();
    }
}
