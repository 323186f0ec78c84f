package cowfs.stream;

import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.ByteRange;
import cowfs.file.FileChange;
import cowfs.file.FileChange.Kind;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.format.ItemKind;
import cowfs.inode.Inode;
import cowfs.subvol.Subvolume;
import cowfs.txn.PoolStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What has happened to the files between two states of one pool, made of the items in which their
/// trees differ ({@link TreeDiff}).
///
/// All items of an inode come together, so one inode is worked on at a time, in the order of their
/// numbers. Names are taken from inode refs: dirents say the same and are left out. A file is the
/// same in both states if number, generation and time of birth of its inode are; clones may have
/// used one number for two files. Inodes without a name are in neither state.
///
/// ```
///   inode 7    INODE        mode, size, times      -> attributes, and the sizes for the ranges
///              INODE_REF    one gone, one new      -> RENAMED
///              CONTENT      items that differ      -> CHANGED, with ranges
/// ```
///
/// **Contract.** Each difference comes once, as {@link FileChange} says. A renamed directory is one
/// rename: what is in it has not changed. A directory whose entries have changed shows in its
/// times. Cost and memory follow the differences as with {@link TreeDiff}; besides, each one costs
/// the look-up of its path, and a block is read on both sides where neither its address nor its
/// checksum tells (see {@link ContentDiff}). Not thread safe.
public final class FileDiff implements Closeable {
    /// Of one record.
    static final int MAX_RANGES = 1024;

    private final StableTrees trees;
    private final TreeDiff items;
    private final TreePaths beforePaths;
    private final TreePaths afterPaths;
    private final ContentDiff content;
    private final NamePairing names = new NamePairing(this::addName);
    private final FilePath under;
    private final Deque<FileChange> ready = new ArrayDeque<>();
    private @Nullable Current current;
    private @Nullable NameWalk walk;
    private boolean ended;

    private FileDiff(StableTrees trees, Subvolume before, Subvolume after, FilePath under)
            throws IOException {
        this.trees = trees;
        this.under = under;
        this.items = TreeDiff.between(trees, trees.root(before), trees.root(after));
        this.beforePaths = new TreePaths(trees.tree(before), trees.nameHash());
        this.afterPaths = new TreePaths(trees.tree(after), trees.nameHash());
        this.content =
                new ContentDiff(
                        trees.volume(before), before.treeId(), trees.volume(after), after.treeId());
        if (beforePaths.find(under) == 0 && afterPaths.find(under) == 0) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "there is no '"
                            + under.toPrintable()
                            + "' in '"
                            + before.fullName()
                            + "' nor in '"
                            + after.fullName()
                            + "'");
        }
    }

    /// How an inode stands in the two states.
    private enum Fate {
        STAYS,
        COMES,
        GOES,
        /// Two files of one number.
        GOES_AND_COMES,
        NAMELESS
    }

    /// The inode that is worked on.
    private static final class Current {
        final long inode;
        final @Nullable Attributes before;
        final @Nullable Attributes after;
        final Fate fate;
        boolean xattrsChanged;
        boolean contentBegun;
        boolean rangesTold;

        Current(
                long inode,
                @Nullable Attributes before,
                @Nullable Attributes after,
                boolean sameFile) {
            this.inode = inode;
            this.before = before;
            this.after = after;
            if (before != null && after != null) {
                fate = sameFile ? Fate.STAYS : Fate.GOES_AND_COMES;
            } else if (before != null) {
                fate = Fate.GOES;
            } else {
                fate = after == null ? Fate.NAMELESS : Fate.COMES;
            }
        }

        boolean isRegular() {
            return before != null && before.isRegular();
        }

        boolean aspectsDiffer() {
            return !FileChange.aspects(before, after, xattrsChanged).isEmpty();
        }
    }

    /// Compares two subvolumes or snapshots.
    ///
    /// @param under reports only what is there, before or after
    /// @throws RequestException `NOT_FOUND` when one was deleted, or `under` is in neither; `BUSY`
    ///   as of {@link StableTrees}
    public static FileDiff open(PoolStore store, Subvolume before, Subvolume after, FilePath under)
            throws IOException {
        StableTrees trees = StableTrees.open(store, List.of(before, after));
        try {
            return new FileDiff(trees, before, after, under);
        } catch (IOException | RuntimeException failed) {
            trees.close();
            throw failed;
        }
    }

    /// The next difference; null when there is none left.
    public @Nullable FileChange next() throws IOException {
        while (ready.isEmpty()) {
            NameWalk walking = walk;
            if (walking != null) {
                walk = walking.step();
            } else if (ended) {
                return null;
            } else {
                step();
            }
        }
        return ready.remove();
    }

    private void step() throws IOException {
        boolean more = items.next();
        Current open = current;
        if (open != null && (!more || items.inode() != open.inode)) {
            finish(open);
            current = null;
            open = null;
        }
        if (!more) {
            ended = true;
        } else if (isOfFile(items.kind())) {
            if (open == null) {
                open = begin();
                current = open;
            }
            take(open);
        }
    }

    private static boolean isOfFile(int kind) {
        return kind == ItemKind.INODE.number()
                || kind == ItemKind.INODE_REF.number()
                || kind == ItemKind.XATTR.number()
                || kind == ItemKind.CONTENT.number();
    }

    /// Starts with the inode of the current item, the first one of it that differs.
    private Current begin() throws IOException {
        long inode = items.inode();
        if (items.kind() != ItemKind.INODE.number()) {
            Attributes same = named(afterPaths.attributes(inode));
            return new Current(inode, same, same, true);
        }
        ItemValue old = items.before();
        ItemValue fresh = items.after();
        boolean sameFile = inode == Volume.ROOT_INODE || isSameFile(old, fresh);
        return new Current(inode, attributes(inode, old), attributes(inode, fresh), sameFile);
    }

    private static @Nullable Attributes attributes(long inode, @Nullable ItemValue item)
            throws CorruptException {
        return item == null
                ? null
                : named(
                        Inode.attributes(
                                inode, item.page(), item.position(), item.lengthBytes(), "diff"));
    }

    /// An inode without names is none.
    private static @Nullable Attributes named(@Nullable Attributes attributes) {
        return attributes == null || attributes.linkCount() == 0 ? null : attributes;
    }

    private static boolean isSameFile(@Nullable ItemValue old, @Nullable ItemValue fresh) {
        return old != null
                && fresh != null
                && Inode.isSameFile(old.page(), old.position(), fresh.page(), fresh.position());
    }

    private void take(Current open) throws IOException {
        int kind = items.kind();
        if (kind == ItemKind.INODE_REF.number()) {
            takeName(open);
        } else if (open.fate == Fate.STAYS && kind == ItemKind.XATTR.number()) {
            open.xattrsChanged = true;
        } else if (open.fate == Fate.STAYS
                && kind == ItemKind.CONTENT.number()
                && open.isRegular()) {
            beginContent(open);
            content.add(items.offset(), items.before(), items.after());
            tellRanges(open, false);
        }
    }

    private void takeName(Current open) throws IOException {
        ItemValue old = items.before();
        ItemValue fresh = items.after();
        switch (open.fate) {
            case STAYS -> {
                if (old != null) {
                    names.add(beforePaths.ofRef(old), true);
                }
                if (fresh != null) {
                    names.add(afterPaths.ofRef(fresh), false);
                }
            }
            case COMES -> {
                if (fresh != null) {
                    addName(Kind.CREATED, afterPaths.ofRef(fresh), null, open);
                }
            }
            case GOES -> {
                if (old != null) {
                    addName(Kind.REMOVED, beforePaths.ofRef(old), null, open);
                }
            }
            case GOES_AND_COMES, NAMELESS -> {
                // of the first all names count, not only those that differ: see finish()
            }
        }
    }

    private void beginContent(Current open) {
        if (!open.contentBegun) {
            open.contentBegun = true;
            content.begin(
                    open.inode,
                    Objects.requireNonNull(open.before).sizeBytes(),
                    Objects.requireNonNull(open.after).sizeBytes());
        }
    }

    private void finish(Current open) throws IOException {
        if (open.fate == Fate.GOES_AND_COMES) {
            NameWalk comes = new NameWalk(open, afterPaths, Kind.CREATED, null);
            walk = new NameWalk(open, beforePaths, Kind.REMOVED, comes);
        } else if (open.fate == Fate.STAYS) {
            names.end();
            if (open.isRegular()) {
                beginContent(open);
                content.end();
                tellRanges(open, true);
            }
            if (!open.rangesTold && open.aspectsDiffer()) {
                addOfFile(Kind.ATTRIBUTES, open, List.of(), false);
            }
        }
    }

    /// Tells of the ranges that were found, and keeps at least one for the last record.
    private void tellRanges(Current open, boolean all) throws IOException {
        List<ByteRange> found = content.ranges();
        while (found.size() > MAX_RANGES || (all && !found.isEmpty())) {
            List<ByteRange> some = found.subList(0, Math.min(MAX_RANGES, found.size()));
            List<ByteRange> told = List.copyOf(some);
            some.clear();
            open.rangesTold = true;
            addOfFile(Kind.CHANGED, open, told, !(all && found.isEmpty()));
        }
    }

    /// Reports something of a file that stays, under one of its names.
    private void addOfFile(Kind kind, Current open, List<ByteRange> ranges, boolean more)
            throws IOException {
        FilePath path = afterPaths.lookup(open.inode, under);
        if (path == null && beforePaths.lookup(open.inode, under) != null) {
            path = afterPaths.lookup(open.inode, FilePath.ROOT);
        }
        if (path != null) {
            ready.add(
                    new FileChange(
                            kind,
                            path,
                            null,
                            open.inode,
                            open.before,
                            open.after,
                            open.xattrsChanged,
                            ranges,
                            more));
        }
    }

    /// Reports a name that the current file, which stays, has lost or got.
    private void addName(@Nullable FilePath lost, @Nullable FilePath got) {
        Current open = Objects.requireNonNull(current, "names belong to an inode");
        if (lost != null && got != null) {
            addName(Kind.RENAMED, got, lost, open);
        } else if (got != null) {
            addName(Kind.LINKED, got, null, open);
        } else {
            addName(Kind.UNLINKED, Objects.requireNonNull(lost, "one is there"), null, open);
        }
    }

    private void addName(Kind kind, FilePath path, @Nullable FilePath from, Current open) {
        if (path.isWithin(under) || (from != null && from.isWithin(under))) {
            ready.add(
                    new FileChange(
                            kind,
                            path,
                            from,
                            open.inode,
                            kind == Kind.CREATED ? null : open.before,
                            kind == Kind.REMOVED ? null : open.after,
                            false,
                            List.of(),
                            false));
        }
    }

    /// All names that an inode has in one state, one at a time.
    private final class NameWalk {
        private final Current open;
        private final Kind kind;
        private final TreePaths paths;
        private final Cursor refs;
        private final @Nullable NameWalk then;
        private boolean begun;

        NameWalk(Current open, TreePaths paths, Kind kind, @Nullable NameWalk then) {
            this.open = open;
            this.kind = kind;
            this.paths = paths;
            this.refs = paths.cursor();
            this.then = then;
        }

        /// Takes the next name.
        ///
        /// @return the walk that goes on; null when all is done
        @Nullable NameWalk step() throws IOException {
            boolean found = begun ? paths.nextRef(refs) : paths.firstRef(refs, open.inode);
            begun = true;
            if (!found) {
                return then;
            }
            addName(kind, paths.ofRef(refs), null, open);
            return this;
        }
    }

    @Override
    public void close() {
        trees.close();
    }
}
