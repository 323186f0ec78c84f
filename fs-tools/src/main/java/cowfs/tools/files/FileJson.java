package cowfs.tools.files;

import cowfs.file.Attributes;
import cowfs.file.NameText;
import cowfs.file.Timestamp;
import cowfs.tools.text.ModeText;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Files as JSON, for `--json`; see `docs/json.md`.
public final class FileJson {
    private FileJson() {}

    /// Puts a name; one that is no UTF-8 has its bytes beside it.
    public static void putName(Map<String, @Nullable Object> json, byte[] name) {
        json.put("name", NameText.of(name));
        if (!NameText.isUtf8(name)) {
            json.put("name_hex", HexFormat.of().formatHex(name));
        }
    }

    /// Puts what an entry says.
    public static void put(Map<String, @Nullable Object> json, FileEntry entry) {
        json.put("type", ModeText.type(entry.type()));
        json.put("inode", entry.inode());
        Attributes attributes = entry.attributes();
        json.put("readable", attributes != null);
        if (attributes != null) {
            putAttributes(json, attributes);
        }
    }

    /// Puts attributes but the type and the number.
    public static void putAttributes(Map<String, @Nullable Object> json, Attributes attributes) {
        json.put("mode", String.format(Locale.ROOT, "%04o", attributes.mode() & 07777));
        json.put("links", attributes.linkCount());
        json.put("uid", Integer.toUnsignedLong(attributes.uid()));
        json.put("gid", Integer.toUnsignedLong(attributes.gid()));
        json.put("size", attributes.sizeBytes());
        json.put("allocated", 512 * attributes.blockCount());
        if (isDevice(attributes)) {
            json.put("major", ModeText.major(attributes.device()));
            json.put("minor", ModeText.minor(attributes.device()));
        }
        json.put("accessed", time(attributes.accessed()));
        json.put("modified", time(attributes.modified()));
        json.put("changed", time(attributes.changed()));
        json.put("born", time(attributes.born()));
    }

    static boolean isDevice(Attributes attributes) {
        return attributes.type() == Attributes.BLOCK_DEVICE
                || attributes.type() == Attributes.CHARACTER_DEVICE;
    }

    /// A point in time in UTC with all its digits; one that no calendar reaches as `@seconds`.
    public static String time(Timestamp time) {
        try {
            return Instant.ofEpochSecond(time.seconds(), time.nanos()).toString();
        } catch (DateTimeException e) {
            return "@" + time.seconds();
        }
    }
}
