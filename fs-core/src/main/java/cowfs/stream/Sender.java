package cowfs.stream;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.format.BookmarkItem;
import cowfs.format.ReceiveItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock.Features;
import cowfs.subvol.Bookmarks;
import cowfs.subvol.Bookmarks.Bookmark;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Sends snapshots of a pool as streams.
///
/// Snapshots never change, so sending keeps nobody from writing; it only keeps them from being
/// deleted meanwhile. Reading and writing out take turns, with no lock and no epoch held while the
/// stream goes out. Thread safe.
public final class Sender {
    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final Bookmarks bookmarks;
    private final int sealAtBytes;

    public Sender(PoolStore store, Subvolumes subvolumes) {
        this(store, subvolumes, RecordWriter.SEAL_AT_BYTES);
    }

    /// @param sealAtBytes how much is sealed together: smaller for tests
    Sender(PoolStore store, Subvolumes subvolumes, int sealAtBytes) {
        this.store = store;
        this.subvolumes = subvolumes;
        this.bookmarks = new Bookmarks(store, subvolumes);
        this.sealAtBytes = sealAtBytes;
    }

    /// What to send.
    ///
    /// @param base what the receiver has already; null to send all, or with a bookmark
    /// @param bookmark what is known of that when it is gone here; null when it is not
    /// @param snapshots in their order, each one the base of the next
    /// @param from where to go on in the first one
    public record Plan(
            @Nullable Subvolume base,
            @Nullable BookmarkItem bookmark,
            List<Subvolume> snapshots,
            boolean resumed,
            Position from) {}

    /// What a snapshot is the same as in every image that has it.
    public UUID uuidEverywhere(Subvolume snapshot) throws IOException {
        return SnapshotIdentity.of(snapshot, subvolumes.tree(snapshot)).uuid();
    }

    /// All of a snapshot, or its difference to another of the pool.
    ///
    /// @param between whether the snapshots of the same subvolume between the two are sent as well;
    ///   without a base those before
    /// @throws RequestException `INVALID` for something that is no snapshot, or a base that is not
    ///   older
    public Plan plan(Subvolume snapshot, @Nullable Subvolume base, boolean between)
            throws IOException {
        requireSnapshot(snapshot);
        if (base != null) {
            requireSnapshot(base);
            if (base.treeId() == snapshot.treeId()) {
                throw new RequestException(
                        ErrorKind.INVALID, "'" + base.fullName() + "' can't be its own base");
            }
        }
        List<Subvolume> chain = new ArrayList<>();
        if (between) {
            for (Subvolume each : subvolumes.snapshots(snapshot.item().parentTree())) {
                boolean later = base == null || each.treeId() > base.treeId();
                if (later && each.treeId() < snapshot.treeId()) {
                    chain.add(each);
                }
            }
        }
        chain.add(snapshot);
        return new Plan(base, null, chain, false, Position.START);
    }

    /// The difference of a snapshot to one that a bookmark is of.
    ///
    /// @param between whether the snapshots of the same subvolume between the two are sent as well
    /// @throws RequestException `INVALID` for something that is no snapshot, or a bookmark that
    ///   does not serve it
    public Plan planOn(Bookmark bookmark, Subvolume snapshot, boolean between) throws IOException {
        requireSnapshot(snapshot);
        List<Subvolume> chain = new ArrayList<>();
        if (between && snapshot.item().parentTree() == bookmark.subvolume().treeId()) {
            for (Subvolume each : subvolumes.snapshots(snapshot.item().parentTree())) {
                if (each.treeId() < snapshot.treeId()
                        && each.item().createdTxg() > bookmark.item().txg()) {
                    chain.add(each);
                }
            }
        }
        chain.add(snapshot);
        requireServes(bookmark, chain.getFirst());
        return new Plan(null, bookmark.item(), chain, false, Position.START);
    }

    /// @throws RequestException `INVALID`
    private static void requireServes(Bookmark bookmark, Subvolume snapshot)
            throws RequestException {
        SubvolumeItem of = snapshot.item();
        String problem = null;
        if (of.parentTree() != bookmark.subvolume().treeId()) {
            problem = "is of another subvolume";
        } else if (of.uuid().equals(bookmark.item().snapshot())
                || of.createdTxg() < bookmark.item().txg()) {
            problem = "is not older than it";
        } else if (of.lineTxg() == 0) {
            problem = "can't tell what changed, as it was received";
        } else if (of.lineTxg() > bookmark.item().txg()) {
            problem = "was made before the subvolume was set back to a snapshot";
        }
        if (problem != null) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + bookmark.fullName()
                            + "' can't be the base of '"
                            + snapshot.fullName()
                            + "', it "
                            + problem
                            + ": send from a snapshot that both sides have, or all of it");
        }
    }

    /// What is left of a stream that was cut.
    ///
    /// @throws RequestException `NOT_FOUND` when a snapshot that it needs is gone
    public Plan plan(ResumeToken token) throws IOException {
        Subvolume first = get(token.snapshot());
        Subvolume last = get(token.last());
        Bookmark bookmark = token.byRanges() ? getBookmark(token.base(), first) : null;
        Subvolume base =
                bookmark != null || token.base().equals(ReceiveItem.NONE)
                        ? null
                        : get(token.base());
        List<Subvolume> chain = new ArrayList<>(List.of(first));
        for (Subvolume each : subvolumes.snapshots(first.item().parentTree())) {
            if (each.treeId() > first.treeId() && each.treeId() <= last.treeId()) {
                chain.add(each);
            }
        }
        return new Plan(
                base, bookmark == null ? null : bookmark.item(), chain, true, token.position());
    }

    private Bookmark getBookmark(UUID snapshot, Subvolume first) throws IOException {
        for (Bookmark each : bookmarks.list()) {
            if (each.item().snapshot().equals(snapshot)
                    && each.subvolume().treeId() == first.item().parentTree()) {
                requireServes(each, first);
                return each;
            }
        }
        throw gone("bookmark of snapshot " + snapshot);
    }

    private Subvolume get(UUID identity) throws IOException {
        for (Subvolume each : subvolumes.list()) {
            if (each.isSnapshot()
                    && SnapshotIdentity.of(each, subvolumes.tree(each)).uuid().equals(identity)) {
                return each;
            }
        }
        throw gone("snapshot " + identity);
    }

    private static RequestException gone(String what) {
        return new RequestException(
                ErrorKind.NOT_FOUND,
                "this image has no "
                        + what
                        + " any more, which the token needs: give the receive up with 'cowfs receive"
                        + " --abort', and send again");
    }

    private static void requireSnapshot(Subvolume subvolume) throws RequestException {
        if (!subvolume.isSnapshot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + subvolume.fullName()
                            + "' changes while it is sent: take a snapshot of it and send that");
        }
    }

    /// Writes a stream.
    ///
    /// @throws RequestException `NOT_FOUND` for a snapshot that was deleted
    public void send(Plan plan, OutputStream target) throws IOException {
        List<Subvolume> needed = new ArrayList<>(plan.snapshots);
        if (plan.base != null) {
            needed.add(plan.base);
        }
        List<Subvolume> kept = new ArrayList<>();
        try {
            for (Subvolume each : needed) {
                subvolumes.beginSending(each);
                kept.add(each);
            }
            sendKept(plan, target);
        } finally {
            kept.forEach(subvolumes::endSending);
        }
    }

    private void sendKept(Plan plan, OutputStream target) throws IOException {
        try (RecordWriter out = new RecordWriter(target, sealAtBytes)) {
            byte[] header = new byte[StreamHeader.LAYOUT.sizeBytes()];
            new StreamHeader(
                            store.state().superblock().uuid(),
                            plan.snapshots.size(),
                            plan.resumed,
                            plan.bookmark == null ? null : store.nameSeed(),
                            store.state().superblock().features().includes(Features.COMPRESSION))
                    .writeTo(header, 0);
            out.write(RecordKind.HEADER, 0, 0, header);
            Subvolume base = plan.base;
            BookmarkItem bookmark = plan.bookmark;
            Position from = plan.from;
            SnapshotIdentity last = identity(plan.snapshots.getLast());
            for (Subvolume each : plan.snapshots) {
                send(base, bookmark, each, last, from, out);
                base = each;
                bookmark = null;
                from = Position.START;
            }
            out.endStream();
        }
    }

    private void send(
            @Nullable Subvolume base,
            @Nullable BookmarkItem bookmark,
            Subvolume snapshot,
            SnapshotIdentity last,
            Position from,
            RecordWriter out)
            throws IOException {
        SnapshotIdentity identity = identity(snapshot);
        SnapshotIdentity before =
                bookmark != null
                        ? new SnapshotIdentity(bookmark.snapshot(), bookmark.txg())
                        : base == null ? null : identity(base);
        long nextInodeBefore =
                bookmark != null
                        ? bookmark.nextInode()
                        : base == null ? 0 : base.item().nextInode();
        SubvolumeItem item = snapshot.item();
        SnapshotHeader header =
                new SnapshotHeader(
                        identity.uuid(),
                        identity.txg(),
                        before == null ? ReceiveItem.NONE : before.uuid(),
                        before == null ? 0 : before.txg(),
                        bookmark != null,
                        last.uuid(),
                        new Timestamp(item.createdSeconds(), item.createdNanos()),
                        Math.max(item.nextInode(), nextInodeBefore),
                        from,
                        snapshot.subvolumeName(),
                        item.name());
        out.write(RecordKind.SNAPSHOT, 0, 0, header.toBytes());
        List<Subvolume> pinned = base == null ? List.of(snapshot) : List.of(base, snapshot);
        try (StableTrees state = StableTrees.open(store, pinned)) {
            ContentSender contents =
                    new ContentSender(
                            state,
                            store.data(),
                            new SharedRanges(store),
                            out,
                            from,
                            snapshot.treeId());
            if (bookmark == null) {
                new TreeSender(state, base, snapshot, contents, out, from).run();
            } else {
                new RangeSender(
                                state.tree(snapshot),
                                new YoungRanges(state, state.root(snapshot), bookmark.txg()),
                                contents,
                                out,
                                bookmark.txg(),
                                bookmark.nextInode(),
                                from)
                        .run();
            }
        }
        out.endSnapshot();
    }

    private SnapshotIdentity identity(Subvolume snapshot) throws IOException {
        return SnapshotIdentity.of(snapshot, subvolumes.tree(snapshot));
    }
}
