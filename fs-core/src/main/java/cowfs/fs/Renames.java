package cowfs.fs;

import cowfs.dir.Dirents;
import cowfs.dir.Entry;
import cowfs.dir.InodeRefs;
import cowfs.dir.Names;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.file.Volume.RenameMode;
import cowfs.inode.Inode;
import cowfs.inode.Inodes;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Moves names within one tree: rename, with replacing or without, and exchange. Each is one
/// change, which checks everything before it modifies anything. Thread safe.
final class Renames {
    private final FileTree tree;
    private final Inodes inodes;
    private final Dirents dirents;
    private final InodeRefs refs;
    private final Links links;
    private final Orphans orphans;

    Renames(
            FileTree tree,
            Inodes inodes,
            Dirents dirents,
            InodeRefs refs,
            Links links,
            Orphans orphans) {
        this.tree = tree;
        this.inodes = inodes;
        this.dirents = dirents;
        this.refs = refs;
        this.links = links;
        this.orphans = orphans;
    }

    /// @param whiteout what to leave in the old place, or null
    void rename(
            long directory,
            byte[] name,
            long newDirectory,
            byte[] newName,
            RenameMode mode,
            @Nullable NewInode whiteout)
            throws IOException {
        Names.require(name);
        Names.require(newName);
        if (mode == RenameMode.EXCHANGE && whiteout != null) {
            throw new RequestException(
                    ErrorKind.INVALID, "an exchange leaves no place for a whiteout");
        }
        long whiteoutNumber = whiteout == null ? 0 : tree.nextInode();
        long orphan =
                tree.change(
                        10 + Orphans.DROP_ITEMS,
                        change -> {
                            Inode from = inodes.getDirectory(change.tree(), directory);
                            Inode to =
                                    directory == newDirectory
                                            ? from
                                            : inodes.getLinkedDirectory(
                                                    change.tree(), newDirectory);
                            Side source = getSide(change, from, name);
                            Entry target = findTarget(change, newDirectory, newName, mode);
                            if (target.child() == source.entry.child()) {
                                return 0L;
                            }
                            requireNoLoop(change, source.inode, from, to);
                            if (mode == RenameMode.EXCHANGE) {
                                exchange(change, source, getSide(change, to, newName));
                                return 0L;
                            }
                            source.requireChangeable();
                            return move(
                                    change,
                                    source,
                                    to,
                                    newName,
                                    target,
                                    whiteout == null
                                            ? null
                                            : Inode.start(
                                                    whiteoutNumber,
                                                    Links.inherit(from, whiteout),
                                                    change.txg(),
                                                    inodes.now()));
                        });
        if (orphan != 0) {
            orphans.unlinked(orphan);
        }
    }

    private Side getSide(Change change, Inode directory, byte[] name) throws IOException {
        Entry entry = dirents.get(change.tree(), directory.number(), name);
        Inode inode = inodes.get(change.tree(), entry.child());
        long ref = refs.get(change.tree(), entry.child(), directory.number(), name);
        return new Side(directory, name, entry, inode, ref);
    }

    private Entry findTarget(Change change, long directory, byte[] name, RenameMode mode)
            throws IOException {
        return switch (mode) {
            case EXCHANGE -> dirents.get(change.tree(), directory, name);
            case NO_REPLACE -> dirents.getFree(change.tree(), directory, name);
            case REPLACE -> {
                Entry found = dirents.find(change.tree(), directory, name);
                yield found.exists() ? found : dirents.getFree(change.tree(), directory, name);
            }
        };
    }

    private void requireNoLoop(Change change, Inode moved, Inode from, Inode to)
            throws IOException {
        if (moved.isDirectory()
                && from != to
                && refs.isBelow(change.tree(), to.number(), moved.number())) {
            throw new RequestException(
                    ErrorKind.INVALID, "a directory can't be moved below itself");
        }
    }

    /// Moves a name, over what has the new one.
    ///
    /// @return the number of an orphan to remove, or 0
    private long move(
            Change change,
            Side source,
            Inode to,
            byte[] newName,
            Entry target,
            @Nullable Inode whiteout)
            throws IOException {
        Inode moved = source.inode;
        Side replaced = target.exists() ? getSide(change, to, newName) : null;
        if (replaced != null) {
            requireReplaceable(change, moved, replaced);
            replaced.requireChangeable();
        } else {
            to.requireMutable();
        }
        int subdirectories =
                (moved.isDirectory() ? 1 : 0)
                        - (replaced != null && replaced.inode.isDirectory() ? 1 : 0);
        if (source.directory != to && subdirectories > 0) {
            Links.requireRoomForLink(to);
        }
        boolean small = replaced != null && orphans.isSmall(change.tree(), replaced.inode.number());
        long ref = refs.getFree(change.tree(), moved.number(), to.number(), newName);
        Timestamp now = inodes.now();

        dirents.put(change, to.number(), target, newName, moved.number(), moved.mode());
        refs.remove(change, moved.number(), source.ref);
        refs.put(change, moved.number(), ref, to.number(), newName);
        if (whiteout == null) {
            dirents.remove(change, source.directory.number(), source.entry);
            source.directory.addEntries(-1);
        } else {
            putWhiteout(change, source, whiteout);
        }
        to.addEntries(replaced == null ? 1 : 0);
        if (moved.isDirectory()) {
            source.directory.addLinks(-1);
            to.addLinks(1);
        }
        if (replaced != null && replaced.inode.isDirectory()) {
            to.addLinks(-1);
        }
        moved.changed(now);
        moved.put(change);
        putDirectories(change, source.directory, to, now);
        return replaced == null ? 0 : dropReplaced(change, replaced, small, now);
    }

    private void putWhiteout(Change change, Side place, Inode whiteout) throws IOException {
        long directory = place.directory.number();
        long number = whiteout.number();
        whiteout.setLinkCount(1);
        whiteout.putNew(change);
        refs.put(change, number, refs.first(directory, place.name), directory, place.name);
        dirents.put(change, directory, place.entry, place.name, number, whiteout.mode());
    }

    private void requireReplaceable(Change change, Inode moved, Side replaced) throws IOException {
        if (moved.isDirectory()) {
            links.requireEmptyDirectory(change, replaced.inode, replaced.name);
        } else if (replaced.inode.isDirectory()) {
            throw new RequestException(
                    ErrorKind.IS_A_DIRECTORY, Names.text(replaced.name) + " is a directory");
        }
    }

    private long dropReplaced(Change change, Side replaced, boolean small, Timestamp now)
            throws IOException {
        refs.remove(change, replaced.inode.number(), replaced.ref);
        if (replaced.inode.isDirectory()) {
            replaced.inode.setLinkCount(0);
        } else {
            replaced.inode.addLinks(-1);
        }
        return orphans.drop(change, replaced.inode, small, now);
    }

    private void exchange(Change change, Side left, Side right) throws IOException {
        requireNoLoop(change, right.inode, right.directory, left.directory);
        left.requireChangeable();
        right.requireChangeable();
        int more = (right.inode.isDirectory() ? 1 : 0) - (left.inode.isDirectory() ? 1 : 0);
        if (left.directory != right.directory && more != 0) {
            Links.requireRoomForLink(more > 0 ? left.directory : right.directory);
        }
        long leftRef = freeRef(change, left.inode, right);
        long rightRef = freeRef(change, right.inode, left);
        Timestamp now = inodes.now();
        put(change, left, right.inode, rightRef, now);
        put(change, right, left.inode, leftRef, now);
        refs.remove(change, left.inode.number(), left.ref);
        refs.remove(change, right.inode.number(), right.ref);
        if (left.directory != right.directory) {
            left.directory.addLinks(more);
            right.directory.addLinks(-more);
        }
        putDirectories(change, left.directory, right.directory, now);
    }

    private long freeRef(Change change, Inode inode, Side place) throws IOException {
        return refs.getFree(change.tree(), inode.number(), place.directory.number(), place.name);
    }

    /// Gives the name of a side to another inode.
    private void put(Change change, Side place, Inode inode, long ref, Timestamp now)
            throws IOException {
        long directory = place.directory.number();
        dirents.put(change, directory, place.entry, place.name, inode.number(), inode.mode());
        refs.put(change, inode.number(), ref, directory, place.name);
        inode.changed(now);
        inode.put(change);
    }

    private static void putDirectories(Change change, Inode from, Inode to, Timestamp now)
            throws IOException {
        from.contentChanged(now);
        from.put(change);
        if (to != from) {
            to.contentChanged(now);
            to.put(change);
        }
    }

    /// A name that exists, with everything that hangs on it.
    private static final class Side {
        final Inode directory;
        final byte[] name;
        final Entry entry;
        final Inode inode;
        final long ref;

        Side(Inode directory, byte[] name, Entry entry, Inode inode, long ref) {
            this.directory = directory;
            this.name = name;
            this.entry = entry;
            this.inode = inode;
            this.ref = ref;
        }

        void requireChangeable() throws RequestException {
            inode.requireChangeable();
            directory.requireChangeable();
        }
    }
}
