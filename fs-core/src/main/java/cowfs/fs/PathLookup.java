package cowfs.fs;

import cowfs.error.CowException;
import cowfs.file.FilePath;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume;
import java.io.IOException;

/// From a path to an inode, without symbolic links: a path names a place in a tree.
public final class PathLookup {
    private PathLookup() {}

    /// The inode that a path leads to; 0 when it leads nowhere.
    public static long find(ReadableVolume volume, FilePath path) throws IOException {
        long at = Volume.ROOT_INODE;
        for (byte[] name : path.names()) {
            try {
                at = volume.lookup(at, name).inode();
            } catch (CowException missing) {
                switch (missing.kind()) {
                    case NOT_FOUND, NOT_A_DIRECTORY, NAME_TOO_LONG -> {
                        return 0;
                    }
                    default -> throw missing;
                }
            }
        }
        return at;
    }
}
