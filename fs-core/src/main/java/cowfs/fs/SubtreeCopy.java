package cowfs.fs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import cowfs.btree.BTree;
import cowfs.dir.DirentBatch;
import cowfs.dir.Dirents;
import cowfs.dir.Entry;
import cowfs.dir.InodeRefs;
import cowfs.dir.Names;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.format.NameHash;
import cowfs.inode.Inode;
import cowfs.inode.InodeCopier;
import cowfs.inode.InodeCopier.Part;
import cowfs.inode.Inodes;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Copies a file, or a directory with all that lies below, from a tree that never changes into
/// another tree of the pool. Content is shared; owners, modes, flags, times, extended attributes
/// and hard links within what is copied are what they were. The cost is that of the metadata.
///
/// ```
///                      copy                         publish
///   dir/               dir/                         dir/
///                      dir/.cowfs-copy-4711/...     dir/name/...
/// ```
///
/// The copy grows under a name of its own, beside the place where it goes, in changes that each
/// leave a sound tree, and gets its name in one. What is left of one that was not published is
/// {@link #abandon}ed: whoever copies makes a note of the number, durable before the copy begins,
/// and does that after a crash.
///
/// A change takes up to {@link #CHANGE_ITEMS} items in, so that a thousand files cost a few changes
/// and nobody waits long for the tree.
///
/// One use, by one thread; others may use both trees meanwhile.
public final class SubtreeCopy {
    private static final int CHANGE_ITEMS = 512;
    private static final int BATCH_ENTRIES = 128;
    private static final String HIDDEN_PREFIX = ".cowfs-copy-";

    private final FileTree source;
    private final FileTree target;
    private final InodeCopier copier;
    private final Dirents sourceDirents;
    private final InodeRefs sourceRefs;
    private final Inodes inodes;
    private final Dirents dirents;
    private final InodeRefs refs;
    private final long number;

    /// What files with several names have become, while names of them are still to come. Those that
    /// have names elsewhere stay to the end: some 100 bytes each.
    private final Map<Long, Linked> linked = new HashMap<>();

    private final List<Named> waiting = new ArrayList<>();
    private int waitingItems;
    private int waitingShared;
    private long count;

    /// @param source a snapshot, or a tree that is frozen
    public SubtreeCopy(FileTree source, FileTree target, Clock clock) throws RequestException {
        this.source = source;
        this.target = target;
        this.copier = new InodeCopier(source, target, clock);
        NameHash hash = new NameHash(target.nameSeed());
        this.sourceDirents = new Dirents(source, hash);
        this.sourceRefs = new InodeRefs(source, hash);
        this.inodes = new Inodes(target, clock);
        this.dirents = new Dirents(target, hash);
        this.refs = new InodeRefs(target, hash);
        this.number = target.nextInode();
    }

    /// A name to make.
    ///
    /// @param part of the new inode; null for one more name of one that there is
    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    private record Named(byte[] name, long number, @Nullable Part part) {}

    /// A file with several names.
    ///
    /// @param to its copy
    /// @param left names of it that the copy has not come by
    private record Linked(long to, int left) {}

    /// A directory whose entries are to be copied.
    private record Pair(long from, long to) {}

    /// The inode number that the copy has, or will have.
    public long number() {
        return number;
    }

    /// How many names it has made.
    public long count() {
        return count;
    }

    /// The name that a copy has until it is published.
    public static byte[] hiddenName(long number) {
        return (HIDDEN_PREFIX + number).getBytes(US_ASCII);
    }

    /// Makes the copy, under its hidden name.
    ///
    /// @param inode of the source
    /// @param directory of the target
    /// @throws IOException `NO_SPACE`, `QUOTA`, `CORRUPT`, `NOT_FOUND`: what there is of it is to
    ///   be abandoned
    public void copy(long inode, long directory) throws IOException {
        target.read(
                items -> {
                    inodes.getLinkedDirectory(items, directory).requireMutable();
                    return true;
                });
        Part top = copier.first(inode);
        add(directory, new Named(hiddenName(number), number, top));
        flush(directory);
        Deque<Pair> open = new ArrayDeque<>();
        if (top.inode().isDirectory()) {
            open.push(new Pair(inode, number));
        }
        while (!open.isEmpty()) {
            copyEntries(open.pop(), open);
        }
    }

    private void copyEntries(Pair pair, Deque<Pair> open) throws IOException {
        DirentBatch batch = new DirentBatch(BATCH_ENTRIES);
        long last = 0;
        boolean more = true;
        while (more) {
            long from = last;
            more = source.read(items -> sourceDirents.copy(items, pair.from, from, batch));
            for (int i = 0; i < batch.size(); i++) {
                byte[] name = batch.name(i);
                long child = batch.child(i);
                last = batch.cookie(i);
                Named named = named(name, child);
                add(pair.to, named);
                if (named.part != null && named.part.inode().isDirectory()) {
                    // a directory has one place: a walk down comes to none twice
                    source.read(
                            items -> {
                                sourceRefs.requireName(items, child, pair.from, name);
                                return true;
                            });
                    open.push(new Pair(child, named.number));
                }
            }
        }
        flush(pair.to);
    }

    private Named named(byte[] name, long child) throws IOException {
        Linked known = linked.get(child);
        if (known != null) {
            keep(child, new Linked(known.to, known.left - 1));
            return new Named(name, known.to, null);
        }
        Part part = copier.first(child);
        long to = target.nextInode();
        if (part.inode().linkCount() > 1 && !part.inode().isDirectory()) {
            keep(child, new Linked(to, part.inode().linkCount() - 1));
        }
        return new Named(name, to, part);
    }

    private void keep(long child, Linked copy) {
        if (copy.left > 0) {
            linked.put(child, copy);
        } else {
            linked.remove(child);
        }
    }

    /// How many files wait for more names.
    int waitingFileCount() {
        return linked.size();
    }

    private void add(long directory, Named named) throws IOException {
        int items = 3 + (named.part == null ? 0 : named.part.itemCount());
        if (waitingItems > 0 && waitingItems + items > CHANGE_ITEMS) {
            flush(directory);
        }
        waiting.add(named);
        waitingItems += items;
        waitingShared += named.part == null ? 0 : named.part.sharedCount();
    }

    /// Makes the names that are waiting, in one change; then what is left of large files.
    private void flush(long directory) throws IOException {
        if (waiting.isEmpty()) {
            return;
        }
        Timestamp now = inodes.now();
        target.changeSharing(
                waitingItems + 1, waitingShared, change -> make(change, directory, now));
        for (Named each : waiting) {
            Part part = each.part;
            while (part != null && !part.isLast()) {
                Part next = copier.after(part);
                target.changeSharing(
                        next.itemCount() + 1,
                        next.sharedCount(),
                        change -> {
                            copier.putMore(change, next, each.number);
                            return true;
                        });
                part = next;
            }
        }
        count += waiting.size();
        waiting.clear();
        waitingItems = 0;
        waitingShared = 0;
    }

    private boolean make(Change change, long directory, Timestamp now) throws IOException {
        BTree items = change.tree();
        Inode parent = inodes.getLinkedDirectory(items, directory);
        for (Named each : waiting) {
            Part part = each.part;
            int mode;
            if (part == null) {
                Inode inode = inodes.get(items, each.number);
                inode.addLinks(1);
                inode.put(change);
                mode = inode.mode();
            } else {
                boolean isDirectory = part.inode().isDirectory();
                copier.putNew(change, part, each.number, isDirectory ? 2 : 1, now);
                if (isDirectory) {
                    Links.requireRoomForLink(parent);
                    parent.addLinks(1);
                }
                mode = part.inode().mode();
            }
            long ref = refs.getFree(items, each.number, directory, each.name);
            refs.put(change, each.number, ref, directory, each.name);
            Entry place = dirents.getFree(items, directory, each.name);
            dirents.put(change, directory, place, each.name, each.number, mode);
        }
        parent.addEntries(waiting.size());
        parent.put(change); // its times are those of what it is a copy of
        return true;
    }

    /// Gives the copy its name.
    ///
    /// @throws IOException `EXISTS`, `NOT_PERMITTED` when the directory is immutable, `NOT_FOUND`
    ///   when it is gone
    public void publish(long directory, byte[] name) throws IOException {
        Names.require(name);
        byte[] hidden = hiddenName(number);
        target.change(
                6,
                change -> {
                    BTree items = change.tree();
                    Inode parent = inodes.getLinkedDirectory(items, directory);
                    parent.requireMutable();
                    Entry place = dirents.getFree(items, directory, name);
                    Entry old = dirents.get(items, directory, hidden);
                    int mode = inodes.get(items, number).mode();
                    long ref = refs.getFree(items, number, directory, name);
                    refs.remove(change, number, refs.get(items, number, directory, hidden));
                    refs.put(change, number, ref, directory, name);
                    dirents.remove(change, directory, old);
                    dirents.put(change, directory, place, name, number, mode);
                    parent.contentChanged(inodes.now());
                    parent.put(change);
                    return true;
                });
    }

    /// Removes what there is of a copy that was not published, if anything. The directory that it
    /// is in is then as if it had never been there.
    public static void abandon(FileTree tree, Volume volume, long number) throws IOException {
        InodeRefs refs = new InodeRefs(tree, new NameHash(tree.nameSeed()));
        byte[] hidden = hiddenName(number);
        long directory = tree.read(items -> refs.lookupParent(items, number, hidden));
        if (directory == 0) {
            return;
        }
        Attributes before = volume.getAttributes(directory);
        new SubtreeRemoval(volume).remove(directory, hidden);
        Timestamp removed = volume.getAttributes(directory).changed();
        Inodes inodes = new Inodes(tree, Clock.systemUTC());
        tree.changeFreeing(
                1,
                change -> {
                    Inode parent = inodes.get(change.tree(), directory);
                    if (parent.attributes().changed().equals(removed)) {
                        parent.changed(before.changed());
                        parent.put(change);
                    }
                    return true;
                });
    }
}
