package cowfs.crash;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What follows an operation to make it durable.
enum Persistence {
    NONE,
    FSYNC,
    FDATASYNC,
    /// An fsync of the directory that holds the file's name.
    FSYNC_DIRECTORY,
    SYNC;

    /// @return the subvolume whose changes are durable then; null for all of them
    @Nullable Ref run(Pool pool, Operation operation) throws IOException {
        switch (this) {
            case NONE -> throw new IllegalStateException("nothing becomes durable");
            case SYNC -> {
                pool.sync();
                return null;
            }
            case FSYNC, FDATASYNC, FSYNC_DIRECTORY -> {
                Volume volume = volume(pool, operation);
                String path = operation.file();
                String target =
                        this == FSYNC_DIRECTORY
                                ? path.substring(0, Math.max(0, path.lastIndexOf('/')))
                                : path;
                volume.fsync(find(volume, target), this == FDATASYNC);
                return Ref.parse(volume.name());
            }
        }
        throw new AssertionError(this);
    }

    /// The operation itself may have removed what it worked in.
    private static Volume volume(Pool pool, Operation operation) throws IOException {
        try {
            return pool.volume(operation.ref());
        } catch (CowException gone) {
            require(gone);
            return pool.volume(Ref.MAIN);
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
