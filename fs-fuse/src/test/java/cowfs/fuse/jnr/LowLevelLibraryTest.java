package cowfs.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import org.junit.jupiter.api.Test;

final class LowLevelLibraryTest {
    @Test
    void aMissingLibraryIsALineThatSaysWhatToInstall() {
        RequestException refusal =
                assertThrows(RequestException.class, () -> LowLevelLibrary.load("libnosuch.so.2"));
        assertEquals(ErrorKind.UNSUPPORTED, refusal.kind());
        assertTrue(refusal.getMessage().contains("apt-get install libfuse2"), refusal.getMessage());
        assertEquals(1, refusal.getMessage().lines().count());
    }
}
