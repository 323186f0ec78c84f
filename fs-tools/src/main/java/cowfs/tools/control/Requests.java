package cowfs.tools.control;

import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.ScrubJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Carries out requests on a pool and its mounts. Thread safe as far as these are.
public final class Requests implements ControlServer.RequestHandler {
    private final PoolOperations pool;
    private final MountService mounts;

    public Requests(PoolOperations pool, MountService mounts) {
        this.pool = pool;
        this.mounts = mounts;
    }

    @Override
    public Map<String, @Nullable Object> handle(Verb verb, JsonObject request) throws IOException {
        return switch (verb) {
            case INFO -> PoolJson.of(pool.info());
            case LIST -> PoolJson.items(pool.list().stream().map(PoolJson::of).toList());
            case CREATE_SUBVOLUME -> PoolJson.of(pool.createSubvolume(request.text("name")));
            case RENAME_SUBVOLUME ->
                    PoolJson.of(pool.renameSubvolume(request.text("from"), request.text("to")));
            case SNAPSHOT -> PoolJson.of(pool.snapshot(Ref.parse(request.text("ref"))));
            case CLONE ->
                    PoolJson.of(
                            pool.cloneSubvolume(
                                    Ref.parse(request.text("ref")), request.text("name")));
            case DELETE -> {
                pool.delete(PoolJson.refs(request.texts("refs")));
                yield PoolJson.members();
            }
            case SPACE_USAGE ->
                    PoolJson.items(
                            pool.spaceUsage(PoolJson.refs(request.texts("refs"))).stream()
                                    .map(PoolJson::of)
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
            case SYNC -> {
                pool.sync();
                yield PoolJson.members();
            }
            case AWAIT_RECLAIM -> {
                pool.awaitReclaim();
                yield PoolJson.members();
            }
            case STATUS -> mounts.status().toJson();
            case MOUNT ->
                    mounts.mount(
                                    Ref.parse(request.text("ref")),
                                    Path.of(request.text("dir")),
                                    request.texts("options"))
                            .toJson();
            case AWAIT_UNMOUNT -> {
                Map<String, @Nullable Object> json = PoolJson.members();
                json.put("closed", mounts.awaitUnmount(Path.of(request.text("dir"))));
                yield json;
            }
        };
    }
}
