package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;

/// What names do in the model: lookup, link, unlink and rename, with the errors and in the order of
/// errors that Linux has. Not thread safe.
final class ModelNamespace {
    private static final int SETGID = 02000;

    private final ModelTree tree;

    ModelNamespace(ModelTree tree) {
        this.tree = tree;
    }

    ModelInode get(long directory, String name) throws RequestException {
        ModelDirectory.Entry entry = tree.get(directory).entries().lookup(name);
        if (entry == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no '" + name + "' in " + directory);
        }
        return tree.get(entry.inode());
    }

    /// Fails unless an inode can get a name.
    private void requireFree(long directory, String name, ModelInode inode)
            throws RequestException {
        ModelInode parent = tree.get(directory);
        if (parent.entries().lookup(name) != null) {
            throw new RequestException(ErrorKind.EXISTS, "'" + name + "' exists");
        }
        requireLinked(parent);
        inode.requireChangeable();
        parent.requireMutable();
    }

    /// Fails unless `name` can be added to a directory.
    void requireFree(long directory, String name) throws RequestException {
        ModelInode parent = tree.get(directory);
        if (parent.entries().lookup(name) != null) {
            throw new RequestException(ErrorKind.EXISTS, "'" + name + "' exists");
        }
        requireLinked(parent);
        parent.requireMutable();
    }

    /// Fails unless a file could be made in a directory.
    void requireLinkedDirectory(long directory) throws RequestException {
        ModelInode parent = tree.get(directory);
        parent.entries();
        requireLinked(parent);
        parent.requireMutable();
    }

    /// Whether a name leads to an inode.
    boolean has(long directory, String name, long inode) throws RequestException {
        ModelDirectory.Entry entry = tree.get(directory).entries().lookup(name);
        return entry != null && entry.inode() == inode;
    }

    /// What an inode starts with in a directory: one with the setgid bit gives its group, and the
    /// bit to directories.
    NewInode inherit(long directory, NewInode start) throws RequestException {
        ModelInode parent = tree.get(directory);
        if ((parent.mode & SETGID) == 0) {
            return start;
        }
        boolean isDirectory = (start.mode() & Attributes.TYPE_MASK) == Attributes.DIRECTORY;
        int mode = isDirectory ? start.mode() | SETGID : start.mode();
        return new NewInode(mode, start.uid(), parent.gid, start.device(), start.umask());
    }

    void addNew(long directory, String name, ModelInode made) throws RequestException {
        ModelInode parent = tree.get(directory);
        tree.add(made);
        parent.entries().put(name, made.number);
        if (made.isDirectory()) {
            parent.linkCount++;
        }
        touchEntries(parent, made.born);
    }

    void link(ModelInode inode, long directory, String name) throws RequestException {
        if (inode.isDirectory()) {
            throw new RequestException(ErrorKind.NOT_PERMITTED, "a second name for a directory");
        }
        if (!inode.neverLinked) {
            requireLinked(inode);
        }
        requireFree(directory, name, inode);
        inode.neverLinked = false;
        Timestamp now = tree.now();
        ModelInode parent = tree.get(directory);
        parent.entries().put(name, inode.number);
        inode.linkCount++;
        inode.changed = now;
        touchEntries(parent, now);
    }

    void unlink(long directory, String name) throws RequestException {
        ModelInode inode = get(directory, name);
        if (inode.isDirectory()) {
            throw new RequestException(ErrorKind.IS_A_DIRECTORY, "'" + name + "' is a directory");
        }
        inode.requireChangeable();
        tree.get(directory).requireChangeable();
        remove(tree.get(directory), name, inode);
    }

    void removeDirectory(long directory, String name) throws RequestException {
        ModelInode inode = get(directory, name);
        requireEmpty(inode);
        inode.requireChangeable();
        tree.get(directory).requireChangeable();
        remove(tree.get(directory), name, inode);
    }

    void rename(long directory, String name, long newDirectory, String newName, RenameMode mode)
            throws RequestException {
        ModelInode moved = get(directory, name);
        ModelInode from = tree.get(directory);
        ModelInode to = tree.get(newDirectory);
        ModelDirectory.Entry entry = to.entries().lookup(newName);
        ModelInode replaced = entry == null ? null : tree.get(entry.inode());
        requireLinked(to);
        if (mode == RenameMode.NO_REPLACE && replaced != null) {
            throw new RequestException(ErrorKind.EXISTS, "'" + newName + "' exists");
        }
        if (mode == RenameMode.EXCHANGE && replaced == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no '" + newName + "' to exchange");
        }
        requireNotBelow(moved, to);
        if (mode == RenameMode.EXCHANGE && replaced != null) {
            requireNotBelow(replaced, from);
        }
        if (moved == replaced) {
            return;
        }
        moved.requireChangeable();
        from.requireChangeable();
        Timestamp now = tree.now();
        if (mode == RenameMode.EXCHANGE && replaced != null) {
            replaced.requireChangeable();
            to.requireChangeable();
            from.entries().put(name, replaced.number);
            reparent(replaced, to, from);
            replaced.changed = now;
        } else {
            if (replaced != null) {
                if (moved.isDirectory()) {
                    requireEmpty(replaced);
                } else if (replaced.isDirectory()) {
                    throw new RequestException(
                            ErrorKind.IS_A_DIRECTORY, "'" + newName + "' is a directory");
                }
                replaced.requireChangeable();
                to.requireChangeable();
                remove(to, newName, replaced);
            }
            to.requireMutable();
            from.entries().remove(name);
        }
        to.entries().put(newName, moved.number);
        reparent(moved, from, to);
        moved.changed = now;
        touchEntries(from, now);
        touchEntries(to, now);
    }

    private void remove(ModelInode parent, String name, ModelInode inode) throws RequestException {
        Timestamp now = tree.now();
        parent.entries().remove(name);
        if (inode.isDirectory()) {
            parent.linkCount--;
            inode.linkCount = 0;
        } else {
            inode.linkCount--;
        }
        inode.changed = now;
        touchEntries(parent, now);
        tree.freeIfUnused(inode);
    }

    private static void reparent(ModelInode inode, ModelInode from, ModelInode to)
            throws RequestException {
        if (inode.isDirectory()) {
            from.linkCount--;
            to.linkCount++;
            inode.entries().setParent(to.number);
        }
    }

    private static void requireEmpty(ModelInode inode) throws RequestException {
        if (inode.entries().size() > 0) {
            throw new RequestException(ErrorKind.NOT_EMPTY, "inode " + inode.number);
        }
    }

    private static void requireLinked(ModelInode inode) throws RequestException {
        if (inode.linkCount == 0) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND, "inode " + inode.number + " is unlinked");
        }
    }

    /// Fails when `directory` is `ancestor` or lies below it.
    private void requireNotBelow(ModelInode ancestor, ModelInode directory)
            throws RequestException {
        ModelInode at = directory;
        while (at != ancestor) {
            if (at.number == Volume.ROOT_INODE) {
                return;
            }
            at = tree.get(at.entries().parent());
        }
        throw new RequestException(
                ErrorKind.INVALID, "inode " + ancestor.number + " would come below itself");
    }

    private static void touchEntries(ModelInode directory, Timestamp now) {
        directory.modified = now;
        directory.changed = now;
    }

    /// Whether `create` makes inodes of this type.
    static boolean isCreatable(int type) {
        return switch (type) {
            case Attributes.REGULAR,
                    Attributes.DIRECTORY,
                    Attributes.FIFO,
                    Attributes.SOCKET,
                    Attributes.CHARACTER_DEVICE,
                    Attributes.BLOCK_DEVICE ->
                    true;
            default -> false;
        };
    }
}
