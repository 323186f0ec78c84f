package cowfs.file;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One difference between two states of files.
///
/// A file is the same in both if its inode is: its number and the moment it was made. Names come
/// and go by themselves: a file with two names that is new gives two `CREATED`, one that loses one
/// of them an `UNLINKED`.
///
/// @param kind what happened
/// @param path the name that came or went; else one of the names that the file has in the later
///   state
/// @param from where a file that was `RENAMED` was before; else null
/// @param inode the file's inode number
/// @param before the file's attributes in the earlier state; null if it is new
/// @param after the file's attributes in the later state; null if it is gone
/// @param xattrsChanged whether extended attributes, access control lists among them, have come,
///   gone or changed
/// @param ranges of a `CHANGED` file: where its bytes are not the same, rising, never empty; whole
///   blocks of 4096 bytes each of which has a difference, cut off at the end of the longer state;
///   what one state is longer by counts as different
/// @param more whether another record follows with further ranges of the same file
public record FileChange(
        Kind kind,
        FilePath path,
        @Nullable FilePath from,
        long inode,
        @Nullable Attributes before,
        @Nullable Attributes after,
        boolean xattrsChanged,
        List<ByteRange> ranges,
        boolean more) {
    /// What happened to a file or a name.
    public enum Kind {
        /// A name of a file that is new.
        CREATED,
        /// A name of a file that is gone.
        REMOVED,
        /// One name less and one more of a file that stays.
        RENAMED,
        /// A further name of a file that stays.
        LINKED,
        /// One name less of a file that stays.
        UNLINKED,
        /// Bytes of a regular file.
        CHANGED,
        /// Attributes, and no bytes.
        ATTRIBUTES
    }

    /// What of a file's attributes can differ. The time of the last change of the inode follows all
    /// that happens, and the number of links follows the names: they are left out.
    public enum Aspect {
        /// Permission bits.
        MODE,
        /// User or group.
        OWNER,
        /// Time of the last modification or of the last access.
        TIMES,
        /// What `chattr` sets.
        FLAGS,
        /// Extended attributes.
        XATTRS
    }

    /// The aspects in which a file that is in both states differs; empty for others.
    public Set<Aspect> aspects() {
        return aspects(before, after, xattrsChanged);
    }

    /// The aspects in which two states of a file differ.
    public static Set<Aspect> aspects(
            @Nullable Attributes before, @Nullable Attributes after, boolean xattrsChanged) {
        List<Aspect> differ = new ArrayList<>();
        if (before != null && after != null) {
            if (before.mode() != after.mode()) {
                differ.add(Aspect.MODE);
            }
            if (before.uid() != after.uid() || before.gid() != after.gid()) {
                differ.add(Aspect.OWNER);
            }
            if (!before.modified().equals(after.modified())
                    || !before.accessed().equals(after.accessed())) {
                differ.add(Aspect.TIMES);
            }
            if (before.flags() != after.flags()) {
                differ.add(Aspect.FLAGS);
            }
            if (xattrsChanged) {
                differ.add(Aspect.XATTRS);
            }
        }
        return differ.isEmpty() ? Set.of() : EnumSet.copyOf(differ);
    }
}
