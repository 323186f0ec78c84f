package cowfs.api;

import cowfs.file.FilePath;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Everything that the command can ask of a pool, whether it is opened by this process or served by
/// a daemon behind its control socket.
///
/// Every change is durable when the call returns. Failures are `CowException`s whose message is one
/// line for a person.
public interface PoolOperations {
    /// Sizes, format and state of the pool.
    PoolInfo info() throws IOException;

    /// All subvolumes and snapshots, each subvolume followed by its snapshots, oldest first.
    List<SubvolumeInfo> list() throws IOException;

    /// Makes an empty subvolume.
    SubvolumeInfo createSubvolume(String name) throws IOException;

    /// Gives a subvolume another name; its snapshots keep theirs.
    SubvolumeInfo renameSubvolume(String from, String to) throws IOException;

    /// Takes a read-only snapshot: everything that was written before the call is in it.
    default SubvolumeInfo snapshot(Ref snapshot) throws IOException {
        return snapshot(List.of(snapshot)).getFirst();
    }

    /// Takes read-only snapshots of several subvolumes at the same moment, all of them or none:
    /// what was durable in one when something was written in another is in its snapshot as well.
    ///
    /// @throws IOException `NOT_FOUND`, `EXISTS`, `NO_SPACE`, `INVALID` when one is named twice
    List<SubvolumeInfo> snapshot(List<Ref> snapshots) throws IOException;

    /// Makes a writable subvolume that starts as `source`, a snapshot or a live subvolume, stands.
    SubvolumeInfo cloneSubvolume(Ref source, String name) throws IOException;

    /// Gives a subvolume the content that one of its snapshots has, in one step. Newer snapshots
    /// stay, and so do the subvolume's id and name; inode numbers are not used again. Volumes of it
    /// that were open before fail with `STALE` from then on.
    ///
    /// @param snapshot of the subvolume that is set back
    /// @param keepAs a new snapshot of the subvolume that keeps the state before; null to discard
    ///   that
    /// @throws IOException `NOT_FOUND`, `EXISTS`, `NO_SPACE`
    RollbackReport rollback(Ref snapshot, @Nullable Ref keepAs) throws IOException;

    /// Every distinct version of a file over all subvolumes and snapshots, newest first, and who
    /// has it. The file is the inode that the path leads to, under whatever name it is elsewhere,
    /// or else what the same path leads to there.
    ///
    /// @param ref whose path it is; where it has none, that of its newest snapshot that has it
    /// @throws IOException `NOT_FOUND`, `IS_A_DIRECTORY`
    List<FileVersion> history(Ref ref, FilePath path) throws IOException;

    /// Brings back what a live subvolume no longer has, a file or a directory with all below, from
    /// its newest snapshot that does; its content is shared.
    ///
    /// @return that snapshot
    /// @throws IOException `EXISTS` when the path is there, `NOT_FOUND` when no snapshot has it
    Ref undelete(Ref live, FilePath path) throws IOException;

    /// Copies a file, or a directory with all below, within the pool by sharing its content:
    /// owners, modes, flags, times, extended attributes and hard links among what is copied stay.
    /// What is live is copied as it is when the call begins. The copy is there whole when the call
    /// returns, also after a crash, or not at all; while it grows the directory shows it as
    /// `.cowfs-copy-INODE`.
    ///
    /// @param to in a live subvolume; a directory that is there gets the copy into it
    /// @throws IOException `NOT_FOUND`, `EXISTS`, `NO_SPACE`, `QUOTA`; `READ_ONLY` for a snapshot
    ///   to copy into
    CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) throws IOException;

    /// The shortest and the longest unit of {@link #dedup}: a power of two between them.
    int MIN_DEDUP_UNIT_BYTES = 4096;

    int MAX_DEDUP_UNIT_BYTES = 1 << 20;

    /// Whether {@link #dedup} takes such a unit.
    static boolean isDedupUnit(long bytes) {
        return bytes >= MIN_DEDUP_UNIT_BYTES
                && bytes <= MAX_DEDUP_UNIT_BYTES
                && Long.bitCount(bytes) == 1;
    }

    /// Has files of live subvolumes share the blocks of what is equal in them, byte by byte.
    /// Content, length, times and permissions stay; a file that is written to meanwhile is left as
    /// it is where that happens. Snapshots keep what they have. It may stop anywhere: what is
    /// shared is shared.
    ///
    /// @param places files, and directories with all below
    /// @param unitBytes how much is compared at once, from a multiple of it on
    /// @throws IOException `NOT_FOUND`, `READ_ONLY` for a snapshot, `INVALID` for a unit,
    ///   `NO_SPACE`, `CORRUPT` when content can't be read
    default DedupReport dedup(List<FilePlace> places, int unitBytes) throws IOException {
        return dedup(places, unitBytes, WorkProgress.NONE);
    }

    /// The same, and tells how much has been looked at. What the progress throws ends it; what is
    /// shared by then stays shared.
    DedupReport dedup(List<FilePlace> places, int unitBytes, WorkProgress progress)
            throws IOException;

    /// Removes a path from snapshots and gives its space back, one snapshot after the other, each
    /// in one step. Such a snapshot is another one from then on (it has another UUID), so it can't
    /// be the base of an increment; a property `purged:TXG` of it says what was removed. Volumes of
    /// it that were open before fail with `STALE`.
    ///
    /// @param snapshots which ones; all of the pool when empty
    /// @return those that had the path
    /// @throws IOException before anything is changed: `NOT_FOUND` when none has it, `BUSY` when
    ///   one that has it is held, `INVALID` for a live subvolume
    List<Ref> purge(FilePath path, List<Ref> snapshots) throws IOException;

    /// Deletes snapshots and subvolumes: all of them or, when one can't be deleted, none. A
    /// subvolume that has snapshots is refused unless they are all named too, and so is one that is
    /// held. Space comes back in the background.
    void delete(List<Ref> refs) throws IOException;

    /// The properties of a subvolume or snapshot by name, its holds among them: {@link Property}.
    SortedMap<String, String> properties(Ref ref) throws IOException;

    /// Sets a property or, with null as its value, takes it away.
    ///
    /// @throws IOException `INVALID` for a name or value that can't be, or one that has no effect
    ///   on a snapshot
    void setProperty(Ref ref, String name, @Nullable String value) throws IOException;

    /// The properties that a file or directory has for itself: {@link Property#COMPRESS}, or none.
    SortedMap<String, String> properties(FilePlace place) throws IOException;

    /// Sets a property of a regular file or a directory, or with null as its value takes it away:
    /// then it does as its subvolume says. What is made in a directory has those of the directory.
    ///
    /// @throws RequestException `INVALID` for a property that only subvolumes have, or another kind
    ///   of file; `NOT_FOUND`, `READ_ONLY`
    void setProperty(FilePlace place, String name, @Nullable String value) throws IOException;

    /// Keeps a subvolume or snapshot from being deleted until the hold is released.
    ///
    /// @param tag who wants it kept; there can be one hold of each tag
    /// @throws IOException `EXISTS` when it is held under this tag
    void hold(Ref ref, String tag) throws IOException;

    /// @throws IOException `NOT_FOUND` when it is not held under this tag
    void release(Ref ref, String tag) throws IOException;

    /// All bookmarks by subvolume, oldest snapshot first.
    List<BookmarkInfo> bookmarks() throws IOException;

    /// Keeps of a snapshot what is needed to send the difference to it when it is gone: a bookmark,
    /// which keeps no space. It goes with its subvolume, and stays when the snapshot is deleted.
    ///
    /// @param name without the subvolume's
    /// @throws IOException `NOT_FOUND`, `EXISTS`, `NO_SPACE`; `UNSUPPORTED` for a snapshot that was
    ///   received or purged
    BookmarkInfo createBookmark(Ref snapshot, String name) throws IOException;

    /// Deletes bookmarks: all of them or, when one is not there, none.
    void deleteBookmarks(List<BookmarkRef> bookmarks) throws IOException;

    /// The space that subvolumes and snapshots use, exact for everything committed before the call.
    ///
    /// @param refs which ones; all when empty
    List<SpaceUsage> spaceUsage(List<Ref> refs) throws IOException;

    /// The space that files and directories, with all below, take: one answer for each place. Exact
    /// for everything committed before the call; it costs a walk of the names below each.
    ///
    /// @throws IOException `NOT_FOUND`
    List<PathUsage> pathUsage(List<FilePlace> places) throws IOException;

    /// What deleting exactly these subvolumes and snapshots together would free: also what they
    /// share with each other and with nobody else. Exact for everything committed before the call;
    /// nothing is written. Whether they can be deleted is not asked.
    ///
    /// @param refs at least one; naming one twice counts once
    FreedSpace freedByDeleting(List<Ref> refs) throws IOException;

    /// What has happened to the files between two states, each a snapshot or a live subvolume as it
    /// is now: everything that was written before the call counts.
    ///
    /// A file is the same in both if its inode is. The cost follows the differences and not the
    /// size of what is compared.
    ///
    /// @param under only what is at or below this path, before or after
    /// @throws IOException `NOT_FOUND` also when `under` is in neither state
    FileChanges diff(Ref before, Ref after, FilePath under) throws IOException;

    /// Starts a scrub in the background, or goes on with one that was not finished: it verifies
    /// every copy of all metadata, all file data and the superblocks, and repairs bad copies.
    ///
    /// @param bytesPerSecond how fast it may read; 0 for no limit
    /// @param restart begin anew in any case
    void startScrub(long bytesPerSecond, boolean restart) throws IOException;

    /// Stops a scrub that is running; it can go on later, also after the image was closed.
    void stopScrub() throws IOException;

    /// Where the scrub stands, or how the last one ended.
    ScrubReport scrub() throws IOException;

    /// Sending and receiving.
    StreamOperations streams();

    /// Keeps the state that there is now readable, with everything that was written before the
    /// call, until the caller closes it.
    ///
    /// @throws IOException `BUSY` when too many are kept already
    PinnedState pin() throws IOException;

    /// Gives the image another size. It grows always; it shrinks when nothing is in use behind
    /// where it will end, in any state that is still kept, and what stays has room enough.
    ///
    /// @param sizeBytes a part of a block counts as none
    /// @return the size that it had, in bytes
    /// @throws IOException `INVALID` for a size that it can't have; `NO_SPACE` when too much is in
    ///   use; `UNSUPPORTED` when what holds the image can't have that size; `READ_ONLY`
    long resize(long sizeBytes) throws IOException;

    /// Gives the space of all free blocks back to what holds the image, as far as that takes it;
    /// what is freed later goes back by itself.
    ///
    /// @return how many bytes were free, in pieces that can be given back
    long trim() throws IOException;

    /// Makes durable all that was changed before the call.
    void sync() throws IOException;

    /// Waits until the space of everything deleted before the call has come back.
    void awaitReclaim() throws IOException;
}
