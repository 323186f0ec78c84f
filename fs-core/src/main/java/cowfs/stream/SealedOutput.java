package cowfs.stream;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Seals segments and writes them out behind the back of whoever fills them, so that reading,
/// hashing and writing go on side by side.
///
/// ```
///     filler --segment--> hashed, two at a time --in their order--> sealed, written --buffer--> filler
/// ```
///
/// There are {@link #BUFFERS} buffers, and whoever is too fast waits for one. A failure to write is
/// told to the filler at its next call. One thread fills; threads of this object do the rest.
final class SealedOutput implements Closeable {
    private static final int BUFFERS = 4;
    private static final int HASHERS = 2;

    private final OutputStream target;
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BUFFERS);
    private final BlockingQueue<Sealed> order = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final ExecutorService hashers;
    private final Thread writer;
    private final HashChain hashes = new HashChain();
    private volatile @Nullable IOException failure;

    /// A segment on its way.
    ///
    /// @param used bytes in the buffer; the seal goes behind them
    /// @param kind of the seal
    /// @param number of the seal among all records
    @SuppressWarnings("ArrayRecordComponent") // handed over and never compared
    private record Sealed(
            byte[] buffer,
            int used,
            RecordKind kind,
            long number,
            long contentBytes,
            CompletableFuture<byte[]> hash) {
        boolean isEnd() {
            return buffer.length == 0;
        }
    }

    /// Stands for the end.
    private static final Sealed END =
            new Sealed(
                    new byte[0],
                    0,
                    RecordKind.TRAILER,
                    0,
                    0,
                    CompletableFuture.completedFuture(new byte[0]));

    /// @param bufferBytes that a segment and its seal can have
    SealedOutput(OutputStream target, int bufferBytes) {
        this.target = target;
        for (int i = 0; i < BUFFERS; i++) {
            free.add(new byte[bufferBytes]);
        }
        this.hashers =
                Executors.newFixedThreadPool(
                        HASHERS, Thread.ofPlatform().daemon().name("cowfs-send-hash", 0).factory());
        this.writer = Thread.ofPlatform().daemon().name("cowfs-send").start(this::writeAll);
    }

    /// A buffer to fill, when one is free.
    byte[] take() throws IOException {
        try {
            return free.take();
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    /// Hands a filled buffer over.
    ///
    /// @throws RequestException `IO` when an earlier one could not be written
    void seal(byte[] buffer, int used, RecordKind kind, long number, long contentBytes)
            throws IOException {
        requireSound();
        CompletableFuture<byte[]> hash =
                CompletableFuture.supplyAsync(() -> HashChain.hash(buffer, 0, used), hashers);
        put(new Sealed(buffer, used, kind, number, contentBytes, hash));
    }

    /// Waits until everything has been written.
    void finish() throws IOException {
        put(END);
        try {
            writer.join();
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
        requireSound();
        target.flush();
    }

    private void put(Sealed segment) throws IOException {
        try {
            order.put(segment);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    private void requireSound() throws IOException {
        IOException broken = failure;
        if (broken != null) {
            throw new RequestException(
                    ErrorKind.IO,
                    "the stream can't be written on: "
                            + broken.getMessage()
                            + "; what the receiver has kept can be resumed",
                    broken);
        }
    }

    private static InterruptedIOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure =
                new InterruptedIOException("interrupted while a stream was written");
        failure.initCause(cause);
        return failure;
    }

    private void writeAll() {
        try {
            for (Sealed next = order.take(); !next.isEnd(); next = order.take()) {
                // after a failure buffers still go back, so that nobody waits for one for ever
                if (failure == null) {
                    write(next);
                }
                free.add(next.buffer);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Sealed segment) {
        try {
            hashes.add(segment.hash.join());
            byte[] body = new byte[EndRecord.LAYOUT.sizeBytes()];
            EndRecord.RECORD_COUNT.set(body, 0, segment.number);
            EndRecord.CONTENT_BYTES.set(body, 0, segment.contentBytes);
            EndRecord.HASH.set(body, 0, hashes.value());
            int at = segment.used;
            System.arraycopy(
                    body, 0, segment.buffer, at + StreamRecord.LAYOUT.sizeBytes(), body.length);
            int length =
                    StreamRecord.frame(
                            segment.buffer, at, segment.kind, segment.number, 0, 0, body.length);
            target.write(segment.buffer, 0, at + length);
        } catch (IOException broken) {
            failure = broken;
        } catch (RuntimeException | Error defect) {
            // also a defect: buffers go on to come back, and who fills them hears of it
            failure =
                    new IOException(
                            "a segment could not be sealed: "
                                    + (defect instanceof CompletionException
                                            ? defect.getCause()
                                            : defect),
                            defect);
        }
    }

    /// Ends the threads, also in the middle.
    @Override
    public void close() {
        writer.interrupt();
        hashers.shutdownNow();
    }
}
