package cowfs.inode;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume.XattrMode;
import cowfs.inode.AccessList.Applied;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The access control lists of the inodes of one tree. The kernel checks them (`FUSE_POSIX_ACL`);
/// kept here is what `FUSE` leaves to the filesystem: a list and the mode agree at any time, a new
/// inode inherits the default list of its directory, and a list that says no more than a mode is
/// not stored. Each happens in the change that does the rest.
///
/// Thread safe.
public final class AccessLists {
    private static final byte[] ACCESS = "system.posix_acl_access".getBytes(UTF_8);
    private static final byte[] DEFAULT = "system.posix_acl_default".getBytes(UTF_8);
    private static final int SETGID = 02000;

    /// Item changes of a list and its inode, for all but enormous ones.
    private static final int ITEMS = 4;

    private final FileTree tree;
    private final Inodes inodes;
    private final Xattrs xattrs;

    public AccessLists(FileTree tree, Inodes inodes, Xattrs xattrs) {
        this.tree = tree;
        this.inodes = inodes;
        this.xattrs = xattrs;
    }

    /// Whether an extended attribute holds an access control list.
    public static boolean isAccessList(byte[] name) {
        return Arrays.equals(name, ACCESS) || Arrays.equals(name, DEFAULT);
    }

    /// What is wrong with the value of an access control list, or null.
    public static @Nullable String check(byte[] value) {
        return AccessList.check(value);
    }

    /// Sets a list; an access list sets the permissions of the mode as well. A list without entries
    /// removes what is there.
    ///
    /// @param bits with `CLEAR` an access list takes the set-group-id bit away
    ///   (`FUSE_SETXATTR_ACL_KILL_SGID`)
    /// @throws RequestException `INVALID` for what is no list, or a default list of something that
    ///   is no directory; `UNSUPPORTED` for a symlink
    public void set(long number, byte[] name, byte[] value, XattrMode mode, SetIdBits bits)
            throws IOException {
        String problem = AccessList.isEmpty(value) ? null : AccessList.check(value);
        if (problem != null) {
            throw new RequestException(
                    ErrorKind.INVALID, "this is no access control list: " + problem);
        }
        boolean access = Arrays.equals(name, ACCESS);
        Timestamp now = inodes.now();
        tree.change(
                ITEMS,
                change -> {
                    Inode inode = inodes.get(change.tree(), number);
                    inode.requireChangeable();
                    xattrs.requireMode(change.tree(), number, name, mode);
                    requireFitting(inode, access);
                    byte[] kept = AccessList.isEmpty(value) ? null : value;
                    if (kept != null && access) {
                        Applied applied = AccessList.of(kept).applyTo(inode.mode());
                        boolean kill = bits == SetIdBits.CLEAR;
                        inode.setMode(kill ? applied.mode() & ~SETGID : applied.mode());
                        kept = applied.list() == null ? null : kept;
                    }
                    if (kept == null) {
                        xattrs.removeIfPresent(change, number, name);
                    } else {
                        xattrs.put(change, number, name, kept);
                    }
                    inode.changed(now);
                    inode.put(change);
                    return inode;
                });
    }

    private static void requireFitting(Inode inode, boolean access) throws RequestException {
        if (inode.type() == Attributes.SYMLINK) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED, "a symlink has no access control list");
        }
        if (!access && !inode.isDirectory()) {
            throw new RequestException(
                    ErrorKind.INVALID, "only a directory has a default access control list");
        }
    }

    /// Makes the access list follow a mode that was set.
    void follow(Change change, Inode inode) throws IOException {
        byte[] value = xattrs.lookup(change.tree(), inode.number(), ACCESS);
        if (value != null && AccessList.check(value) == null) {
            byte[] changed = AccessList.of(value).withMode(inode.mode()).value();
            xattrs.put(change, inode.number(), ACCESS, changed);
        }
    }

    /// What a new inode starts with in a directory: where that has a default list its mode is
    /// limited by it, else by the umask.
    public Inheritance inherit(Change change, long directory, NewInode start) throws IOException {
        byte[] value = xattrs.lookup(change.tree(), directory, DEFAULT);
        if (value == null || AccessList.check(value) != null) {
            return new Inheritance(start.withMode(start.mode() & ~start.umask()), null, null);
        }
        Applied applied = AccessList.of(value).inherit(start.mode());
        boolean below = (start.mode() & Attributes.TYPE_MASK) == Attributes.DIRECTORY;
        AccessList list = applied.list();
        return new Inheritance(
                start.withMode(applied.mode()),
                list == null ? null : list.value(),
                below ? value : null);
    }

    /// Puts the lists of a new inode.
    public void put(Change change, long number, Inheritance inheritance) throws IOException {
        byte[] access = inheritance.access;
        if (access != null) {
            xattrs.put(change, number, ACCESS, access);
        }
        byte[] defaults = inheritance.defaults;
        if (defaults != null) {
            xattrs.put(change, number, DEFAULT, defaults);
        }
    }

    /// What a new inode takes from its directory.
    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    public record Inheritance(
            NewInode start, byte @Nullable [] access, byte @Nullable [] defaults) {}
}
