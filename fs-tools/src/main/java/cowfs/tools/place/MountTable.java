package cowfs.tools.place;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel says is mounted, as this process sees it. Immutable: one reading of
/// `/proc/self/mountinfo`.
public final class MountTable {
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    private static final Pattern USER_ID = Pattern.compile("(?:^|,)user_id=(\\d+)");

    private final List<Entry> entries;

    /// The mounts of now.
    public static MountTable read() throws IOException {
        return of(Path.of("/proc/self"));
    }

    /// The mounts of now, as another process sees them.
    ///
    /// @param process its directory in `/proc`
    static MountTable of(Path process) throws IOException {
        return parse(Files.readAllLines(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1));
    }

    /// Parses lines whose bytes were read as ISO-8859-1: a path need not be UTF-8.
    static MountTable parse(List<String> lines) {
        List<Entry> entries = new ArrayList<>();
        for (String line : lines) {
            // id parent major:minor root directory options [tags...] - type source super-options
            String[] halves = line.split(" - ", 2);
            String[] place = halves[0].split(" ", -1);
            String[] what = halves.length < 2 ? new String[0] : halves[1].split(" ", -1);
            if (place.length >= 6 && what.length >= 2) {
                entries.add(
                        new Entry(
                                Path.of(decode(place[4])),
                                what[0],
                                decode(what[1]),
                                place[2],
                                userId(what.length < 3 ? "" : what[2])));
            }
        }
        return new MountTable(entries);
    }

    private MountTable(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /// All mounts, in the order in which they were made.
    public List<Entry> all() {
        return entries;
    }

    /// The mount at exactly this directory, the topmost if there are several.
    public Optional<Entry> at(Path directory) {
        return entries.reversed().stream().filter(e -> e.directory().equals(directory)).findFirst();
    }

    /// The mount that a path lies in.
    public Optional<Entry> around(Path path) {
        Entry deepest = null;
        for (Entry entry : entries.reversed()) {
            if (path.startsWith(entry.directory())
                    && (deepest == null
                            || entry.directory().getNameCount()
                                    > deepest.directory().getNameCount())) {
                deepest = entry;
            }
        }
        return Optional.ofNullable(deepest);
    }

    private static int userId(String superOptions) {
        Matcher option = USER_ID.matcher(superOptions);
        return option.find() ? Integer.parseUnsignedInt(option.group(1)) : 0;
    }

    private static String decode(String field) {
        String bytes = OCTAL.matcher(field).replaceAll(MountTable::quotedCharacter);
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static String quotedCharacter(MatchResult octal) {
        char character = (char) Integer.parseInt(octal.group(1), 8);
        return Matcher.quoteReplacement(String.valueOf(character));
    }

    /// One mount.
    ///
    /// @param type such as `fuse.cowfs`
    /// @param source of a cowfs mount, the path that the image had
    /// @param device the same for all places where one filesystem is shown
    /// @param userId of a FUSE mount, the number of the user whose daemon serves it
    public record Entry(Path directory, String type, String source, String device, int userId) {
        private static final String COWFS = "fuse.cowfs";

        public boolean isCowfs() {
            return type.equals(COWFS);
        }

        /// What to call the user whose daemon serves it, such as `root` or `user anna`.
        public String user() {
            return Users.named(userId);
        }

        /// The image of a cowfs mount, if it has not been renamed since.
        public Path image() {
            return Path.of(source);
        }
    }
}
