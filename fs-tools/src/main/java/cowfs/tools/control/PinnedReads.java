package cowfs.tools.control;

import cowfs.api.PinnedState;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume.SeekTarget;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The states that one connection has pinned, and what it reads of them. When the connection ends,
/// however it does, they are let go.
///
/// Bounded: one reply has at most {@link #MAX_BYTES} of content, or {@link #MAX_ENTRIES} names. Not
/// thread safe: a connection has one thread.
final class PinnedReads implements Closeable {
    /// Content that one reply carries.
    static final int MAX_BYTES = 1 << 20;

    /// Names that one reply carries.
    static final int MAX_ENTRIES = 1000;

    private final PoolOperations pool;
    private final Map<Long, PinnedState> pins = new HashMap<>();
    private long lastPin;

    PinnedReads(PoolOperations pool) {
        this.pool = pool;
    }

    Map<String, @Nullable Object> pin() throws IOException {
        PinnedState state = pool.pin();
        try {
            Map<String, @Nullable Object> json =
                    PoolJson.items(state.list().stream().map(PoolJson::of).toList());
            json.put("pin", ++lastPin);
            json.put("txg", state.txg());
            pins.put(lastPin, state);
            return json;
        } catch (IOException | RuntimeException failed) {
            state.close();
            throw failed;
        }
    }

    Map<String, @Nullable Object> unpin(JsonObject request) throws IOException {
        PinnedState state = pins.remove(request.number("pin"));
        if (state != null) {
            state.close();
        }
        return PoolJson.members();
    }

    Map<String, @Nullable Object> lookup(JsonObject request) throws IOException {
        return FileWire.of(volume(request).lookup(inode(request), FileWire.bytes(request, "name")));
    }

    Map<String, @Nullable Object> attributes(JsonObject request) throws IOException {
        return FileWire.of(volume(request).getAttributes(inode(request)));
    }

    Map<String, @Nullable Object> target(JsonObject request) throws IOException {
        return value(volume(request).readLink(inode(request)));
    }

    Map<String, @Nullable Object> parent(JsonObject request) throws IOException {
        return of("inode", volume(request).getParent(inode(request)));
    }

    /// Entries above a cookie; none when there are no more.
    Map<String, @Nullable Object> entries(JsonObject request) throws IOException {
        List<Map<String, @Nullable Object>> entries = new ArrayList<>();
        int limit = Math.clamp(request.number("count"), 1, MAX_ENTRIES);
        volume(request)
                .readDirectory(
                        inode(request),
                        request.number("cookie"),
                        (name, inode, type, cookie) -> {
                            Map<String, @Nullable Object> entry = PoolJson.members();
                            entry.put("name", FileWire.text(name));
                            entry.put("inode", inode);
                            entry.put("type", type);
                            entry.put("cookie", cookie);
                            entries.add(entry);
                            return entries.size() < limit;
                        });
        return PoolJson.items(entries);
    }

    Map<String, @Nullable Object> entriesWithAttributes(JsonObject request) throws IOException {
        List<Map<String, @Nullable Object>> entries = new ArrayList<>();
        int limit = Math.clamp(request.number("count"), 1, MAX_ENTRIES);
        volume(request)
                .readDirectoryWithAttributes(
                        inode(request),
                        request.number("cookie"),
                        limit,
                        (name, attributes, cookie) -> {
                            Map<String, @Nullable Object> entry = FileWire.of(attributes);
                            entry.put("name", FileWire.text(name));
                            entry.put("cookie", cookie);
                            entries.add(entry);
                            return entries.size() < limit;
                        });
        return PoolJson.items(entries);
    }

    Map<String, @Nullable Object> content(JsonObject request) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(Math.clamp(request.number("length"), 0, MAX_BYTES));
        int count = volume(request).read(inode(request), request.number("offset"), target);
        return value(java.util.Arrays.copyOf(target.array(), count));
    }

    Map<String, @Nullable Object> seek(JsonObject request) throws IOException {
        SeekTarget what = request.flag("data") ? SeekTarget.DATA : SeekTarget.HOLE;
        return of("offset", volume(request).seek(inode(request), request.number("offset"), what));
    }

    Map<String, @Nullable Object> xattr(JsonObject request) throws IOException {
        return value(volume(request).getXattr(inode(request), FileWire.bytes(request, "name")));
    }

    Map<String, @Nullable Object> xattrs(JsonObject request) throws IOException {
        return of(
                "names",
                volume(request).listXattrs(inode(request)).stream().map(FileWire::text).toList());
    }

    private ReadableVolume volume(JsonObject request) throws IOException {
        PinnedState state = pins.get(request.number("pin"));
        if (state == null) {
            throw new RequestException(ErrorKind.INVALID, "there is no such pin");
        }
        return state.volume(Ref.parse(request.text("ref")));
    }

    private static long inode(JsonObject request) throws IOException {
        return request.number("inode");
    }

    private static Map<String, @Nullable Object> value(byte[] bytes) {
        return of("value", FileWire.text(bytes));
    }

    private static Map<String, @Nullable Object> of(String key, Object value) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put(key, value);
        return json;
    }

    @Override
    public void close() throws IOException {
        for (PinnedState state : pins.values()) {
            state.close();
        }
        pins.clear();
    }
}
