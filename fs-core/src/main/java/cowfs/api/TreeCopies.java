package cowfs.api;

import cowfs.error.CowException;
import cowfs.file.Volume;
import cowfs.format.SubvolumeItem;
import cowfs.fs.SubtreeCopy;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.FileTree;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Copies of files and directories within a pool that share their content, each whole or not at
/// all, also over a crash.
///
/// A copy is noted in a property of the subvolume that it goes to before it begins, and the note is
/// taken away when it is there, or gone. A note that is found when the subvolume is opened is of a
/// copy that a crash has cut off; so is one that a snapshot taken meanwhile passes on to a clone,
/// or to its subvolume with a rollback.
///
/// A live subvolume is copied from as it is when the copy begins: from a hidden clone, which is
/// deleted afterwards.
///
/// Thread safe.
final class TreeCopies {
    /// With the inode number of the copy behind it.
    static final String NOTE_PREFIX = "copying:";

    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final AtomicLong lastNumber = new AtomicLong();

    TreeCopies(PoolStore store, Subvolumes subvolumes) {
        this.store = store;
        this.subvolumes = subvolumes;
    }

    /// Deletes hidden clones that a crash has left. To be called before the first copy.
    void removeLeft() throws IOException {
        subvolumes.deleteHidden(SubvolumeItem.FROZEN);
    }

    /// Copies an inode, with all that lies below, and makes that durable.
    ///
    /// @param inode of the source
    /// @param volume of the target, a live subvolume
    /// @param directory of the target, which has no such name
    /// @return how many names it has
    long copy(
            Subvolume source,
            long inode,
            Subvolume target,
            Volume volume,
            long directory,
            byte[] name)
            throws IOException {
        if (source.isSnapshot()) {
            return copyFixed(source, inode, target, volume, directory, name);
        }
        Subvolume frozen = freeze(source);
        try {
            return copyFixed(frozen, inode, target, volume, directory, name);
        } finally {
            subvolumes.delete(List.of(frozen));
        }
    }

    /// Makes a hidden clone that never changes; whoever wants it deletes it.
    Subvolume freeze(Subvolume source) throws IOException {
        return subvolumes.freeze(source, lastNumber.incrementAndGet());
    }

    private long copyFixed(
            Subvolume source,
            long inode,
            Subvolume target,
            Volume volume,
            long directory,
            byte[] name)
            throws IOException {
        FileTree tree = subvolumes.tree(target);
        SubtreeCopy copy = new SubtreeCopy(subvolumes.tree(source), tree, Clock.systemUTC());
        String note = NOTE_PREFIX + copy.number();
        subvolumes.setProperty(target, note, "");
        try {
            copy.copy(inode, directory);
            copy.publish(directory, name);
        } catch (IOException failed) {
            abandon(target, volume, copy.number(), failed);
            throw failed;
        }
        store.sync();
        subvolumes.setProperty(target, note, null);
        return copy.count();
    }

    private void abandon(Subvolume target, Volume volume, long number, IOException failed) {
        try {
            SubtreeCopy.abandon(subvolumes.tree(target), volume, number);
            store.sync();
            subvolumes.setProperty(target, NOTE_PREFIX + number, null);
        } catch (IOException later) {
            failed.addSuppressed(later); // the note stays, for whoever opens the subvolume next
        }
    }

    /// Removes what copies into a subvolume have left that a crash cut off. To be called when it is
    /// first opened for writing.
    void recover(Subvolume target, Volume volume) throws IOException {
        for (String name : subvolumes.properties(target).keySet()) {
            if (name.startsWith(NOTE_PREFIX)) {
                recover(target, volume, name);
            }
        }
    }

    /// Whether there is a note on a subvolume.
    boolean hasNotes(Subvolume target) throws IOException {
        return subvolumes.properties(target).keySet().stream()
                .anyMatch(name -> name.startsWith(NOTE_PREFIX));
    }

    private void recover(Subvolume target, Volume volume, String note) throws IOException {
        String number = note.substring(NOTE_PREFIX.length());
        if (number.matches("[0-9]{1,18}")) {
            SubtreeCopy.abandon(subvolumes.tree(target), volume, Long.parseLong(number));
            store.sync();
        }
        try {
            subvolumes.setProperty(target, note, null);
        } catch (CowException full) {
            return; // it does no harm, and the next one tries again
        }
    }
}
