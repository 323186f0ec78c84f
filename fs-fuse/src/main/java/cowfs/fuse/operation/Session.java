package cowfs.fuse.operation;

import java.io.IOException;
import java.util.Map;

/// A live connection to the kernel, as a transport offers it.
public interface Session {
    /// Returns once everything that programs had written before the call has reached the engine,
    /// dirty pages of shared mappings included. Must not be called by a thread that serves requests
    /// of this session.
    void barrier() throws IOException;

    /// Returns once the kernel has ended the connection and everything it took is given back.
    void awaitEnd() throws InterruptedException;

    /// How it is connected, for people, on one line.
    String description();

    /// How often the kernel has asked for each operation, by the protocol's names; empty when the
    /// transport does not count.
    Map<String, Long> requestCounts();

    /// Whether {@link #awaitEnd} would return at once.
    boolean hasEnded();
}
