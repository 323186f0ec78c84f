package cowfs.fuse.kernel;

import cowfs.fuse.operation.SyncBarrier;
import java.io.IOException;

/// The way on which requests come and replies go.
interface Channel {
    /// Starts to serve.
    void start();

    /// Whether it has met what it can't go on after, so that the mount is ending.
    boolean hasFailed();

    /// Returns once the kernel has ended the connection and no thread serves any more.
    void awaitEnd() throws InterruptedException;

    /// Returns once every request that was made before the call has been answered, except those
    /// that may wait for others themselves.
    ///
    /// @param poke makes a request and waits for its answer
    void awaitTaken(SyncBarrier.Poke poke) throws IOException, InterruptedException;

    /// How often an opcode has been asked for.
    long count(Opcode opcode);

    /// For people, such as `loop`.
    String description();
}
