package cowfs.tools.text;

import cowfs.api.CopyReport;
import cowfs.api.DedupReport;
import cowfs.api.FilePlace;
import cowfs.api.FileVersion;
import cowfs.api.PathUsage;
import cowfs.api.Ref;
import cowfs.file.Attributes;
import cowfs.file.ByteRange;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import cowfs.file.Timestamp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The differences between files as JSON, for `diff --json` and for the control socket: see
/// `docs/json.md`.
public final class DiffJson {
    private static final String BASE64 = "_base64";

    private DiffJson() {}

    /// One difference.
    public static Map<String, @Nullable Object> of(FileChange change) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("change", word(change.kind()));
        put(json, "path", change.path());
        if (change.from() != null) {
            put(json, "from", change.from());
        }
        json.put("inode", change.inode());
        Attributes some = change.after() == null ? change.before() : change.after();
        json.put("type", some == null ? null : type(some.type()));
        if (change.before() != null) {
            json.put("before", of(change.before()));
        }
        if (change.after() != null) {
            json.put("after", of(change.after()));
        }
        switch (change.kind()) {
            case CHANGED, ATTRIBUTES ->
                    json.put("attributes", change.aspects().stream().map(DiffJson::word).toList());
            default -> {}
        }
        if (change.kind() == FileChange.Kind.CHANGED) {
            json.put("ranges", change.ranges().stream().map(DiffJson::of).toList());
            json.put("more", change.more());
        }
        return json;
    }

    /// The reverse of {@link #of(FileChange)}.
    public static FileChange fileChange(JsonObject json) throws IOException {
        List<ByteRange> ranges = new ArrayList<>();
        if (json.has("ranges")) {
            for (JsonObject range : json.objects("ranges")) {
                ranges.add(new ByteRange(range.number("offset"), range.number("length")));
            }
        }
        long inode = json.number("inode");
        String type = json.text("type");
        return new FileChange(
                kind(json.text("change")),
                path(json, "path"),
                json.has("from") ? path(json, "from") : null,
                inode,
                json.has("before") ? attributes(inode, type, json.object("before")) : null,
                json.has("after") ? attributes(inode, type, json.object("after")) : null,
                json.has("attributes")
                        && json.texts("attributes").contains(word(FileChange.Aspect.XATTRS)),
                List.copyOf(ranges),
                json.has("more") && json.flag("more"));
    }

    /// Versions of a file, newest first: `{"versions": [...]}`.
    public static Map<String, @Nullable Object> ofVersions(List<FileVersion> versions) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("versions", versions.stream().map(DiffJson::of).toList());
        return json;
    }

    private static Map<String, @Nullable Object> of(FileVersion version) {
        Attributes some = version.holders().getFirst().attributes();
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("type", type(some.type()));
        json.put("size", some.sizeBytes());
        json.put("modified", text(some.modified()));
        json.put("holders", version.holders().stream().map(DiffJson::of).toList());
        return json;
    }

    private static Map<String, @Nullable Object> of(FileVersion.Holder holder) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("ref", holder.ref().toString());
        put(json, "path", holder.path());
        json.put("inode", holder.attributes().inode());
        json.put("type", type(holder.attributes().type()));
        json.put("attributes", of(holder.attributes()));
        return json;
    }

    /// The reverse of {@link #ofVersions}.
    public static List<FileVersion> versions(JsonObject json) throws IOException {
        List<FileVersion> versions = new ArrayList<>();
        for (JsonObject version : json.objects("versions")) {
            List<FileVersion.Holder> holders = new ArrayList<>();
            for (JsonObject holder : version.objects("holders")) {
                holders.add(
                        new FileVersion.Holder(
                                Ref.parse(holder.text("ref")),
                                path(holder, "path"),
                                attributes(
                                        holder.number("inode"),
                                        holder.text("type"),
                                        holder.object("attributes"))));
            }
            versions.add(new FileVersion(List.copyOf(holders)));
        }
        return versions;
    }

    /// What a copy has made.
    public static Map<String, @Nullable Object> of(CopyReport report) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("ref", report.ref().toString());
        put(json, "path", report.path());
        json.put("names", report.names());
        return json;
    }

    /// The reverse.
    public static CopyReport copyReport(JsonObject json) throws IOException {
        return new CopyReport(
                Ref.parse(json.text("ref")), path(json, "path"), json.number("names"));
    }

    /// A file of a subvolume.
    public static Map<String, @Nullable Object> of(FilePlace place) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("ref", place.ref().toString());
        put(json, "path", place.path());
        return json;
    }

    /// The file that a request names.
    public static FilePlace place(JsonObject json) throws IOException {
        return new FilePlace(Ref.parse(json.text("ref")), path(json, "path"));
    }

    /// The files that a request names.
    public static List<FilePlace> places(JsonObject json) throws IOException {
        List<FilePlace> places = new ArrayList<>();
        for (JsonObject place : json.objects("places")) {
            places.add(place(place));
        }
        return places;
    }

    /// The space of what lies at and below a path.
    public static Map<String, @Nullable Object> of(PathUsage usage) {
        Map<String, @Nullable Object> json = of(usage.place());
        json.put("files", usage.files());
        json.put("directories", usage.directories());
        json.put("referenced", usage.referencedBytes());
        json.put("exclusive", usage.exclusiveBytes());
        json.put("shared", usage.sharedBytes());
        json.put("inline", usage.inlineBytes());
        json.put("written", usage.writtenBytes());
        json.put("stored", usage.storedBytes());
        return json;
    }

    /// The reverse of {@link #of(PathUsage)}.
    public static PathUsage pathUsage(JsonObject json) throws IOException {
        return new PathUsage(
                new FilePlace(Ref.parse(json.text("ref")), path(json, "path")),
                json.number("files"),
                json.number("directories"),
                json.number("referenced"),
                json.number("exclusive"),
                json.number("shared"),
                json.number("inline"),
                json.number("written"),
                json.number("stored"));
    }

    /// How far a piece of work is.
    public static Map<String, @Nullable Object> ofProgress(long doneBytes, long totalBytes) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("done", doneBytes);
        json.put("total", totalBytes);
        return json;
    }

    /// Whether it says how far a piece of work is, and not what it came to.
    public static boolean isProgress(JsonObject json) {
        return json.has("done");
    }

    /// What sharing equal content came to.
    public static Map<String, @Nullable Object> of(DedupReport report) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("files", report.files());
        json.put("scanned", report.scannedBytes());
        json.put("shared", report.sharedBytes());
        json.put("left_out", report.leftOutBytes());
        json.put("used_before", report.usedBytesBefore());
        json.put("used_after", report.usedBytesAfter());
        return json;
    }

    /// The reverse.
    public static DedupReport dedupReport(JsonObject json) throws IOException {
        return new DedupReport(
                json.number("files"),
                json.number("scanned"),
                json.number("shared"),
                json.number("left_out"),
                json.number("used_before"),
                json.number("used_after"));
    }

    /// A path, and its bytes too where they are no text.
    public static void put(Map<String, @Nullable Object> json, String key, FilePath path) {
        json.put(key, path.toString());
        if (!path.isText()) {
            json.put(key + BASE64, Base64.getEncoder().encodeToString(path.toBytes()));
        }
    }

    /// The reverse of {@link #put}.
    public static FilePath path(JsonObject json, String key) throws IOException {
        return json.has(key + BASE64)
                ? FilePath.of(Base64.getDecoder().decode(json.text(key + BASE64)))
                : FilePath.of(json.text(key));
    }

    private static Map<String, @Nullable Object> of(ByteRange range) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("offset", range.offset());
        json.put("length", range.lengthBytes());
        return json;
    }

    private static Map<String, @Nullable Object> of(Attributes attributes) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("mode", String.format("%04o", attributes.mode() & 07777));
        json.put("links", attributes.linkCount());
        json.put("uid", Integer.toUnsignedLong(attributes.uid()));
        json.put("gid", Integer.toUnsignedLong(attributes.gid()));
        json.put("size", attributes.sizeBytes());
        json.put("sectors", attributes.blockCount());
        json.put("device", attributes.device());
        json.put("accessed", text(attributes.accessed()));
        json.put("modified", text(attributes.modified()));
        json.put("changed", text(attributes.changed()));
        json.put("born", text(attributes.born()));
        json.put("flags", attributes.flags());
        return json;
    }

    private static Attributes attributes(long inode, String type, JsonObject json)
            throws IOException {
        return new Attributes(
                inode,
                type(type) | Integer.parseInt(json.text("mode"), 8),
                json.smallNumber("links"),
                (int) json.number("uid"),
                (int) json.number("gid"),
                json.number("size"),
                json.number("sectors"),
                json.number("device"),
                timestamp(json.text("accessed")),
                timestamp(json.text("modified")),
                timestamp(json.text("changed")),
                timestamp(json.text("born")),
                json.smallNumber("flags"));
    }

    /// Seconds since 1970 with nine digits behind the point: what `stat -c %.9Y` prints. Files may
    /// have times that no calendar has.
    static String text(Timestamp time) {
        boolean borrow = time.seconds() < 0 && time.nanos() > 0;
        long seconds = borrow ? time.seconds() + 1 : time.seconds();
        int nanos = borrow ? 1_000_000_000 - time.nanos() : time.nanos();
        return String.format("%s%d.%09d", borrow && seconds == 0 ? "-" : "", seconds, nanos);
    }

    static Timestamp timestamp(String text) throws IOException {
        int point = text.indexOf('.');
        try {
            long seconds = Long.parseLong(text.substring(0, point));
            int nanos = Integer.parseInt(text.substring(point + 1));
            return text.startsWith("-") && nanos > 0
                    ? new Timestamp(seconds - 1, 1_000_000_000 - nanos)
                    : new Timestamp(seconds, nanos);
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
            throw new IOException("malformed JSON: no time: " + text, e);
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static FileChange.Kind kind(String word) throws IOException {
        return Arrays.stream(FileChange.Kind.values())
                .filter(each -> word(each).equals(word))
                .findFirst()
                .orElseThrow(() -> new IOException("malformed JSON: no change: " + word));
    }

    /// The word for a file type.
    static String type(int type) {
        return switch (type) {
            case Attributes.REGULAR -> "file";
            case Attributes.DIRECTORY -> "directory";
            case Attributes.SYMLINK -> "symlink";
            case Attributes.FIFO -> "fifo";
            case Attributes.SOCKET -> "socket";
            case Attributes.CHARACTER_DEVICE -> "character_device";
            case Attributes.BLOCK_DEVICE -> "block_device";
            default -> throw new IllegalArgumentException("no file type: " + type);
        };
    }

    private static int type(String word) throws IOException {
        return switch (word) {
            case "file" -> Attributes.REGULAR;
            case "directory" -> Attributes.DIRECTORY;
            case "symlink" -> Attributes.SYMLINK;
            case "fifo" -> Attributes.FIFO;
            case "socket" -> Attributes.SOCKET;
            case "character_device" -> Attributes.CHARACTER_DEVICE;
            case "block_device" -> Attributes.BLOCK_DEVICE;
            default -> throw new IOException("malformed JSON: no file type: " + word);
        };
    }
}
