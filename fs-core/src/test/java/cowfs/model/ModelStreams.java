package cowfs.model;

import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Streams from a model to itself: what is written is the number of a state that is kept here. A
/// receive is whole or has not been. Guarded by the lock of the pool.
final class ModelStreams implements StreamOperations {
    private final ModelPool pool;
    private final List<Sent> sent = new ArrayList<>();

    /// A snapshot on its way.
    ///
    /// @param base what the receiver must have; null for all of a snapshot
    private record Sent(
            String name, ModelTree tree, UUID identity, @Nullable UUID base, Timestamp created) {}

    ModelStreams(ModelPool pool) {
        this.pool = pool;
    }

    @Override
    public void send(SendRequest request, OutputStream target) throws IOException {
        Ref ref = request.snapshot();
        if (ref == null || request.between()) {
            throw new UnsupportedOperationException("a model sends one snapshot at a time");
        }
        synchronized (pool) {
            ModelSubvolume snapshot = getSnapshot(ref);
            Ref from = request.from();
            ModelSubvolume base = from == null ? null : getSnapshot(from);
            if (base == snapshot) {
                throw new RequestException(ErrorKind.INVALID, ref + " as its own base");
            }
            new DataOutputStream(target).writeInt(sent.size());
            sent.add(
                    new Sent(
                            snapshot.name,
                            snapshot.tree.copy(snapshot.tree.id, true),
                            snapshot.identity,
                            base == null ? null : base.identity,
                            snapshot.created));
        }
    }

    private ModelSubvolume getSnapshot(Ref ref) throws RequestException {
        ModelSubvolume found = pool.subvolumes().get(ref);
        if (!ref.isSnapshot()) {
            throw new RequestException(ErrorKind.INVALID, ref + " is no snapshot");
        }
        return found;
    }

    @Override
    public List<SubvolumeInfo> receive(String name, InputStream source) throws IOException {
        Ref live = Ref.parseSubvolume(name);
        synchronized (pool) {
            Sent stream = sent.get(new DataInputStream(source).readInt());
            ModelSubvolumes subvolumes = pool.subvolumes();
            ModelSubvolume into = subvolumes.lookup(live);
            subvolumes.requireNew(new Ref(name, stream.name));
            if (stream.base == null) {
                subvolumes.requireNew(live);
            }
            if (stream.base != null) {
                requireBase(into, stream);
            }
            // what is new in it counts as made here
            long lineage = pool.newTreeId();
            ModelSubvolume made =
                    new ModelSubvolume(
                            stream.name,
                            stream.tree.copy(pool.newTreeId(), true),
                            0,
                            lineage,
                            stream.created);
            made.identity = stream.identity;
            if (into == null) {
                into =
                        new ModelSubvolume(
                                name,
                                made.tree.copy(pool.newTreeId(), false),
                                made.tree.id,
                                lineage);
                subvolumes.add(into);
            }
            into.snapshots.add(made);
            return List.of(subvolumes.info(new Ref(name, made.name), made));
        }
    }

    private static void requireBase(@Nullable ModelSubvolume into, Sent stream)
            throws RequestException {
        boolean there =
                into != null
                        && into.snapshots.stream()
                                .anyMatch(each -> each.identity.equals(stream.base));
        if (!there) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no base of " + stream.name);
        }
    }

    @Override
    public @Nullable String receiveToken(String name) {
        return null;
    }

    @Override
    public SequencedMap<Ref, UUID> identities(String name) throws IOException {
        synchronized (pool) {
            SequencedMap<Ref, UUID> identities = new LinkedHashMap<>();
            ModelSubvolume of = pool.subvolumes().lookup(Ref.parseSubvolume(name));
            if (of != null) {
                of.snapshots.forEach(
                        each -> identities.put(new Ref(name, each.name), each.identity));
            }
            return identities;
        }
    }

    @Override
    public void abortReceive(String name) throws IOException {
        throw new RequestException(ErrorKind.NOT_FOUND, "no receive into " + name + " was cut");
    }
}
