package cowfs.error;

/// An operation that can't be done as asked; the image is sound and unchanged by it.
public final class RequestException extends CowException {
    private static final long serialVersionUID = 1L;

    public RequestException(ErrorKind kind, String message) {
        super(kind, message);
    }

    public RequestException(ErrorKind kind, String message, Throwable cause) {
        super(kind, message, cause);
    }
}
