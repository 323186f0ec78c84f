package cowfs.fuse.operation;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;

/// The error numbers of Linux that a mount answers with, and the one place where failures become
/// them.
public enum Errno {
    EPERM(1),
    ENOENT(2),
    EIO(5),
    ENXIO(6),
    E2BIG(7),
    ENOMEM(12),
    EBUSY(16),
    EEXIST(17),
    EXDEV(18),
    ENOTDIR(20),
    EISDIR(21),
    EINVAL(22),
    ENOTTY(25),
    EFBIG(27),
    ENOSPC(28),
    EROFS(30),
    EMLINK(31),
    ERANGE(34),
    ENAMETOOLONG(36),
    ENOSYS(38),
    ENOTEMPTY(39),
    ENODATA(61),
    EOVERFLOW(75),
    EOPNOTSUPP(95),
    ESTALE(116),
    EDQUOT(122);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /// The positive number.
    public int number() {
        return number;
    }

    /// What the kernel is told about a failure. A plain `IOException` is the device's, anything
    /// that is no `IOException` a programmer's mistake; both are `EIO`.
    public static Errno of(Throwable failure) {
        return switch (failure) {
            case CowException known -> of(known.kind());
            case ErrnoException refusal -> refusal.errno();
            default -> EIO;
        };
    }

    /// The number of each kind.
    public static Errno of(ErrorKind kind) {
        return switch (kind) {
            case CORRUPT, POOL_FAILED, IO, NOT_AN_IMAGE, TOO_NEW -> EIO;
            case BUSY -> EBUSY;
            case READ_ONLY -> EROFS;
            case NOT_FOUND -> ENOENT;
            case EXISTS -> EEXIST;
            case NOT_A_DIRECTORY -> ENOTDIR;
            case IS_A_DIRECTORY -> EISDIR;
            case NOT_EMPTY -> ENOTEMPTY;
            case NAME_TOO_LONG -> ENAMETOOLONG;
            case INVALID -> EINVAL;
            case NO_SPACE -> ENOSPC;
            case QUOTA -> EDQUOT;
            case NO_ATTRIBUTE -> ENODATA;
            case ATTRIBUTE_TOO_LARGE -> E2BIG;
            case FILE_TOO_LARGE -> EFBIG;
            case TOO_MANY_LINKS -> EMLINK;
            case NOT_PERMITTED -> EPERM;
            case NO_SUCH_OFFSET -> ENXIO;
            case STALE -> ESTALE;
            case UNSUPPORTED -> EOPNOTSUPP;
        };
    }
}
