package cowfs.api;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.stream.Receiver;
import cowfs.stream.ResumeToken;
import cowfs.stream.Sender;
import cowfs.subvol.Bookmarks;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Sending from and receiving into an open pool. Thread safe.
final class OpenStreams implements StreamOperations {
    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final Sender sender;
    private final Receiver receiver;
    private final Bookmarks bookmarks;

    OpenStreams(PoolStore store, Subvolumes subvolumes) {
        this.store = store;
        this.subvolumes = subvolumes;
        this.sender = new Sender(store, subvolumes);
        this.bookmarks = new Bookmarks(store, subvolumes);
        this.receiver = new Receiver(store, subvolumes);
    }

    @Override
    public void send(SendRequest request, OutputStream target) throws IOException {
        sender.send(plan(request), target);
    }

    private Sender.Plan plan(SendRequest request) throws IOException {
        String token = request.token();
        if (token != null) {
            return sender.plan(ResumeToken.parse(token));
        }
        Ref snapshot = request.snapshot();
        if (snapshot == null) {
            throw new RequestException(ErrorKind.INVALID, "say which snapshot to send");
        }
        BookmarkRef bookmark = request.bookmark();
        if (bookmark != null) {
            return sender.planOn(
                    bookmarks.get(bookmark.subvolume(), bookmark.name()),
                    get(snapshot),
                    request.between());
        }
        Ref from = request.from();
        return sender.plan(get(snapshot), from == null ? null : get(from), request.between());
    }

    private Subvolume get(Ref ref) throws IOException {
        return subvolumes.get(ref.subvolume(), ref.snapshot());
    }

    @Override
    public List<SubvolumeInfo> receive(String name, InputStream source) throws IOException {
        String subvolume = Ref.parseSubvolume(name).subvolume();
        if (store.readOnly()) {
            throw new RequestException(ErrorKind.READ_ONLY, "the image is open for reading only");
        }
        List<SubvolumeInfo> received = new ArrayList<>();
        for (Subvolume each : receiver.receive(subvolume, source, bytes -> {})) {
            received.add(
                    SubvolumeInfo.of(
                            each,
                            subvolumes.lookupName(each.item().originTree()),
                            store.state().superblock()));
        }
        return received;
    }

    @Override
    public @Nullable String receiveToken(String name) throws IOException {
        ResumeToken token = receiver.lookupToken(Ref.parseSubvolume(name).subvolume());
        return token == null ? null : token.toString();
    }

    @Override
    public SequencedMap<Ref, UUID> identities(String name) throws IOException {
        String subvolume = Ref.parseSubvolume(name).subvolume();
        SequencedMap<Ref, UUID> identities = new LinkedHashMap<>();
        for (Subvolume each : subvolumes.list()) {
            if (each.isSnapshot() && each.subvolumeName().equals(subvolume)) {
                identities.put(SubvolumeInfo.refOf(each), sender.uuidEverywhere(each));
            }
        }
        return identities;
    }

    @Override
    public void abortReceive(String name) throws IOException {
        receiver.abort(Ref.parseSubvolume(name).subvolume());
    }
}
