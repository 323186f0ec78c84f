package cowfs.fuse.kernel;

import cowfs.error.RequestException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/// An open descriptor of `/dev/fuse` that belongs to a mount.
///
/// Thread safe.
final class Connection {
    /// What {@link #read} returns when there is nothing to read any more.
    static final long ENDED = -1;

    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    private final int descriptor;
    private final Negotiation agreed;

    private Connection(int descriptor, Negotiation agreed) {
        this.descriptor = descriptor;
        this.agreed = agreed;
    }

    /// Takes the first request of a mount, INIT, and answers it.
    ///
    /// @param wantedFlags the features that are asked for
    /// @throws RequestException `UNSUPPORTED` when the kernel is too old, `IO` when the mount is
    ///   gone
    static Connection open(int descriptor, long wantedFlags) throws RequestException {
        try (Arena arena = Arena.ofConfined()) {
            return new Connection(
                    descriptor, new Handshake(descriptor, wantedFlags, arena).negotiate());
        }
    }

    Negotiation agreed() {
        return agreed;
    }

    int descriptor() {
        return descriptor;
    }

    boolean extendedXattr() {
        return agreed.has(InitFlag.SETXATTR_EXT);
    }

    /// Waits for a request and puts it at `address`.
    ///
    /// @return its length, or {@link #ENDED}
    long read(long address, long capacityBytes) {
        while (true) {
            long count = Linux.read(descriptor, address, capacityBytes);
            if (count >= 0) {
                return count;
            }
            int errno = (int) -count;
            if (errno == Linux.ENODEV || errno == Linux.ECONNABORTED) {
                return ENDED;
            }
            // ENOENT: the request was interrupted before it could be read.
            if (errno != Linux.EINTR && errno != Linux.EAGAIN && errno != Linux.ENOENT) {
                LOG.log(Level.ERROR, "reading from /dev/fuse: " + Linux.text(errno));
                return ENDED;
            }
        }
    }

    /// Sends a reply or a notice. That the kernel wants a reply no more (the connection is being
    /// ended) is no failure.
    ///
    /// @param opcode for the log
    /// @return whether the kernel took it
    boolean write(long address, long lengthBytes, @Nullable Opcode opcode) {
        long count = Linux.write(descriptor, address, lengthBytes);
        if (count >= 0) {
            return true;
        }
        int errno = (int) -count;
        if (errno != Linux.ENOENT && errno != Linux.ENODEV && errno != Linux.ECONNABORTED) {
            LOG.log(
                    Level.ERROR,
                    "the kernel did not take the answer to " + opcode + ": " + Linux.text(errno));
        }
        return false;
    }

    /// Sends what the kernel may not know.
    ///
    /// @return the count of bytes, or the negative error number
    long tryWrite(long address, long lengthBytes) {
        return Linux.write(descriptor, address, lengthBytes);
    }

    void close() {
        Linux.close(descriptor);
    }
}
