package cowfs.tools.control;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.text.ErrorText;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Requests and replies as lines.
public final class Wire {
    private static final int VERSION = 1;
    private static final String VERSION_KEY = "version";
    private static final String VERB = "verb";
    private static final String OK = "ok";
    private static final String ITEM = "item";
    private static final String ERROR = "error";

    private Wire() {}

    static String request(Verb verb, Map<String, @Nullable Object> arguments) throws IOException {
        Map<String, @Nullable Object> request = envelope();
        request.put(VERB, verb.word());
        request.putAll(arguments);
        return JsonObject.line(request);
    }

    /// The verb of a request of a version that this side speaks.
    static Verb verb(JsonObject request) throws IOException {
        requireVersion(request);
        String word = request.text(VERB);
        return Arrays.stream(Verb.values())
                .filter(verb -> verb.word().equals(word))
                .findFirst()
                .orElseThrow(() -> otherVersion("the request '" + word + "' is unknown"));
    }

    /// A reply with what was asked for.
    public static String ok(Map<String, @Nullable Object> result) throws IOException {
        Map<String, @Nullable Object> reply = envelope();
        reply.put(OK, result);
        return JsonObject.line(reply);
    }

    /// One of the items of a reply that has many; `ok` or `error` follows behind the last one.
    static String item(Map<String, @Nullable Object> members) throws IOException {
        Map<String, @Nullable Object> reply = envelope();
        reply.put(ITEM, members);
        return JsonObject.line(reply);
    }

    /// The item in a reply; null when it is the end of them.
    ///
    /// @throws RequestException with the kind and message of the failure on the other side
    static @Nullable JsonObject lookupItem(String line) throws IOException {
        JsonObject reply = JsonObject.parse(line);
        if (reply.has(ITEM)) {
            requireVersion(reply);
            return reply.object(ITEM);
        }
        result(line);
        return null;
    }

    /// A reply that says what failed.
    public static String error(Throwable failure) throws IOException {
        Map<String, @Nullable Object> error = PoolJson.members();
        error.put("kind", kind(failure).name());
        error.put("message", ErrorText.describe(failure));
        Map<String, @Nullable Object> reply = envelope();
        reply.put(ERROR, error);
        return JsonObject.line(reply);
    }

    /// The result in a reply.
    ///
    /// @throws RequestException with the kind and message of the failure on the other side
    public static JsonObject result(String line) throws IOException {
        JsonObject reply = JsonObject.parse(line);
        requireVersion(reply);
        if (reply.has(ERROR)) {
            JsonObject error = reply.object(ERROR);
            throw new RequestException(kind(error.text("kind")), error.text("message"));
        }
        return reply.object(OK);
    }

    private static Map<String, @Nullable Object> envelope() {
        Map<String, @Nullable Object> envelope = PoolJson.members();
        envelope.put(VERSION_KEY, VERSION);
        return envelope;
    }

    private static void requireVersion(JsonObject message) throws IOException {
        if (message.number(VERSION_KEY) != VERSION) {
            throw otherVersion("version " + message.number(VERSION_KEY) + " instead of " + VERSION);
        }
    }

    private static RequestException otherVersion(String what) {
        return new RequestException(
                ErrorKind.UNSUPPORTED,
                "the daemon is of another version of cowfs ("
                        + what
                        + "); unmount and mount again with this one");
    }

    private static ErrorKind kind(Throwable failure) {
        return failure instanceof CowException e ? e.kind() : ErrorKind.IO;
    }

    /// A kind that only a newer daemon knows is no reason to lose its message.
    private static ErrorKind kind(String name) {
        return Arrays.stream(ErrorKind.values())
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElse(ErrorKind.IO);
    }
}
