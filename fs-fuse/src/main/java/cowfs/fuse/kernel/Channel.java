package cowfs.fuse.kernel;

/// The way on which requests come and replies go.
interface Channel {
    /// Starts to serve.
    void start();

    /// Returns once the kernel has ended the connection and no thread serves any more.
    void awaitEnd() throws InterruptedException;

    /// Returns once every request that had been taken before the call has been answered, except
    /// those that may wait for others themselves.
    void awaitTaken() throws InterruptedException;

    /// How often an opcode has been asked for.
    long count(Opcode opcode);

    /// For people, such as `loop`.
    String description();
}
