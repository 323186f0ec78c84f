package cowfs.subvol;

import cowfs.compress.Compression;
import cowfs.txn.FileTree;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// The properties of a subvolume that an open tree works by: its limits, and how new content is
/// compressed.
public final class TreeSettings {
    /// How new content is compressed: `off`, `lz4`, `zstd` or `zstd:LEVEL`. What is there stays as
    /// it is.
    public static final String COMPRESS = "compress";

    private TreeSettings() {}

    static void apply(FileTree tree, SortedMap<String, String> properties) {
        tree.limit(Limits.of(properties));
        tree.compress(compression(properties.get(COMPRESS)));
    }

    /// What a value of {@link #COMPRESS} says. One that says nothing, which only a damaged or newer
    /// image has, compresses nothing.
    private static Compression compression(@Nullable String value) {
        Compression parsed = value == null ? null : Compression.parse(value);
        return parsed == null ? Compression.OFF : parsed;
    }
}
