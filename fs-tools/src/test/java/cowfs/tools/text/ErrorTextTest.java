package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import cowfs.error.CorruptException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

final class ErrorTextTest {
    @Test
    void everyExpectedFailureIsOneLine() {
        assertEquals(
                "corrupt leaf: block=812, bad checksum",
                ErrorText.lookup(new CorruptException("leaf", "block=812", "bad checksum")));
        assertEquals("/a does not exist", ErrorText.lookup(new NoSuchFileException("/a")));
        assertEquals("/a: permission denied", ErrorText.lookup(new AccessDeniedException("/a")));
        assertEquals(
                "/a: too many levels of symbolic links",
                ErrorText.lookup(
                        new FileSystemException("/a", null, "Too many levels of symbolic links")));
        assertEquals("first second", ErrorText.lookup(new IOException("first\n  second\n")));
        assertEquals("input or output failed", ErrorText.lookup(new IOException()));
    }

    @Test
    void aDefectHasNoLineOfItsOwn() {
        assertNull(ErrorText.lookup(new IllegalStateException("no")));
        assertEquals(
                "IllegalStateException: no", ErrorText.describe(new IllegalStateException("no")));
        assertEquals("StackOverflowError", ErrorText.describe(new StackOverflowError()));
    }
}
