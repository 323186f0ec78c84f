package cowfs.fuse;

import cowfs.api.Ref;
import cowfs.file.Volume;
import cowfs.fuse.operation.RequestTime;
import cowfs.fuse.operation.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// A mounted subvolume or snapshot. It is served by threads of its own until somebody unmounts it,
/// with {@link #unmount()} or with `umount` or `fusermount -u`.
///
/// Thread safe.
public final class Mount {
    private final Target target;
    private final Path directory;
    private final boolean readOnly;
    private final Session session;

    Mount(Target target, Path directory, boolean readOnly, Session session) {
        this.target = target;
        this.directory = directory;
        this.readOnly = readOnly;
        this.session = session;
    }

    /// The name of what is mounted, when it was mounted.
    public Ref ref() {
        return target.ref();
    }

    /// The real path of the mount point.
    public Path directory() {
        return directory;
    }

    public boolean readOnly() {
        return readOnly;
    }

    /// The transport and what it agreed on with the kernel, for people.
    public String transport() {
        return session.description();
    }

    /// How often the kernel has asked for each operation, by the protocol's names; empty with a
    /// transport that does not count.
    public Map<String, Long> requestCounts() {
        return session.requestCounts();
    }

    /// How many files and directories of the mounted subvolume the kernel knows at the moment.
    public int knownNodeCount() {
        return session.knownNodeCount();
    }

    /// How requests have been served, by the protocol's names; empty with a transport that does not
    /// measure.
    public Map<String, RequestTime> requestTimes() {
        return session.requestTimes();
    }

    /// Whether it has ended, or is ending, for a defect of what serves it.
    public boolean hasFailed() {
        return session.hasFailed();
    }

    public boolean isMounted() {
        return !session.hasEnded();
    }

    /// Brings everything that programs have written before the call into the pool; see {@link
    /// Session#barrier}.
    public void barrier() throws IOException {
        session.barrier();
    }

    /// Whether {@link #invalidateAll} works for this mount; see {@link Session#canInvalidateAll}.
    public boolean canInvalidateAll() {
        return session.canInvalidateAll();
    }

    /// Makes the kernel forget everything that it keeps of this mount, whose whole content has been
    /// replaced; see {@link Session#invalidateAll}.
    public void invalidateAll() throws IOException {
        session.invalidateAll();
    }

    /// Serves another volume, the new content of what is mounted; see {@link
    /// Session#replaceContent}.
    void replaceContent(Volume replacement) throws IOException {
        session.replaceContent(replacement);
    }

    /// @throws IOException `UNSUPPORTED` unless {@link #nameAppeared} works
    void requireNotices() throws IOException {
        session.requireNotices();
    }

    /// A name has come by command; see {@link Session#nameAppeared}.
    void nameAppeared(long directory, byte[] name) throws IOException {
        session.nameAppeared(directory, name);
    }

    /// A snapshot below `.snapshots` has another content; see {@link Session#snapshotReplaced}.
    void snapshotReplaced(long treeId) {
        session.snapshotReplaced(treeId);
    }

    /// Unmounts, and returns when the last request has been served. Fails with `BUSY` while
    /// something in it is open; returns when it is unmounted already.
    public void unmount() throws IOException, InterruptedException {
        if (isMounted()) {
            MountPoint.unmount(directory);
            session.awaitEnd();
        }
    }

    /// Takes the mount point away at once, whatever is open in it: for a process that is told to
    /// end.
    public void detach() throws IOException {
        if (isMounted()) {
            MountPoint.detach(directory);
        }
    }

    /// Returns when it has been unmounted and nothing is served any more.
    public void awaitUnmounted() throws InterruptedException {
        session.awaitEnd();
    }
}
