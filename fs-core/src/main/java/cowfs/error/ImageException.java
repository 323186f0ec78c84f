package cowfs.error;

/// An image as a whole can't be opened as asked: it is no image, too new, or in use.
public final class ImageException extends CowException {
    private static final long serialVersionUID = 1L;

    /// @param kind one of `NOT_AN_IMAGE`, `TOO_NEW`, `BUSY`, `EXISTS`, `INVALID`, `READ_ONLY`,
    ///   `NOT_FOUND`
    public ImageException(ErrorKind kind, String message) {
        super(kind, message);
    }
}
