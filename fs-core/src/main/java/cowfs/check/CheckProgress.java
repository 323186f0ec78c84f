package cowfs.check;

/// Told how a check goes on.
@FunctionalInterface
public interface CheckProgress {
    /// @param doneBytes verified so far
    /// @param totalBytes what there is to verify, as the superblock counts it
    void progress(long doneBytes, long totalBytes);
}
