package cowfs.api;

import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.fs.TreeVolume;
import cowfs.txn.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whom the root directories of new subvolumes belong to: the owner of the image, so that an
/// ordinary user can use what he made.
record Owner(int uid, int gid) {
    static final Owner ROOT = new Owner(0, 0);

    /// The owner of an image file; root where the host knows no owners.
    static Owner of(Path image) throws IOException {
        if (!Files.getFileStore(image).supportsFileAttributeView("unix")) {
            return ROOT;
        }
        return new Owner(
                (Integer) Files.getAttribute(image, "unix:uid"),
                (Integer) Files.getAttribute(image, "unix:gid"));
    }

    /// Fills an empty tree with a root directory.
    Attributes initialise(Change change) throws IOException {
        return TreeVolume.initialise(change, NewInode.directory(0755, uid, gid), Timestamp.now());
    }
}
