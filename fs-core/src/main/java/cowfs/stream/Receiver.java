package cowfs.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.error.CommandHint;
import cowfs.error.CountText;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.NameHash;
import cowfs.format.ReceiveItem;
import cowfs.format.SubvolumeItem;
import cowfs.subvol.Receives;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.FileTree;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Receives streams into a pool.
///
/// ```
///     stream --segment, verified--> records --one change each few--> hidden subvolume --publish--> snapshot
///                                                |
///                                                +-- with each change: how far it has come
/// ```
///
/// Nothing is applied that the hash behind it has not verified, and nothing is seen before its last
/// record. Whatever goes wrong leaves a sound image, and what had come by then in a hidden
/// subvolume, with the place to go on from in it.
///
/// Memory: one segment, whatever the stream. Thread safe; one receive at a time for each name.
public final class Receiver {
    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final Receives receives;
    private final Set<String> busy = new HashSet<>(); // guarded by itself

    public Receiver(PoolStore store, Subvolumes subvolumes) {
        this.store = store;
        this.subvolumes = subvolumes;
        this.receives = new Receives(store, subvolumes);
    }

    /// Is told how many bytes of content have come.
    @FunctionalInterface
    public interface Listener {
        void received(long contentBytes);
    }

    /// Receives all snapshots of a stream as snapshots of the subvolume `name`.
    ///
    /// @return the snapshots, in the order of the stream
    /// @throws RequestException `INVALID` for a stream that is damaged, was cut, or does not fit
    ///   what is there; `TOO_NEW`, `NOT_FOUND` for a base that is not there, `EXISTS`, `BUSY`,
    ///   `NO_SPACE`
    public List<Subvolume> receive(String name, InputStream source, Listener listener)
            throws IOException {
        enter(name);
        Session session = new Session(name, new RecordReader(source), listener);
        try {
            return session.run();
        } catch (IOException failed) {
            throw explained(name, failed, session.keepWhatCame());
        } catch (RuntimeException | Error defect) {
            session.keepWhatCame();
            throw defect;
        } finally {
            leave(name);
        }
    }

    /// Where a receive that was cut can go on; null when there is none.
    public @Nullable ResumeToken lookupToken(String name) throws IOException {
        Subvolume partial = receives.lookup(name);
        if (partial == null) {
            return null;
        }
        ReceiveItem state = SnapshotIdentity.lookupReceived(partial.item(), treeOf(partial));
        return state == null ? null : ResumeToken.of(state);
    }

    /// Gives up a receive that was cut.
    ///
    /// @throws RequestException `NOT_FOUND` when there is none
    public void abort(String name) throws IOException {
        enter(name);
        try {
            Subvolume partial = receives.lookup(name);
            if (partial == null) {
                throw new RequestException(
                        ErrorKind.NOT_FOUND, "no receive into '" + name + "' was cut");
            }
            subvolumes.delete(List.of(partial));
        } finally {
            leave(name);
        }
    }

    private void enter(String name) throws RequestException {
        synchronized (busy) {
            if (!busy.add(name)) {
                throw new RequestException(
                        ErrorKind.BUSY, "'" + name + "' is being received already");
            }
        }
    }

    private void leave(String name) {
        synchronized (busy) {
            busy.remove(name);
        }
    }

    private FileTree treeOf(Subvolume subvolume) throws IOException {
        return subvolumes.tree(subvolume);
    }

    private static IOException explained(String name, IOException failed, boolean kept) {
        if (!(failed instanceof CowException known)) {
            return failed;
        }
        if (!kept) {
            return RecordReader.CUT.equals(known.getMessage())
                    ? new RequestException(
                            known.kind(), known.getMessage() + ": send it again", known)
                    : failed;
        }
        return new RequestException(
                known.kind(),
                known.getMessage()
                        + "; what came before is kept: '"
                        + receive("--token", name)
                        + "' tells where to go on, '"
                        + receive("--abort", name)
                        + "' gives it up",
                failed);
    }

    private static String receive(String option, String name) {
        return CommandHint.of("receive", option, CommandHint.POOL, name);
    }

    /// One stream.
    private final class Session {
        private final String name;
        private final RecordReader reader;
        private final Listener listener;
        private final List<Subvolume> done = new ArrayList<>();
        private int expected;
        private boolean resumed;
        private @Nullable NameHash senderHash;
        private @Nullable SnapshotHeader header;
        private @Nullable Subvolume partial;
        private @Nullable ReceivedTree tree;

        Session(String name, RecordReader reader, Listener listener) {
            this.name = name;
            this.reader = reader;
            this.listener = listener;
        }

        List<Subvolume> run() throws IOException {
            for (Segment segment = reader.next(); segment != null; segment = reader.next()) {
                for (int i = 0; i < segment.count(); i++) {
                    apply(segment, i);
                }
                listener.received(reader.contentBytes());
            }
            int found = done.size() + (partial == null ? 0 : 1);
            if (found != expected) {
                throw RecordReader.damaged(
                        "it has " + CountText.of(found, "snapshot") + ", and says " + expected);
            }
            publish();
            return done;
        }

        private void apply(Segment segment, int index) throws IOException {
            switch (segment.kind(index)) {
                case HEADER -> {
                    StreamHeader found =
                            StreamHeader.readFrom(
                                    segment.bytes(), segment.body(index), segment.bodyBytes(index));
                    expected = found.snapshotCount();
                    resumed = found.resumed();
                    senderHash = found.nameHash();
                }
                case SNAPSHOT ->
                        begin(
                                SnapshotHeader.readFrom(
                                        segment.bytes(),
                                        segment.body(index),
                                        segment.bodyBytes(index)));
                case SNAPSHOT_END -> end();
                case SEAL, TRAILER -> {}
                default -> current().apply(segment, index);
            }
        }

        private ReceivedTree current() {
            ReceivedTree open = tree;
            if (open == null) {
                throw new IllegalStateException("a record outside a snapshot was let through");
            }
            return open;
        }

        private void begin(SnapshotHeader found) throws IOException {
            if (partial != null) {
                publish();
            }
            if (done.size() == expected) {
                throw RecordReader.damaged("it has more snapshots than it says");
            }
            header = found;
            requireName(found.name());
            boolean goesOn = resumed && done.isEmpty();
            Subvolume old = receives.lookup(name);
            ReceiveItem state =
                    old == null ? null : SnapshotIdentity.lookupReceived(old.item(), treeOf(old));
            if (old != null && state == null) {
                // cut before its first record
                subvolumes.delete(List.of(old));
                old = null;
            }
            if (goesOn) {
                state = requireGoesOn(found, state);
            } else if (old != null) {
                throw new RequestException(
                        ErrorKind.EXISTS,
                        "a receive into '"
                                + name
                                + "' was cut: go on with it, see '"
                                + receive("--token", name)
                                + "', or give it up with '"
                                + receive("--abort", name)
                                + "'");
            }
            requireNotThere(found);
            Subvolume into = old != null ? old : make(found);
            partial = into;
            FileTree files = treeOf(into);
            ReceiveItem from = state != null ? state : startState(found, into.item().uuid());
            tree =
                    new ReceivedTree(
                            files,
                            found.nextInode(),
                            from,
                            goesOn,
                            found.byRanges() ? senderHash : null);
            if (state == null) {
                files.change(
                        1,
                        change -> {
                            TreeSteps.put(change, from);
                            return from;
                        });
            }
        }

        private Subvolume make(SnapshotHeader found) throws IOException {
            Subvolume base = found.isIncrement() ? getBase(found) : null;
            if (base == null && isThere()) {
                throw new RequestException(
                        ErrorKind.EXISTS,
                        "'"
                                + name
                                + "' exists already: choose another name ('cowfs replicate --as'), or"
                                + " send only what has changed with 'cowfs send --from'");
            }
            return receives.begin(
                    name,
                    base,
                    found.nextInode(),
                    uuid ->
                            change -> {
                                TreeSteps.put(change, startState(found, uuid));
                                return null;
                            });
        }

        private ReceiveItem startState(SnapshotHeader found, UUID holder) {
            return new ReceiveItem(
                    false,
                    found.byRanges(),
                    holder,
                    found.identity(),
                    found.txg(),
                    found.base(),
                    found.last(),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0);
        }

        /// @throws RequestException `INVALID` when the stream does not go on from what is there
        private ReceiveItem requireGoesOn(SnapshotHeader found, @Nullable ReceiveItem state)
                throws RequestException {
            if (state == null) {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "the stream goes on with a receive into '"
                                + name
                                + "', but there is none: send without --resume");
            }
            Position reached =
                    new Position(
                            state.positionInode(), state.positionKind(), state.positionOffset());
            if (!state.snapshot().equals(found.identity())
                    || !state.base().equals(found.base())
                    || state.byRanges() != found.byRanges()
                    || found.resumeAt().compareTo(reached) > 0) {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "the stream does not go on where the receive into '"
                                + name
                                + "' was cut: make it with the token that '"
                                + receive("--token", name)
                                + "' prints now");
            }
            return state;
        }

        private boolean isThere() throws IOException {
            return subvolumes.list().stream()
                    .anyMatch(each -> !each.isSnapshot() && each.subvolumeName().equals(name));
        }

        private List<Subvolume> snapshots() throws IOException {
            return subvolumes.list().stream()
                    .filter(each -> each.isSnapshot() && each.subvolumeName().equals(name))
                    .toList();
        }

        /// @throws RequestException `EXISTS`
        private void requireNotThere(SnapshotHeader found) throws IOException {
            for (Subvolume each : snapshots()) {
                if (each.item().name().equals(found.name())) {
                    boolean same =
                            SnapshotIdentity.of(each, treeOf(each)).uuid().equals(found.identity());
                    throw new RequestException(
                            ErrorKind.EXISTS,
                            "'"
                                    + each.fullName()
                                    + (same
                                            ? "' was received already"
                                            : "' exists already, and is another snapshot"));
                }
            }
        }

        /// @throws RequestException `NOT_FOUND`
        private Subvolume getBase(SnapshotHeader found) throws IOException {
            for (Subvolume each : snapshots()) {
                SnapshotIdentity identity = SnapshotIdentity.of(each, treeOf(each));
                if (identity.uuid().equals(found.base()) && identity.txg() == found.baseTxg()) {
                    return each;
                }
            }
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "'"
                            + name
                            + "' has no snapshot that is the base of this stream ("
                            + found.base()
                            + ", txg "
                            + found.baseTxg()
                            + "): send from a snapshot that both sides have, or all of it");
        }

        private void requireName(String snapshot) throws RequestException {
            boolean valid =
                    !snapshot.isEmpty()
                            && !snapshot.equals(".")
                            && !snapshot.equals("..")
                            && snapshot.chars()
                                    .noneMatch(
                                            c ->
                                                    c == '/'
                                                            || c == '@'
                                                            || c == ':'
                                                            || c == 0xfffd
                                                            || Character.isISOControl(c))
                            && snapshot.getBytes(UTF_8).length <= SubvolumeItem.MAX_NAME_BYTES;
            if (!valid) {
                throw RecordReader.damaged("a snapshot in it has a name that none can have");
            }
        }

        /// All of a snapshot has come. It is published when what follows it has been verified too:
        /// the next one, or the trailer.
        private void end() throws IOException {
            current().complete();
            store.sync();
            tree = null;
        }

        private void publish() throws IOException {
            Subvolume into = partial;
            SnapshotHeader of = header;
            if (into == null || of == null || tree != null) {
                throw new IllegalStateException("the end of no snapshot was let through");
            }
            done.add(receives.publish(into, name, of.name(), of.created()));
            partial = null;
        }

        /// Makes durable what came before a failure.
        ///
        /// @return whether there is something to go on from
        boolean keepWhatCame() {
            ReceivedTree open = tree;
            if (open != null) {
                open.drop();
            }
            if (partial == null) {
                return false;
            }
            try {
                store.sync();
                return lookupToken(name) != null;
            } catch (IOException nothingKept) {
                return false;
            }
        }
    }
}
