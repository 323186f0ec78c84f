package cowfs.fuse;

/// A way to the kernel.
public enum Transport {
    /// The kernel's own protocol on `/dev/fuse`.
    KERNEL,
    /// libfuse 2.
    JNR
}
