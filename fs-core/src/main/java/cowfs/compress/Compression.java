package cowfs.compress;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How new content is compressed: an algorithm, and for zstd its level.
///
/// Written `off`, `lz4`, `zstd` or `zstd:LEVEL`. Immutable.
///
/// @param level 1 to {@link #MAX_LEVEL} for zstd, else 0
public record Compression(Algorithm algorithm, int level) {
    /// The levels above take many times the memory for little more.
    public static final int MAX_LEVEL = 19;

    /// The level of a plain `zstd`, the library's own choice.
    public static final int DEFAULT_LEVEL = 3;

    public static final Compression OFF = new Compression(Algorithm.NONE, 0);
    public static final Compression LZ4 = new Compression(Algorithm.LZ4, 0);

    private static final Pattern ZSTD = Pattern.compile("zstd(?::([1-9][0-9]?))?");

    /// Whether anything is compressed at all.
    public boolean isOn() {
        return algorithm != Algorithm.NONE;
    }

    /// What a text says, or null when it says nothing of the kind.
    public static @Nullable Compression parse(String text) {
        if (text.equals("off")) {
            return OFF;
        }
        if (text.equals("lz4")) {
            return LZ4;
        }
        Matcher zstd = ZSTD.matcher(text);
        if (!zstd.matches()) {
            return null;
        }
        String level = zstd.group(1);
        return ofZstd(level == null ? DEFAULT_LEVEL : Integer.parseInt(level));
    }

    private static @Nullable Compression ofZstd(int level) {
        return level <= MAX_LEVEL ? new Compression(Algorithm.ZSTD, level) : null;
    }

    @Override
    public String toString() {
        return switch (algorithm) {
            case NONE -> "off";
            case LZ4 -> "lz4";
            case ZSTD -> "zstd:" + level;
        };
    }
}
