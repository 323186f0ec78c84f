package cowfs.fs;

import cowfs.dir.Dirents;
import cowfs.dir.Entry;
import cowfs.dir.InodeRefs;
import cowfs.dir.Names;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.format.SymlinkTarget;
import cowfs.inode.AccessLists;
import cowfs.inode.AccessLists.Inheritance;
import cowfs.inode.ContentSwap;
import cowfs.inode.FileContent;
import cowfs.inode.Inode;
import cowfs.inode.Inodes;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Makes and removes names: create, symlink, link, unlink, and removal of directories.
///
/// Each operation is one change, which checks everything before it modifies anything. The
/// directory's size counts its entries, its modification and change time follow, and a subdirectory
/// counts as a link to it.
///
/// Thread safe.
final class Links {
    private static final int SETGID = 02000;

    private final FileTree tree;
    private final Inodes inodes;
    private final AccessLists accessLists;
    private final FileContent content;
    private final Dirents dirents;
    private final InodeRefs refs;
    private final Orphans orphans;

    Links(
            FileTree tree,
            Inodes inodes,
            AccessLists accessLists,
            FileContent content,
            Dirents dirents,
            InodeRefs refs,
            Orphans orphans) {
        this.tree = tree;
        this.inodes = inodes;
        this.accessLists = accessLists;
        this.content = content;
        this.dirents = dirents;
        this.refs = refs;
        this.orphans = orphans;
    }

    /// Makes an inode of any type but a symlink.
    Attributes create(long directory, byte[] name, NewInode start) throws IOException {
        Names.require(name);
        switch (start.mode() & Attributes.TYPE_MASK) {
            case Attributes.REGULAR,
                    Attributes.DIRECTORY,
                    Attributes.FIFO,
                    Attributes.SOCKET,
                    Attributes.CHARACTER_DEVICE,
                    Attributes.BLOCK_DEVICE -> {}
            default ->
                    throw new RequestException(
                            ErrorKind.INVALID,
                            "mode " + Integer.toOctalString(start.mode()) + " has no file type");
        }
        long number = tree.nextInode();
        return tree.change(6, change -> create(change, directory, name, number, start, null));
    }

    /// Makes a regular file without a name.
    Attributes createUnlinked(long directory, NewInode start) throws IOException {
        if ((start.mode() & Attributes.TYPE_MASK) != Attributes.REGULAR) {
            throw new RequestException(
                    ErrorKind.INVALID, "only a regular file can be made without a name");
        }
        long number = tree.nextInode();
        return tree.change(
                4,
                change -> {
                    Inode parent = inodes.getLinkedDirectory(change.tree(), directory);
                    parent.requireMutable();
                    Inheritance inheritance =
                            accessLists.inherit(change, directory, inherit(parent, start));
                    Inode inode =
                            Inode.start(number, inheritance.start(), change.txg(), inodes.now());
                    inode.inheritCompression(parent);
                    accessLists.put(change, number, inheritance);
                    orphans.putNeverLinked(change, inode);
                    return inode.attributes();
                });
    }

    Attributes symlink(long directory, byte[] name, byte[] target, NewInode start)
            throws IOException {
        Names.require(name);
        if (target.length == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, "a symlink's target must not be empty");
        }
        if (target.length > Volume.MAX_TARGET_BYTES) {
            throw new RequestException(
                    ErrorKind.NAME_TOO_LONG,
                    "a symlink's target has at most " + Volume.MAX_TARGET_BYTES + " bytes");
        }
        if (SymlinkTarget.check(target, 0, target.length) != null) {
            throw new RequestException(
                    ErrorKind.INVALID, "a symlink's target must not contain NUL");
        }
        NewInode link = new NewInode(Attributes.SYMLINK | 0777, start.uid(), start.gid(), 0);
        long number = tree.nextInode();
        try (ContentSwap swap = content.prepareTarget(number, target)) {
            return tree.change(
                    4 + swap.itemCount(0),
                    change ->
                            create(
                                    change,
                                    directory,
                                    name,
                                    number,
                                    link,
                                    new Target(swap, target.length)));
        }
    }

    private Attributes create(
            Change change,
            long directory,
            byte[] name,
            long number,
            NewInode start,
            @Nullable Target target)
            throws IOException {
        Inode parent = inodes.getLinkedDirectory(change.tree(), directory);
        Entry place = dirents.getFree(change.tree(), directory, name);
        parent.requireMutable();
        Timestamp now = inodes.now();
        Inheritance inheritance =
                target == null
                        ? accessLists.inherit(change, directory, inherit(parent, start))
                        : new Inheritance(inherit(parent, start), null, null);
        Inode inode = Inode.start(number, inheritance.start(), change.txg(), now);
        inode.inheritCompression(parent);
        if (inode.isDirectory()) {
            requireRoomForLink(parent);
            parent.addLinks(1);
            inode.setLinkCount(2);
        } else {
            inode.setLinkCount(1);
        }
        if (target != null) {
            target.swap.apply(change, inode);
            inode.setSizeBytes(target.lengthBytes);
        }
        inode.putNew(change);
        accessLists.put(change, number, inheritance);
        refs.put(change, number, refs.first(directory, name), directory, name);
        dirents.put(change, directory, place, name, number, inode.mode());
        parent.addEntries(1);
        parent.contentChanged(now);
        parent.put(change);
        return inode.attributes();
    }

    /// In a directory with the setgid bit new inodes get its group, and new directories the bit as
    /// well.
    static NewInode inherit(Inode parent, NewInode start) {
        if ((parent.mode() & SETGID) == 0) {
            return start;
        }
        boolean directory = (start.mode() & Attributes.TYPE_MASK) == Attributes.DIRECTORY;
        int mode = directory ? start.mode() | SETGID : start.mode();
        return new NewInode(mode, start.uid(), parent.gid(), start.device(), start.umask());
    }

    Attributes link(long number, long directory, byte[] name) throws IOException {
        Names.require(name);
        return tree.change(
                5,
                change -> {
                    Inode inode = inodes.get(change.tree(), number);
                    Inode parent = inodes.getLinkedDirectory(change.tree(), directory);
                    if (inode.isDirectory()) {
                        throw new RequestException(
                                ErrorKind.NOT_PERMITTED, "a directory can't have a second name");
                    }
                    boolean first = inode.linkCount() == 0 && orphans.isNeverLinked(number);
                    if (inode.linkCount() == 0 && !first) {
                        throw new RequestException(
                                ErrorKind.NOT_FOUND,
                                "inode " + number + " of " + tree.name() + " has been removed");
                    }
                    requireRoomForLink(inode);
                    Entry place = dirents.getFree(change.tree(), directory, name);
                    inode.requireChangeable();
                    parent.requireMutable();
                    long ref = refs.getFree(change.tree(), number, directory, name);
                    Timestamp now = inodes.now();
                    refs.put(change, number, ref, directory, name);
                    dirents.put(change, directory, place, name, number, inode.mode());
                    inode.addLinks(1);
                    if (first) {
                        orphans.linked(change, number);
                        inode.firstLinked(change.txg());
                    }
                    inode.changed(now);
                    inode.put(change);
                    parent.addEntries(1);
                    parent.contentChanged(now);
                    parent.put(change);
                    return inode.attributes();
                });
    }

    void unlink(long directory, byte[] name) throws IOException {
        remove(directory, name, false);
    }

    void removeDirectory(long directory, byte[] name) throws IOException {
        remove(directory, name, true);
    }

    private void remove(long directory, byte[] name, boolean wantDirectory) throws IOException {
        Names.require(name);
        long orphan =
                tree.changeFreeing(
                        3 + Orphans.DROP_ITEMS,
                        change -> {
                            Inode parent = inodes.getDirectory(change.tree(), directory);
                            Entry entry = dirents.get(change.tree(), directory, name);
                            Inode inode = inodes.get(change.tree(), entry.child());
                            if (wantDirectory) {
                                requireEmptyDirectory(change, inode, name);
                            } else if (inode.isDirectory()) {
                                throw new RequestException(
                                        ErrorKind.IS_A_DIRECTORY,
                                        Names.text(name) + " is a directory");
                            }
                            inode.requireChangeable();
                            parent.requireChangeable();
                            long ref = refs.get(change.tree(), entry.child(), directory, name);
                            boolean small = orphans.isSmall(change.tree(), entry.child());
                            Timestamp now = inodes.now();
                            dirents.remove(change, directory, entry);
                            refs.remove(change, entry.child(), ref);
                            parent.addEntries(-1);
                            parent.contentChanged(now);
                            if (wantDirectory) {
                                parent.addLinks(-1);
                                inode.setLinkCount(0);
                            } else {
                                inode.addLinks(-1);
                            }
                            parent.put(change);
                            return orphans.drop(change, inode, small, now);
                        });
        if (orphan != 0) {
            orphans.unlinked(orphan);
        }
    }

    /// @throws RequestException `NOT_A_DIRECTORY`, `NOT_EMPTY`
    void requireEmptyDirectory(Change change, Inode inode, byte[] name) throws IOException {
        if (!inode.isDirectory()) {
            throw new RequestException(
                    ErrorKind.NOT_A_DIRECTORY, Names.text(name) + " is not a directory");
        }
        if (!dirents.isEmpty(change.tree(), inode.number())) {
            throw new RequestException(
                    ErrorKind.NOT_EMPTY, "directory " + Names.text(name) + " is not empty");
        }
    }

    static void requireRoomForLink(Inode inode) throws RequestException {
        if (inode.linkCount() == Inode.MAX_LINKS) {
            throw new RequestException(
                    ErrorKind.TOO_MANY_LINKS,
                    "inode " + inode.number() + " has as many links as the format can count");
        }
    }

    /// The content of a symlink that is being made.
    private record Target(ContentSwap swap, int lengthBytes) {}
}
