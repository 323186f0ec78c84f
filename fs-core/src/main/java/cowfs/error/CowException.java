package cowfs.error;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A failure that cowfs recognises, with a kind that adapters translate. The message is one line
/// for a person: what is wrong, where, and what to do about it.
///
/// Plain {@link IOException}s come only from the device below; a programmer's mistake is an {@link
/// IllegalStateException} or an {@link AssertionError} and never one of these.
public abstract sealed class CowException extends IOException
        permits CorruptException, ImageException, PoolFailedException, RequestException {
    private static final long serialVersionUID = 1L;

    private final ErrorKind kind;

    CowException(ErrorKind kind, String message) {
        super(message);
        this.kind = kind;
    }

    CowException(ErrorKind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// The kind of this failure.
    public final ErrorKind kind() {
        return kind;
    }
}
