package cowfs.error;

import org.jspecify.annotations.Nullable;

/// The pool stopped taking changes because a write or a flush failed. It stays so until the image
/// is reopened: after a failed flush the host may call pages clean that it never wrote.
public final class PoolFailedException extends CowException {
    private static final long serialVersionUID = 1L;

    public PoolFailedException(String message, @Nullable Throwable cause) {
        super(ErrorKind.POOL_FAILED, message, cause);
    }
}
