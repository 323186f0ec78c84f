package cowfs.tools.replica;

import cowfs.api.PoolOperations;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.error.CommandHint;
import cowfs.error.CowException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.HashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// A replica in a pool of this machine.
final class PoolSide implements ReplicaSide {
    private final String called;
    private final PoolOperations pool;
    private final String name;

    /// @param called as the user calls the pool
    PoolSide(String called, PoolOperations pool, String name) {
        this.called = called;
        this.pool = pool;
        this.name = name;
    }

    @Override
    public SequencedMap<Ref, UUID> identities() throws IOException {
        return pool.streams().identities(name);
    }

    @Override
    public @Nullable String token() throws IOException {
        return pool.streams().receiveToken(name);
    }

    @Override
    public void abort() throws IOException {
        pool.streams().abortReceive(name);
    }

    @Override
    public void receive(Sending sending) throws IOException {
        Pipe pipe = Pipe.open();
        WatchedOutput out = new WatchedOutput(Channels.newOutputStream(pipe.sink()));
        FutureTask<@Nullable Void> sent =
                new FutureTask<>(
                        () -> {
                            try (out) {
                                sending.to(out);
                            }
                            return null;
                        });
        Thread.ofPlatform().daemon().name("send").start(sent);
        IOException refused = null;
        try (InputStream in = Channels.newInputStream(pipe.source())) {
            pool.streams().receive(name, in);
        } catch (CowException why) {
            refused = CommandHint.inPool(why, called);
        } catch (IOException why) {
            refused = why;
        }
        IOException notSent = await(sent);
        if (notSent != null && !out.isBroken()) {
            throw notSent; // what was received of it is refused as cut, which is the lesser reason
        }
        if (refused != null) {
            throw refused;
        }
    }

    /// Waits for the sender.
    ///
    /// @return what it failed with; null when it did not
    private static @Nullable IOException await(FutureTask<?> sent) throws IOException {
        try {
            sent.get();
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a stream was sent");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            return cause instanceof IOException why
                    ? why
                    : new IOException("unexpected failure while sending: " + cause, cause);
        }
    }

    @Override
    public Set<Ref> held(List<Ref> snapshots) throws IOException {
        Set<Ref> held = new HashSet<>();
        for (Ref each : snapshots) {
            if (Property.isHeld(pool.properties(each))) {
                held.add(each);
            }
        }
        return held;
    }

    @Override
    public void delete(List<Ref> snapshots) throws IOException {
        pool.delete(snapshots);
    }
}
