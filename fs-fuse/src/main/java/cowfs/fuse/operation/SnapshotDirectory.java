package cowfs.fuse.operation;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The virtual directory `.snapshots`: one read-only directory for each snapshot of the mounted
/// subvolume.
///
/// Nothing of it is stored; the pool's list is asked each time, so that what the command takes,
/// deletes or renames shows at once; the modification time says when the list was last seen to
/// change, never twice the same. Making a directory takes a snapshot, removing one deletes it, full
/// as it is.
///
/// Thread safe.
final class SnapshotDirectory {
    private static final byte[] NAME = ".snapshots".getBytes(StandardCharsets.UTF_8);

    /// The cookies of `.` and `..`; a snapshot's is its tree id above them.
    private static final long DOT_COOKIE = 1;

    private static final long DOT_DOT_COOKIE = 2;

    private final Pool pool;
    private final PoolOperations operations;
    private final Supplier<Volume> mounted;

    /// The snapshots that a node id may name, by tree id.
    private final Map<Long, Tree> trees = new ConcurrentHashMap<>();

    /// What was listed last. Guarded by this.
    private List<Listed> listed = List.of();

    /// Since when. Guarded by this.
    private Timestamp changed = Timestamp.now();

    private record Listed(Ref ref, long treeId) {}

    /// @param operations where snapshots are taken and deleted: those of the pool behind the
    ///   barrier
    SnapshotDirectory(Pool pool, PoolOperations operations, Supplier<Volume> mounted) {
        this.pool = pool;
        this.operations = operations;
        this.mounted = mounted;
    }

    static boolean isNamed(byte[] name) {
        return Arrays.equals(name, NAME);
    }

    /// The tree of a snapshot that has been looked up before.
    @Nullable Tree lookupTree(long treeId) {
        return trees.get(treeId);
    }

    /// Opens a snapshot anew when it is looked up next.
    void forget(long treeId) {
        trees.remove(treeId);
    }

    /// Its owner may take and delete snapshots: the owner of the mounted root.
    Attributes attributes() throws IOException {
        Timestamp changed = changed();
        Attributes root = mounted.get().getAttributes(Volume.ROOT_INODE);
        return new Attributes(
                NodeId.inode(NodeId.SNAPSHOTS),
                Attributes.DIRECTORY | 0755,
                // 1 says that the links of a directory do not count its subdirectories: find relies
                // on 2 and up.
                1,
                root.uid(),
                root.gid(),
                0,
                0,
                0,
                root.accessed(),
                changed,
                changed,
                root.born());
    }

    /// The tree of a snapshot, or null.
    @Nullable Tree lookup(byte[] name) throws IOException {
        String text = decode(name);
        if (text == null) {
            return null;
        }
        for (SubvolumeInfo snapshot : list()) {
            if (text.equals(snapshot.ref().snapshot())) {
                return open(snapshot);
            }
        }
        return null;
    }

    /// Takes a snapshot. Waits until the kernel has handed over everything written before; must not
    /// be called by a thread that the kernel needs for that.
    Tree take(byte[] name) throws IOException {
        return open(operations.snapshot(ref(name)));
    }

    /// Deletes a snapshot with all that it holds.
    void delete(byte[] name) throws IOException {
        Tree tree = lookup(name);
        if (tree == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no such snapshot");
        }
        operations.delete(List.of(ref(name)));
        trees.remove(tree.number());
    }

    /// Reports the snapshots from `cookie` on, as {@link Volume#readDirectory} does.
    void read(long cookie, Volume.DirectoryVisitor visitor) throws IOException {
        if (cookie < DOT_COOKIE
                && !visitor.entry(dots("."), NodeId.SNAPSHOTS, Attributes.DIRECTORY, DOT_COOKIE)) {
            return;
        }
        if (cookie < DOT_DOT_COOKIE
                && !visitor.entry(dots(".."), NodeId.ROOT, Attributes.DIRECTORY, DOT_DOT_COOKIE)) {
            return;
        }
        for (SubvolumeInfo snapshot : list()) {
            long next = DOT_DOT_COOKIE + snapshot.treeId();
            if (next > cookie && isOpen(snapshot)) {
                byte[] name =
                        Objects.requireNonNull(snapshot.ref().snapshot())
                                .getBytes(StandardCharsets.UTF_8);
                long root = NodeId.of(snapshot.treeId(), Volume.ROOT_INODE);
                if (!visitor.entry(name, root, Attributes.DIRECTORY, next)) {
                    return;
                }
            }
        }
    }

    /// Opens a listed snapshot, so that its node id means something.
    ///
    /// @return false when it has been deleted meanwhile
    private boolean isOpen(SubvolumeInfo snapshot) throws IOException {
        try {
            open(snapshot);
            return true;
        } catch (CowException e) {
            if (e.kind() == ErrorKind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /// The snapshots of the mounted subvolume (of the mounted snapshot's subvolume), whatever its
    /// name is today, in the order of their tree ids.
    private List<SubvolumeInfo> list() throws IOException {
        List<SubvolumeInfo> all = operations.list();
        String subvolume = subvolume(all);
        List<SubvolumeInfo> snapshots =
                all.stream()
                        .filter(info -> info.ref().isSnapshot())
                        .filter(info -> info.ref().subvolume().equals(subvolume))
                        .sorted(Comparator.comparingLong(SubvolumeInfo::treeId))
                        .toList();
        Set<Long> living =
                snapshots.stream().map(SubvolumeInfo::treeId).collect(Collectors.toSet());
        trees.keySet().retainAll(living);
        note(snapshots.stream().map(info -> new Listed(info.ref(), info.treeId())).toList());
        return snapshots;
    }

    private Timestamp changed() throws IOException {
        list();
        synchronized (this) {
            return changed;
        }
    }

    private synchronized void note(List<Listed> now) {
        if (!now.equals(listed)) {
            listed = now;
            Instant later = changed.toInstant().plusNanos(1);
            Instant present = Timestamp.now().toInstant();
            Instant since = present.isAfter(later) ? present : later;
            changed = new Timestamp(since.getEpochSecond(), since.getNano());
        }
    }

    private @Nullable String subvolume(List<SubvolumeInfo> all) {
        for (SubvolumeInfo info : all) {
            if (info.treeId() == mounted.get().treeId()) {
                return info.ref().subvolume();
            }
        }
        return null;
    }

    private Ref ref(byte[] name) throws IOException {
        String text = decode(name);
        String subvolume = subvolume(operations.list());
        if (text == null || subvolume == null) {
            throw new RequestException(
                    ErrorKind.INVALID, "the name of a snapshot must be valid UTF-8");
        }
        return Ref.parseSnapshot(subvolume + "@" + text);
    }

    private Tree open(SubvolumeInfo snapshot) throws IOException {
        Tree known = trees.get(snapshot.treeId());
        if (known != null) {
            return known;
        }
        Tree opened = new Tree(snapshot.treeId(), pool.volume(snapshot.ref()));
        trees.put(snapshot.treeId(), opened);
        return opened;
    }

    /// What every other change in the directory meets.
    static ErrnoException takesNothingElse() {
        return new ErrnoException(
                Errno.EPERM, "'.snapshots' takes only mkdir, which takes a snapshot, and rmdir");
    }

    private static byte[] dots(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String decode(byte[] name) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException e) {
            return null; // no snapshot can be called so
        }
    }
}
