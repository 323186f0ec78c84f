package cowfs.api;

import static java.time.temporal.ChronoUnit.SECONDS;

import cowfs.compress.Compression;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.error.SizeText;
import cowfs.fs.FileCompression;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The properties and holds of an open pool. Thread safe.
final class OpenProperties {
    private final Subvolumes subvolumes;

    OpenProperties(Subvolumes subvolumes) {
        this.subvolumes = subvolumes;
    }

    /// All but the notes that the pool makes for itself.
    SortedMap<String, String> of(Subvolume subvolume) throws IOException {
        SortedMap<String, String> properties = subvolumes.properties(subvolume);
        properties.keySet().removeIf(name -> name.startsWith(TreeCopies.NOTE_PREFIX));
        return properties;
    }

    /// @param name of one that may be set
    void set(Subvolume subvolume, String name, @Nullable String value) throws IOException {
        if (value != null) {
            Property.requireValue(name, value);
            requireAboveUse(subvolume, name, value);
        }
        subvolumes.setProperty(subvolume, name, value);
    }

    /// Those of a file or directory.
    SortedMap<String, String> of(Subvolume subvolume, long inode) throws IOException {
        Compression own = compressions(subvolume).get(inode);
        return own == null
                ? new TreeMap<>()
                : new TreeMap<>(Map.of(Property.COMPRESS, own.toString()));
    }

    /// @param value of {@link Property#COMPRESS}, or null
    void set(Subvolume subvolume, long inode, @Nullable String value) throws IOException {
        compressions(subvolume).set(inode, value == null ? null : Compression.parse(value));
    }

    private FileCompression compressions(Subvolume subvolume) throws IOException {
        return new FileCompression(subvolumes.tree(subvolume), Clock.systemUTC());
    }

    /// A quota that is exceeded already would be noticed by somebody else, and later.
    private void requireAboveUse(Subvolume subvolume, String name, String value)
            throws IOException {
        if (subvolume.isSnapshot()) {
            return;
        }
        FileTree tree = subvolumes.tree(subvolume);
        long used =
                switch (name) {
                    case Property.QUOTA -> tree.referencedBytes();
                    case Property.INODE_QUOTA -> tree.inodeCount();
                    default -> 0;
                };
        if (name.equals(Property.INODE_QUOTA) && used == 0) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "'"
                            + subvolume.fullName()
                            + "' comes from a version that did not count files: send a snapshot of"
                            + " it and receive that under another name, which counts them");
        }
        if (used > 0 && used > Long.parseLong(value)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + subvolume.fullName()
                            + "' has "
                            + (name.equals(Property.QUOTA)
                                    ? SizeText.exact(used)
                                    : CountText.of(
                                            used, "file or directory", "files and directories"))
                            + ", more than that quota: remove some first, or set a larger one");
        }
    }

    void hold(Subvolume held, String tag) throws IOException {
        String name = Property.hold(tag);
        if (subvolumes.properties(held).containsKey(name)) {
            throw new RequestException(
                    ErrorKind.EXISTS, "'" + held.fullName() + "' is held by '" + tag + "' already");
        }
        subvolumes.setProperty(held, name, Instant.now().truncatedTo(SECONDS).toString());
    }

    void release(Subvolume held, String tag) throws IOException {
        String name = Property.hold(tag);
        if (!subvolumes.properties(held).containsKey(name)) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "'"
                            + held.fullName()
                            + "' is not held by '"
                            + tag
                            + "': 'cowfs get' shows its holds");
        }
        subvolumes.setProperty(held, name, null);
    }
}
