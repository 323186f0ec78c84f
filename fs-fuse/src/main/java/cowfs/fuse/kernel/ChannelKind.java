package cowfs.fuse.kernel;

/// Which way requests are wanted to come.
public enum ChannelKind {
    /// What is faster here.
    AUTO,
    /// Reads and writes of `/dev/fuse`.
    LOOP,
    /// io_uring where the kernel allows it, the loop otherwise.
    URING
}
