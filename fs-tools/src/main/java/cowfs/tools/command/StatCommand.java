package cowfs.tools.command;

import cowfs.api.PinnedState;
import cowfs.file.Attributes;
import cowfs.file.InodeFlags;
import cowfs.file.NameText;
import cowfs.tools.files.FileEntry;
import cowfs.tools.files.FileJson;
import cowfs.tools.files.ImageFiles;
import cowfs.tools.text.ModeText;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs stat`.
@Command(
        name = "stat",
        description = {"Show all attributes of a file, extended ones too, without a mount."})
final class StatCommand extends FileCommand {
    @Override
    void run(PinnedState state, ImageFiles files) throws IOException {
        Attributes found = files.find(place(), false);
        byte[] target = found.isSymlink() ? files.target(found.inode(), place().path()) : null;
        List<Map<String, @Nullable Object>> xattrs = new ArrayList<>();
        for (ImageFiles.Xattr each : files.xattrs(found.inode(), place().path())) {
            Map<String, @Nullable Object> xattr = PoolJson.members();
            FileJson.putName(xattr, each.name());
            xattr.put("value", NameText.of(each.value()));
            xattr.put("value_base64", Base64.getEncoder().encodeToString(each.value()));
            xattrs.add(xattr);
        }
        Map<String, @Nullable Object> json = result(state);
        FileJson.put(json, new FileEntry(new byte[0], found.inode(), found.type(), found));
        json.put("target", target == null ? null : NameText.of(target));
        json.put("flags", flags(found.flags()));
        json.put("xattrs", xattrs);
        json.put("missing", missing().lines());
        output.print(json, out -> print(json, found, xattrs, out));
    }

    private static List<String> flags(int flags) {
        List<String> words = new ArrayList<>();
        if ((flags & InodeFlags.IMMUTABLE) != 0) {
            words.add("immutable");
        }
        if ((flags & InodeFlags.APPEND) != 0) {
            words.add("append_only");
        }
        if ((flags & InodeFlags.NO_DUMP) != 0) {
            words.add("no_dump");
        }
        if ((flags & InodeFlags.NO_ATIME) != 0) {
            words.add("no_atime");
        }
        return words;
    }

    private static void print(
            Map<String, @Nullable Object> json,
            Attributes a,
            List<Map<String, @Nullable Object>> xattrs,
            PrintWriter out) {
        out.println("file:      " + json.get("ref") + ":" + json.get("path"));
        out.println(
                "type:      "
                        + ModeText.type(a.type()).replace('_', ' ')
                        + (json.get("major") == null
                                ? ""
                                : " " + json.get("major") + "," + json.get("minor")));
        if (json.get("target") != null) {
            out.println("target:    " + json.get("target"));
        }
        out.println("inode:     " + a.inode());
        out.println("links:     " + a.linkCount());
        out.println(
                "mode:      "
                        + String.format(Locale.ROOT, "%04o", a.mode() & 07777)
                        + " "
                        + ModeText.of(a.mode()));
        out.println("owner:     uid " + json.get("uid") + ", gid " + json.get("gid"));
        out.println(
                "size:      "
                        + a.sizeBytes()
                        + (a.isDirectory()
                                ? " entries"
                                : " bytes, " + Sizes.format(512 * a.blockCount()) + " allocated"));
        for (String time : List.of("accessed", "modified", "changed", "born")) {
            out.println(String.format(Locale.ROOT, "%-10s %s", time + ":", json.get(time)));
        }
        List<?> flags = (List<?>) json.get("flags");
        if (flags != null && !flags.isEmpty()) {
            out.println(
                    "flags:     "
                            + String.join(", ", flags.stream().map(String::valueOf).toList()));
        }
        for (Map<String, @Nullable Object> xattr : xattrs) {
            out.println("xattr:     " + xattr.get("name") + "=" + xattr.get("value"));
        }
    }
}
