package cowfs.tools.text;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON object that was read, with members that must be there and of the right type.
///
/// Every accessor fails with an `IOException` that names the member.
public record JsonObject(Map<String, @Nullable Object> members) {
    private static final JSON PRETTY =
            JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES);

    /// Parses one object.
    public static JsonObject parse(String text) throws IOException {
        return new JsonObject(new LinkedHashMap<String, @Nullable Object>(JSON.std.mapFrom(text)));
    }

    /// An object on one line.
    public static String line(Map<String, @Nullable Object> members) throws IOException {
        return JSON.std.asString(members);
    }

    /// An object for `--json`.
    public static String pretty(Map<String, @Nullable Object> members) throws IOException {
        return PRETTY.asString(members);
    }

    /// Whether the member is there and not null.
    public boolean has(String key) {
        return members.get(key) != null;
    }

    /// A member that is a string.
    public String text(String key) throws IOException {
        return cast(key, members.get(key), String.class);
    }

    /// A member that is an integer.
    public long number(String key) throws IOException {
        return cast(key, members.get(key), Number.class).longValue();
    }

    /// A member that is an integer of 32 bits.
    public int smallNumber(String key) throws IOException {
        return Math.toIntExact(number(key));
    }

    /// A member that is true or false.
    public boolean flag(String key) throws IOException {
        return cast(key, members.get(key), Boolean.class);
    }

    /// A member that is an object.
    public JsonObject object(String key) throws IOException {
        return object(key, members.get(key));
    }

    /// A member that is a list of objects.
    public List<JsonObject> objects(String key) throws IOException {
        List<JsonObject> objects = new ArrayList<>();
        for (Object element : cast(key, members.get(key), List.class)) {
            objects.add(object(key, element));
        }
        return objects;
    }

    /// A member that is a list of strings.
    public List<String> texts(String key) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Object element : cast(key, members.get(key), List.class)) {
            texts.add(cast(key, element, String.class));
        }
        return texts;
    }

    @SuppressWarnings("unchecked") // what the parser makes of an object has strings as keys
    private static JsonObject object(String key, @Nullable Object value) throws IOException {
        return new JsonObject(cast(key, value, Map.class));
    }

    private static <T> T cast(String key, @Nullable Object value, Class<T> type)
            throws IOException {
        if (!type.isInstance(value)) {
            throw new IOException(
                    "malformed JSON: '" + key + "' is no " + type.getSimpleName() + ": " + value);
        }
        return type.cast(value);
    }
}
