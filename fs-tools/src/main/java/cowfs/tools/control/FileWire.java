package cowfs.tools.control;

import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Files on the wire: names and content, which are any bytes, in base 64.
final class FileWire {
    private FileWire() {}

    static String text(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// The bytes of a member.
    static byte[] bytes(JsonObject json, String key) throws IOException {
        try {
            return Base64.getDecoder().decode(json.text(key));
        } catch (IllegalArgumentException e) {
            throw new IOException("malformed JSON: '" + key + "' is no base 64", e);
        }
    }

    static Map<String, @Nullable Object> of(Attributes attributes) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("inode", attributes.inode());
        json.put("mode", attributes.mode());
        json.put("links", attributes.linkCount());
        json.put("uid", attributes.uid());
        json.put("gid", attributes.gid());
        json.put("size", attributes.sizeBytes());
        json.put("blocks", attributes.blockCount());
        json.put("device", attributes.device());
        put(json, "accessed", attributes.accessed());
        put(json, "modified", attributes.modified());
        put(json, "changed", attributes.changed());
        put(json, "born", attributes.born());
        json.put("flags", attributes.flags());
        return json;
    }

    static Attributes attributes(JsonObject json) throws IOException {
        return new Attributes(
                json.number("inode"),
                json.smallNumber("mode"),
                json.smallNumber("links"),
                json.smallNumber("uid"),
                json.smallNumber("gid"),
                json.number("size"),
                json.number("blocks"),
                json.number("device"),
                timestamp(json, "accessed"),
                timestamp(json, "modified"),
                timestamp(json, "changed"),
                timestamp(json, "born"),
                json.smallNumber("flags"));
    }

    private static void put(Map<String, @Nullable Object> json, String key, Timestamp time) {
        json.put(key, time.seconds());
        json.put(key + "_nanos", time.nanos());
    }

    private static Timestamp timestamp(JsonObject json, String key) throws IOException {
        int nanos = json.smallNumber(key + "_nanos");
        if (nanos < 0 || nanos > 999_999_999) {
            throw new IOException("malformed JSON: '" + key + "_nanos' is " + nanos);
        }
        return new Timestamp(json.number(key), nanos);
    }
}
