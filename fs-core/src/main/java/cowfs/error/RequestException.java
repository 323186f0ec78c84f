package cowfs.error;

/// An operation that can't be done as asked; the image is sound and unchanged by it.
///
/// It is an answer, not a mistake (every new file begins with a name that is not found), so it
/// knows where it was made only where assertions are on: that costs more than the lookup.
public final class RequestException extends CowException {
    private static final long serialVersionUID = 1L;

    private static final boolean TRACED = RequestException.class.desiredAssertionStatus();

    public RequestException(ErrorKind kind, String message) {
        super(kind, message);
    }

    public RequestException(ErrorKind kind, String message, Throwable cause) {
        super(kind, message, cause);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return TRACED ? super.fillInStackTrace() : this;
    }
}
