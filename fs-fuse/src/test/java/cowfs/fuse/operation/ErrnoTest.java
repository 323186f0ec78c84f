package cowfs.fuse.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ErrnoTest {
    /// As the documentation of the kinds says.
    private static final Map<ErrorKind, Integer> NUMBERS =
            Map.ofEntries(
                    Map.entry(ErrorKind.CORRUPT, 5),
                    Map.entry(ErrorKind.NOT_AN_IMAGE, 5),
                    Map.entry(ErrorKind.TOO_NEW, 5),
                    Map.entry(ErrorKind.BUSY, 16),
                    Map.entry(ErrorKind.POOL_FAILED, 5),
                    Map.entry(ErrorKind.IO, 5),
                    Map.entry(ErrorKind.READ_ONLY, 30),
                    Map.entry(ErrorKind.NOT_FOUND, 2),
                    Map.entry(ErrorKind.EXISTS, 17),
                    Map.entry(ErrorKind.NOT_A_DIRECTORY, 20),
                    Map.entry(ErrorKind.IS_A_DIRECTORY, 21),
                    Map.entry(ErrorKind.NOT_EMPTY, 39),
                    Map.entry(ErrorKind.NAME_TOO_LONG, 36),
                    Map.entry(ErrorKind.INVALID, 22),
                    Map.entry(ErrorKind.NO_SPACE, 28),
                    Map.entry(ErrorKind.QUOTA, 122),
                    Map.entry(ErrorKind.NO_ATTRIBUTE, 61),
                    Map.entry(ErrorKind.ATTRIBUTE_TOO_LARGE, 7),
                    Map.entry(ErrorKind.FILE_TOO_LARGE, 27),
                    Map.entry(ErrorKind.TOO_MANY_LINKS, 31),
                    Map.entry(ErrorKind.NOT_PERMITTED, 1),
                    Map.entry(ErrorKind.NO_SUCH_OFFSET, 6),
                    Map.entry(ErrorKind.STALE, 116),
                    Map.entry(ErrorKind.UNSUPPORTED, 95));

    @Test
    void eachKindHasTheNumberThatItsDocumentationNames() {
        for (ErrorKind kind : ErrorKind.values()) {
            assertEquals(NUMBERS.get(kind), Errno.of(kind).number(), kind.toString());
            assertEquals(Errno.of(kind), Errno.of(new RequestException(kind, "")));
        }
    }

    @Test
    void whatNobodyForesawIsAnInputOutputError() {
        assertEquals(Errno.EIO, Errno.of(new IOException("the disk is gone")));
        assertEquals(Errno.EIO, Errno.of(new IllegalStateException()));
        assertEquals(Errno.EIO, Errno.of(new AssertionError()));
        assertEquals(Errno.EIO, Errno.of(new CorruptException("leaf", "block=1", "bad")));
        assertEquals(Errno.EXDEV, Errno.of(new ErrnoException(Errno.EXDEV, "")));
    }
}
