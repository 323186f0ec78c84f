package cowfs.tools.text;

import cowfs.file.Attributes;
import cowfs.file.ByteRange;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The differences between files as lines for people. Several records of one file become one line.
/// Not thread safe.
public final class ChangeText {
    /// More are counted.
    private static final int SHOWN_RANGES = 8;

    private static final String ARROW = " -> ";

    private final List<ByteRange> shown = new ArrayList<>();
    private long rangeCount;
    private long changedBytes;

    /// The line for a difference; null when more of the same file follows.
    public @Nullable String line(FileChange change) {
        String path = change.path().toPrintable();
        return switch (change.kind()) {
            case CREATED -> "+ " + path(change.path(), change.after());
            case REMOVED -> "- " + path(change.path(), change.before());
            case LINKED -> "+ " + path + " (hard link)";
            case UNLINKED -> "- " + path + " (hard link)";
            case RENAMED ->
                    "R "
                            + oneSide(Objects.requireNonNull(change.from()).toPrintable())
                            + ARROW
                            + oneSide(path);
            case CHANGED -> changed(change);
            case ATTRIBUTES -> "m " + path(change.path(), change.after()) + " " + aspects(change);
        };
    }

    /// A path in whose name there is an arrow does not read as two.
    private static String oneSide(String path) {
        return path.replace(ARROW, "\\x20->\\x20");
    }

    /// A directory ends in a slash; that of the root is its name.
    private static String path(FilePath path, @Nullable Attributes attributes) {
        boolean slash = attributes != null && attributes.isDirectory() && !path.isRoot();
        return path.toPrintable() + (slash ? "/" : "");
    }

    private @Nullable String changed(FileChange change) {
        for (ByteRange range : change.ranges()) {
            rangeCount++;
            changedBytes += range.lengthBytes();
            if (shown.size() < SHOWN_RANGES) {
                shown.add(range);
            }
        }
        if (change.more()) {
            return null;
        }
        StringBuilder line =
                new StringBuilder("M ").append(change.path().toPrintable()).append(" [");
        line.append(
                shown.stream()
                        .map(range -> range.offset() + "+" + range.lengthBytes())
                        .collect(Collectors.joining(" ")));
        if (rangeCount > shown.size()) {
            line.append(" and ").append(rangeCount - shown.size()).append(" more");
        }
        line.append("] ").append(Sizes.format(changedBytes));
        long before = Objects.requireNonNull(change.before()).sizeBytes();
        long after = Objects.requireNonNull(change.after()).sizeBytes();
        if (before != after) {
            line.append(", size ").append(before).append(" -> ").append(after);
        }
        if (change.aspects().stream().anyMatch(each -> each != FileChange.Aspect.TIMES)) {
            line.append(' ').append(aspects(change));
        }
        shown.clear();
        rangeCount = 0;
        changedBytes = 0;
        return line.toString();
    }

    private static String aspects(FileChange change) {
        Attributes before = Objects.requireNonNull(change.before());
        Attributes after = Objects.requireNonNull(change.after());
        List<String> words = new ArrayList<>();
        for (FileChange.Aspect each : change.aspects()) {
            words.add(
                    switch (each) {
                        case MODE -> "mode " + mode(before) + " -> " + mode(after);
                        case OWNER -> "owner " + owner(before) + " -> " + owner(after);
                        case TIMES -> "times";
                        case FLAGS -> "flags";
                        case XATTRS -> "xattrs";
                    });
        }
        return "(" + String.join(", ", words) + ")";
    }

    private static String mode(Attributes attributes) {
        return Integer.toOctalString(attributes.mode() & 07777);
    }

    private static String owner(Attributes attributes) {
        return Integer.toUnsignedString(attributes.uid())
                + ":"
                + Integer.toUnsignedString(attributes.gid());
    }
}
