package cowfs.fuse.operation;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;

/// A tree that a mount serves: the mounted one or a snapshot below `.snapshots`.
///
/// @param number what its node ids carry: 0 for the mounted tree, else the tree id
record Tree(long number, Volume volume) {
    long node(long inode) throws ErrnoException {
        return NodeId.of(number, inode);
    }

    void requireWritable() throws RequestException {
        if (volume.readOnly()) {
            throw new RequestException(
                    ErrorKind.READ_ONLY,
                    "'" + volume.name() + "' is read-only; clone it to change it");
        }
    }
}
