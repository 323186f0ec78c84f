package cowfs.crash;

import cowfs.api.Pool;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import java.io.IOException;

/// What follows an operation to make it durable.
enum Persistence {
    NONE,
    FSYNC,
    FDATASYNC,
    /// An fsync of the directory that holds the file's name.
    FSYNC_DIRECTORY,
    SYNC;

    void run(Pool pool, Operation operation) throws IOException {
        switch (this) {
            case NONE -> {}
            case SYNC -> pool.sync();
            case FSYNC, FDATASYNC, FSYNC_DIRECTORY -> {
                Volume volume = volume(pool, operation);
                String path = operation.file();
                String target =
                        this == FSYNC_DIRECTORY
                                ? path.substring(0, Math.max(0, path.lastIndexOf('/')))
                                : path;
                volume.fsync(find(volume, target), this == FDATASYNC);
            }
        }
    }

    /// The operation itself may have removed what it worked in.
    private static Volume volume(Pool pool, Operation operation) throws IOException {
        try {
            return pool.volume(operation.ref());
        } catch (CowException gone) {
            require(gone);
            return pool.volume(cowfs.api.Ref.MAIN);
        }
    }

    private static long find(Volume volume, String path) throws IOException {
        try {
            return Operation.find(volume, path);
        } catch (CowException gone) {
            require(gone);
            return Volume.ROOT_INODE;
        }
    }

    private static void require(CowException gone) throws IOException {
        if (gone.kind() != ErrorKind.NOT_FOUND && gone.kind() != ErrorKind.NOT_A_DIRECTORY) {
            throw gone;
        }
    }
}
