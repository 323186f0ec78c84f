package cowfs.tools.control;

import cowfs.api.BookmarkInfo;
import cowfs.api.BookmarkRef;
import cowfs.api.CopyReport;
import cowfs.api.DedupReport;
import cowfs.api.FileChanges;
import cowfs.api.FilePlace;
import cowfs.api.FileVersion;
import cowfs.api.FreedSpace;
import cowfs.api.PathUsage;
import cowfs.api.PinnedState;
import cowfs.api.PoolInfo;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.api.RollbackReport;
import cowfs.api.ScrubReport;
import cowfs.api.SpaceUsage;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import cowfs.api.WorkProgress;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.ScrubJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// A pool served by a daemon, behind its control socket.
///
/// What programs have written to the pool's mounts before a call is in what the call works on: the
/// daemon sees to that, by the barriers of its mounts. Thread safe.
public final class RemotePool implements PoolOperations {
    private final ControlClient client;

    public RemotePool(ControlClient client) {
        this.client = client;
    }

    @Override
    public PoolInfo info() throws IOException {
        return PoolJson.poolInfo(client.call(Verb.INFO, Map.of()));
    }

    @Override
    public List<SubvolumeInfo> list() throws IOException {
        List<SubvolumeInfo> list = new ArrayList<>();
        for (JsonObject item : client.call(Verb.LIST, Map.of()).objects("items")) {
            list.add(PoolJson.subvolumeInfo(item));
        }
        return list;
    }

    @Override
    public SubvolumeInfo createSubvolume(String name) throws IOException {
        return PoolJson.subvolumeInfo(client.call(Verb.CREATE_SUBVOLUME, Map.of("name", name)));
    }

    @Override
    public SubvolumeInfo renameSubvolume(String from, String to) throws IOException {
        return PoolJson.subvolumeInfo(
                client.call(Verb.RENAME_SUBVOLUME, Map.of("from", from, "to", to)));
    }

    @Override
    public List<SubvolumeInfo> snapshot(List<Ref> snapshots) throws IOException {
        List<SubvolumeInfo> taken = new ArrayList<>();
        Map<String, @Nullable Object> arguments = PoolJson.members();
        arguments.put("refs", PoolJson.names(snapshots));
        for (JsonObject each : client.call(Verb.SNAPSHOT, arguments).objects("snapshots")) {
            taken.add(PoolJson.subvolumeInfo(each));
        }
        return taken;
    }

    @Override
    public SubvolumeInfo cloneSubvolume(Ref source, String name) throws IOException {
        return PoolJson.subvolumeInfo(
                client.call(Verb.CLONE, Map.of("ref", source.toString(), "name", name)));
    }

    @Override
    public RollbackReport rollback(Ref snapshot, @Nullable Ref keepAs) throws IOException {
        Map<String, @Nullable Object> arguments = PoolJson.members();
        arguments.put("ref", snapshot.toString());
        arguments.put("keep", keepAs == null ? null : keepAs.toString());
        return PoolJson.rollbackReport(client.call(Verb.ROLLBACK, arguments));
    }

    @Override
    public List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        return DiffJson.versions(client.call(Verb.HISTORY, at(ref, path)));
    }

    @Override
    public Ref undelete(Ref live, FilePath path) throws IOException {
        return Ref.parse(client.call(Verb.UNDELETE, at(live, path)).text("from"));
    }

    @Override
    public CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) throws IOException {
        Map<String, @Nullable Object> arguments = at(from, path);
        arguments.put("to_ref", live.toString());
        DiffJson.put(arguments, "to_path", to);
        return DiffJson.copyReport(client.call(Verb.COPY, arguments));
    }

    @Override
    public DedupReport dedup(List<FilePlace> places, int unitBytes, WorkProgress progress)
            throws IOException {
        Map<String, @Nullable Object> arguments = PoolJson.members();
        arguments.put("places", places.stream().map(DiffJson::of).toList());
        arguments.put("unit", unitBytes);
        try (ControlClient.ItemStream items = client.stream(Verb.DEDUP, arguments)) {
            for (JsonObject item = items.next(); item != null; item = items.next()) {
                if (!DiffJson.isProgress(item)) {
                    return DiffJson.dedupReport(item);
                }
                progress.at(item.number("done"), item.number("total"));
            }
            throw new IOException("malformed JSON: no report of the dedup");
        }
    }

    @Override
    public List<Ref> purge(FilePath path, List<Ref> snapshots) throws IOException {
        Map<String, @Nullable Object> arguments = PoolJson.members();
        DiffJson.put(arguments, "path", path);
        arguments.put("refs", names(snapshots));
        return PoolJson.refs(client.call(Verb.PURGE, arguments).texts("purged"));
    }

    private static Map<String, @Nullable Object> at(Ref ref, FilePath path) {
        Map<String, @Nullable Object> arguments = PoolJson.members();
        arguments.put("ref", ref.toString());
        DiffJson.put(arguments, "path", path);
        return arguments;
    }

    @Override
    public void delete(List<Ref> refs) throws IOException {
        client.call(Verb.DELETE, Map.of("refs", names(refs)));
    }

    @Override
    public SortedMap<String, String> properties(Ref ref) throws IOException {
        return PoolJson.properties(client.call(Verb.PROPERTIES, Map.of("ref", ref.toString())));
    }

    @Override
    public void setProperty(Ref ref, String name, @Nullable String value) throws IOException {
        Map<String, @Nullable Object> request = PoolJson.members();
        request.put("ref", ref.toString());
        request.put("name", name);
        request.put("value", value);
        client.call(Verb.SET_PROPERTY, request);
    }

    @Override
    public SortedMap<String, String> properties(FilePlace place) throws IOException {
        return PoolJson.properties(client.call(Verb.PROPERTIES, at(place.ref(), place.path())));
    }

    @Override
    public void setProperty(FilePlace place, String name, @Nullable String value)
            throws IOException {
        Map<String, @Nullable Object> request = at(place.ref(), place.path());
        request.put("name", name);
        request.put("value", value);
        client.call(Verb.SET_PROPERTY, request);
    }

    @Override
    public void hold(Ref ref, String tag) throws IOException {
        client.call(Verb.HOLD, Map.of("ref", ref.toString(), "tag", tag));
    }

    @Override
    public void release(Ref ref, String tag) throws IOException {
        client.call(Verb.RELEASE, Map.of("ref", ref.toString(), "tag", tag));
    }

    @Override
    public List<BookmarkInfo> bookmarks() throws IOException {
        List<BookmarkInfo> bookmarks = new ArrayList<>();
        for (JsonObject item : client.call(Verb.BOOKMARKS, Map.of()).objects("items")) {
            bookmarks.add(PoolJson.bookmarkInfo(item));
        }
        return bookmarks;
    }

    @Override
    public BookmarkInfo createBookmark(Ref snapshot, String name) throws IOException {
        return PoolJson.bookmarkInfo(
                client.call(
                        Verb.CREATE_BOOKMARK, Map.of("ref", snapshot.toString(), "name", name)));
    }

    @Override
    public void deleteBookmarks(List<BookmarkRef> bookmarks) throws IOException {
        client.call(
                Verb.DELETE_BOOKMARKS,
                Map.of("bookmarks", bookmarks.stream().map(BookmarkRef::toString).toList()));
    }

    @Override
    public List<SpaceUsage> spaceUsage(List<Ref> refs) throws IOException {
        sync(); // what is only in memory has no place yet
        List<SpaceUsage> usages = new ArrayList<>();
        JsonObject reply = client.call(Verb.SPACE_USAGE, Map.of("refs", names(refs)));
        for (JsonObject item : reply.objects("items")) {
            usages.add(PoolJson.spaceUsage(item));
        }
        return usages;
    }

    @Override
    public List<PathUsage> pathUsage(List<FilePlace> places) throws IOException {
        sync();
        Map<String, @Nullable Object> arguments = PoolJson.members();
        arguments.put("places", places.stream().map(DiffJson::of).toList());
        List<PathUsage> usages = new ArrayList<>();
        for (JsonObject item : client.call(Verb.PATH_USAGE, arguments).objects("items")) {
            usages.add(DiffJson.pathUsage(item));
        }
        return usages;
    }

    @Override
    public FreedSpace freedByDeleting(List<Ref> refs) throws IOException {
        sync();
        return PoolJson.freedSpace(
                client.call(Verb.FREED_BY_DELETING, Map.of("refs", names(refs))));
    }

    @Override
    public FileChanges diff(Ref before, Ref after, FilePath under) throws IOException {
        ControlClient.ItemStream items =
                client.stream(
                        Verb.DIFF,
                        Map.of(
                                "before",
                                before.toString(),
                                "after",
                                after.toString(),
                                "path",
                                Base64.getEncoder().encodeToString(under.toBytes())));
        return new FileChanges() {
            @Override
            public @Nullable FileChange next() throws IOException {
                JsonObject item = items.next();
                return item == null ? null : DiffJson.fileChange(item);
            }

            @Override
            public void close() throws IOException {
                items.close();
            }
        };
    }

    @Override
    public void startScrub(long bytesPerSecond, boolean restart) throws IOException {
        client.call(Verb.START_SCRUB, Map.of("rate", bytesPerSecond, "restart", restart));
    }

    @Override
    public void stopScrub() throws IOException {
        client.call(Verb.STOP_SCRUB, Map.of());
    }

    @Override
    public ScrubReport scrub() throws IOException {
        return ScrubJson.report(client.call(Verb.SCRUB, Map.of()));
    }

    @Override
    public StreamOperations streams() {
        return new RemoteStreams(client);
    }

    @Override
    public PinnedState pin() throws IOException {
        return RemotePin.take(client);
    }

    @Override
    public long resize(long sizeBytes) throws IOException {
        return client.call(Verb.RESIZE, Map.of("size", sizeBytes)).number("size_before");
    }

    @Override
    public long trim() throws IOException {
        return client.call(Verb.TRIM, Map.of()).number("trimmed");
    }

    @Override
    public void sync() throws IOException {
        client.call(Verb.SYNC, Map.of());
    }

    @Override
    public void awaitReclaim() throws IOException {
        client.call(Verb.AWAIT_RECLAIM, Map.of());
    }

    private static List<String> names(List<Ref> refs) {
        return refs.stream().map(Ref::toString).toList();
    }
}
