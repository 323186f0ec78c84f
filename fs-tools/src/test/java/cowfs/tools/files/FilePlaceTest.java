package cowfs.tools.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FilePlaceTest {
    @ParameterizedTest
    @CsvSource({
        "main, main:/",
        "main:, main:/",
        "main:/, main:/",
        "main@mon:/a/b, main@mon:/a/b",
        "main://a//b/, main:/a/b",
        "main:/a:b@c, main:/a:b@c",
        "main:/\\xff, main:/\\xff"
    })
    void aRefAndAPath(String text, String place) throws RequestException {
        assertEquals(place, FilePlace.parse(text).toString());
    }

    @Test
    void aSlashAtTheEndAsksForADirectory() throws RequestException {
        assertTrue(FilePlace.parse("main:/a/").directory());
        assertFalse(FilePlace.parse("main:/a").directory());
        assertTrue(FilePlace.parse("main").directory());
    }

    @ParameterizedTest
    @CsvSource({
        "/etc/fstab, main:/etc/fstab",
        "main:etc, main:/etc",
        "ma/in:/x, no valid name",
        "'', no valid name",
        "main:/\\x00, NUL"
    })
    void whatIsNoneIsRefusedWithAWord(String text, String word) {
        RequestException refused =
                assertThrows(RequestException.class, () -> FilePlace.parse(text));
        assertEquals(ErrorKind.INVALID, refused.kind());
        assertTrue(refused.getMessage().contains(word), refused.getMessage());
    }

    @Test
    void aNameThatIsTooLongCanNotBeThere() {
        RequestException refused =
                assertThrows(
                        RequestException.class, () -> FilePlace.parse("main:/" + "x".repeat(256)));
        assertEquals(ErrorKind.NAME_TOO_LONG, refused.kind());
    }
}
