package cowfs.fuse.operation;

import cowfs.file.Volume;
import java.io.IOException;
import java.util.Map;

/// A live connection to the kernel, as a transport offers it.
public interface Session {
    /// Returns once everything that programs had written before the call has reached the engine,
    /// dirty pages of shared mappings included. Must not be called by a thread that serves requests
    /// of this session.
    void barrier() throws IOException;

    /// Whether {@link #invalidateAll} works here: not on kernels before Linux 6.16, nor through
    /// libfuse 2. What replaces the content of a mounted subvolume must ask first, and refuse
    /// otherwise: the mount would go on to show the old content.
    boolean canInvalidateAll();

    /// Makes the kernel forget everything that it keeps of the mounted subvolume, whose whole
    /// content has been replaced (a rollback). Names, attributes, listings and pages are asked for
    /// anew from then on; files that were open become stale (`ESTALE`), and what programs had
    /// written to them and the kernel had not handed over is lost. So call {@link #barrier} before
    /// the replacement, and this after it.
    ///
    /// Inodes without a name that the engine held for this mount count as given back. Must not be
    /// called by a thread that serves requests of this session.
    ///
    /// @throws IOException `UNSUPPORTED` where it can't be done
    void invalidateAll() throws IOException;

    /// The same as {@link #invalidateAll} where the old content has ended with its volume, which
    /// takes no requests any more: serves another volume from then on. No request that was meant
    /// for the old content, one that is being served just then included, reaches the new one.
    ///
    /// @throws IOException `UNSUPPORTED` where it can't be done. Or when what was under way has not
    ///   ended within a minute: all of the mount stays stale, and has to be unmounted
    void replaceContent(Volume replacement) throws IOException;

    /// @throws IOException `UNSUPPORTED` where {@link #nameAppeared} can't be told
    void requireNotices() throws IOException;

    /// Tells the kernel that a name has come to a directory of the mounted tree which did not come
    /// from it. Must not be called by a thread that serves requests.
    ///
    /// @param directory inode of the directory
    void nameAppeared(long directory, byte[] name) throws IOException;

    /// A snapshot that may be shown below `.snapshots` has another content: it is looked up anew.
    void snapshotReplaced(long treeId);

    /// Returns once the kernel has ended the connection and everything it took is given back.
    void awaitEnd() throws InterruptedException;

    /// Whether it has ended, or is ending, for a defect of what serves it.
    boolean hasFailed();

    /// How it is connected, for people, on one line.
    String description();

    /// How often the kernel has asked for each operation, by the protocol's names; empty when the
    /// transport does not count.
    Map<String, Long> requestCounts();

    /// How many nodes of the mounted tree the kernel has been told of and has not forgotten.
    int knownNodeCount();

    /// How requests have been served, by the protocol's names; empty when the transport does not
    /// measure.
    Map<String, RequestTime> requestTimes();

    /// Whether {@link #awaitEnd} would return at once.
    boolean hasEnded();
}
