package cowfs.fuse.operation;

import java.io.IOException;

/// A refusal that only a mount can make, such as a hard link from one tree to another.
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    public ErrnoException(Errno errno, String message) {
        super(message);
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }
}
