package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/// All inodes of one subvolume or snapshot of the model. Not thread safe: {@link ModelVolume}
/// locks.
final class ModelTree {
    final long id;
    final boolean readOnly;
    private final Supplier<Timestamp> clock;
    private final NavigableMap<Long, ModelInode> inodes = new TreeMap<>();
    private long nextInode = Volume.ROOT_INODE;
    private boolean deleted;
    private boolean replaced;

    private ModelTree(long id, boolean readOnly, Supplier<Timestamp> clock) {
        this.id = id;
        this.readOnly = readOnly;
        this.clock = clock;
    }

    /// A tree with nothing but a root directory.
    static ModelTree empty(long id, Supplier<Timestamp> clock) {
        ModelTree tree = new ModelTree(id, false, clock);
        NewInode start = NewInode.directory(0755, 0, 0);
        tree.add(ModelInode.directory(tree.newNumber(), start, Volume.ROOT_INODE, clock.get()));
        return tree;
    }

    /// A tree that starts as this one stands, without what is unlinked and only held.
    ModelTree copy(long newId, boolean copyReadOnly) {
        ModelTree copy = new ModelTree(newId, copyReadOnly, clock);
        for (ModelInode inode : inodes.values()) {
            if (inode.linkCount > 0) {
                copy.add(inode.copy());
            }
        }
        copy.nextInode = nextInode;
        return copy;
    }

    /// What closing and opening an image does: nobody holds anything, and orphans go.
    void dropHolds() {
        inodes.values().removeIf(inode -> inode.linkCount == 0);
        inodes.values().forEach(inode -> inode.holdCount = 0);
    }

    /// Uses no inode number that another tree has used.
    void goOnFrom(ModelTree other) {
        nextInode = Math.max(nextInode, other.nextInode);
    }

    /// Takes no more requests: another tree stands for the subvolume.
    void replace() {
        replaced = true;
    }

    boolean isReplaced() {
        return replaced;
    }

    void delete() {
        deleted = true;
    }

    boolean isDeleted() {
        return deleted;
    }

    Timestamp now() {
        return clock.get();
    }

    long newNumber() {
        return nextInode++;
    }

    int inodeCount() {
        return inodes.size();
    }

    long allocatedBlockCount() {
        return inodes.values().stream()
                .mapToLong(inode -> inode.attributes().blockCount() / 8)
                .sum();
    }

    void add(ModelInode inode) {
        inodes.put(inode.number, inode);
    }

    ModelInode get(long number) throws RequestException {
        ModelInode inode = inodes.get(number);
        if (inode == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no inode " + number);
        }
        return inode;
    }

    /// Frees an inode that has neither names nor holders.
    void freeIfUnused(ModelInode inode) {
        if (inode.linkCount == 0 && inode.holdCount == 0) {
            inodes.remove(inode.number);
        }
    }

    /// Turns a name into the model's form, refusing what can't stand in a directory.
    static String validName(byte[] name) throws RequestException {
        if (name.length > Volume.MAX_NAME_BYTES) {
            throw new RequestException(
                    ErrorKind.NAME_TOO_LONG, "a name of " + name.length + " bytes");
        }
        String text = text(name);
        if (text.isEmpty()
                || text.equals(".")
                || text.equals("..")
                || text.indexOf('/') >= 0
                || text.indexOf(0) >= 0) {
            throw new RequestException(ErrorKind.INVALID, "no valid name: '" + text + "'");
        }
        return text;
    }

    static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }
}
