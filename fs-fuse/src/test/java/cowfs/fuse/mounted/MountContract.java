package cowfs.fuse.mounted;

import java.nio.file.Path;

/// The mounted directory that a suite works in, new for each test.
public interface MountContract {
    MountedDirectory mounted();

    /// A path in the mount.
    default Path at(String relative) {
        return mounted().path(relative);
    }
}
