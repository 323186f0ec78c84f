package cowfs.tools.control;

import cowfs.api.DedupReport;
import cowfs.api.FileChanges;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.ScrubJson;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Carries out the requests of one connection on a pool and its mounts. Used by one thread.
public final class Requests implements ControlServer.RequestHandler {
    private static final long PROGRESS_NANOS = Duration.ofMillis(200).toNanos();

    private final PoolOperations pool;
    private final MountService mounts;
    private final PinnedReads pinned;

    public Requests(PoolOperations pool, MountService mounts) {
        this.pool = pool;
        this.mounts = mounts;
        this.pinned = new PinnedReads(pool);
    }

    @Override
    public Map<String, @Nullable Object> handle(Verb verb, JsonObject request) throws IOException {
        return switch (verb) {
            case INFO -> PoolJson.of(pool.info());
            case LIST -> PoolJson.items(pool.list().stream().map(PoolJson::of).toList());
            case CREATE_SUBVOLUME -> PoolJson.of(pool.createSubvolume(request.text("name")));
            case RENAME_SUBVOLUME ->
                    PoolJson.of(pool.renameSubvolume(request.text("from"), request.text("to")));
            case SNAPSHOT ->
                    PoolJson.ofSnapshots(pool.snapshot(PoolJson.refs(request.texts("refs"))));
            case CLONE ->
                    PoolJson.of(
                            pool.cloneSubvolume(
                                    Ref.parse(request.text("ref")), request.text("name")));
            case ROLLBACK ->
                    PoolJson.of(
                            pool.rollback(
                                    Ref.parse(request.text("ref")),
                                    request.has("keep") ? Ref.parse(request.text("keep")) : null));
            case HISTORY ->
                    DiffJson.ofVersions(
                            pool.history(
                                    Ref.parse(request.text("ref")),
                                    DiffJson.path(request, "path")));
            case UNDELETE -> {
                Map<String, @Nullable Object> json = PoolJson.members();
                json.put(
                        "from",
                        pool.undelete(
                                        Ref.parse(request.text("ref")),
                                        DiffJson.path(request, "path"))
                                .toString());
                yield json;
            }
            case COPY ->
                    DiffJson.of(
                            pool.copy(
                                    Ref.parse(request.text("ref")),
                                    DiffJson.path(request, "path"),
                                    Ref.parse(request.text("to_ref")),
                                    DiffJson.path(request, "to_path")));
            case PURGE -> {
                Map<String, @Nullable Object> json = PoolJson.members();
                json.put(
                        "purged",
                        PoolJson.names(
                                pool.purge(
                                        DiffJson.path(request, "path"),
                                        PoolJson.refs(request.texts("refs")))));
                yield json;
            }
            case DELETE -> {
                pool.delete(PoolJson.refs(request.texts("refs")));
                yield PoolJson.members();
            }
            case PROPERTIES ->
                    PoolJson.ofProperties(
                            request.has("path")
                                    ? pool.properties(DiffJson.place(request))
                                    : pool.properties(Ref.parse(request.text("ref"))));
            case SET_PROPERTY -> {
                String name = request.text("name");
                String value = request.has("value") ? request.text("value") : null;
                if (request.has("path")) {
                    pool.setProperty(DiffJson.place(request), name, value);
                } else {
                    pool.setProperty(Ref.parse(request.text("ref")), name, value);
                }
                yield PoolJson.members();
            }
            case HOLD -> {
                pool.hold(Ref.parse(request.text("ref")), request.text("tag"));
                yield PoolJson.members();
            }
            case RELEASE -> {
                pool.release(Ref.parse(request.text("ref")), request.text("tag"));
                yield PoolJson.members();
            }
            case BOOKMARKS -> PoolJson.items(pool.bookmarks().stream().map(PoolJson::of).toList());
            case CREATE_BOOKMARK ->
                    PoolJson.of(
                            pool.createBookmark(
                                    Ref.parse(request.text("ref")), request.text("name")));
            case DELETE_BOOKMARKS -> {
                pool.deleteBookmarks(PoolJson.bookmarkRefs(request.texts("bookmarks")));
                yield PoolJson.members();
            }
            case SPACE_USAGE ->
                    PoolJson.items(
                            pool.spaceUsage(PoolJson.refs(request.texts("refs"))).stream()
                                    .map(PoolJson::of)
                                    .toList());
            case PATH_USAGE ->
                    PoolJson.items(
                            pool.pathUsage(DiffJson.places(request)).stream()
                                    .map(DiffJson::of)
                                    .toList());
            case FREED_BY_DELETING ->
                    PoolJson.of(pool.freedByDeleting(PoolJson.refs(request.texts("refs"))));
            case START_SCRUB -> {
                pool.startScrub(request.number("rate"), request.flag("restart"));
                yield PoolJson.members();
            }
            case STOP_SCRUB -> {
                pool.stopScrub();
                yield PoolJson.members();
            }
            case SCRUB -> ScrubJson.of(pool.scrub());
            case RESIZE -> {
                Map<String, @Nullable Object> json = PoolJson.members();
                json.put("size_before", pool.resize(request.number("size")));
                yield json;
            }
            case TRIM -> {
                Map<String, @Nullable Object> json = PoolJson.members();
                json.put("trimmed", pool.trim());
                yield json;
            }
            case SYNC -> {
                pool.sync();
                yield PoolJson.members();
            }
            case DIFF, DEDUP ->
                    throw new IllegalArgumentException("it is answered by items: " + verb);
            case AWAIT_RECLAIM -> {
                pool.awaitReclaim();
                yield PoolJson.members();
            }
            case SEND, RECEIVE, RECEIVE_TOKEN, IDENTITIES, ABORT_RECEIVE ->
                    StreamRequests.handle(pool.streams(), verb, request);
            case PIN -> pinned.pin();
            case UNPIN -> pinned.unpin(request);
            case FILE_LOOKUP -> pinned.lookup(request);
            case FILE_ATTRIBUTES -> pinned.attributes(request);
            case FILE_TARGET -> pinned.target(request);
            case FILE_PARENT -> pinned.parent(request);
            case FILE_ENTRIES -> pinned.entries(request);
            case FILE_ENTRIES_WITH_ATTRIBUTES -> pinned.entriesWithAttributes(request);
            case FILE_CONTENT -> pinned.content(request);
            case FILE_SEEK -> pinned.seek(request);
            case FILE_XATTR -> pinned.xattr(request);
            case FILE_XATTRS -> pinned.xattrs(request);
            case STATUS -> mounts.status().toJson();
            case MOUNT ->
                    mounts.mount(
                                    Ref.parse(request.text("ref")),
                                    Path.of(request.text("dir")),
                                    request.texts("options"))
                            .toJson();
            case LOG_LEVEL -> {
                if (request.has("level")) {
                    mounts.setLogLevel(LogLevel.parse(request.text("level")));
                }
                Map<String, @Nullable Object> json = PoolJson.members();
                json.put("level", mounts.logLevel().word());
                yield json;
            }
            case IOSTAT -> mounts.statistics().toJson();
            case AWAIT_UNMOUNT -> {
                Map<String, @Nullable Object> json = PoolJson.members();
                json.put("closed", mounts.awaitUnmount(Path.of(request.text("dir"))));
                yield json;
            }
        };
    }

    @Override
    public void stream(Verb verb, JsonObject request, ControlServer.ItemSink items)
            throws IOException {
        switch (verb) {
            case DIFF -> diff(request, items);
            case DEDUP -> dedup(request, items);
            default -> throw new IllegalArgumentException("it has one answer: " + verb);
        }
    }

    private void dedup(JsonObject request, ControlServer.ItemSink items) throws IOException {
        long[] last = {System.nanoTime()};
        DedupReport report =
                pool.dedup(
                        DiffJson.places(request),
                        Math.toIntExact(request.number("unit")),
                        (done, total) -> {
                            long now = System.nanoTime();
                            if (now - last[0] >= PROGRESS_NANOS) {
                                last[0] = now;
                                items.item(DiffJson.ofProgress(done, total));
                                items.flush(); // also finds out that nobody waits any more
                            }
                        });
        items.item(DiffJson.of(report));
    }

    private void diff(JsonObject request, ControlServer.ItemSink items) throws IOException {
        FilePath under = FilePath.of(Base64.getDecoder().decode(request.text("path")));
        try (FileChanges changes =
                pool.diff(
                        Ref.parse(request.text("before")),
                        Ref.parse(request.text("after")),
                        under)) {
            for (FileChange each = changes.next(); each != null; each = changes.next()) {
                items.item(DiffJson.of(each));
            }
        }
    }

    @Override
    public void close() throws IOException {
        pinned.close();
    }
}
