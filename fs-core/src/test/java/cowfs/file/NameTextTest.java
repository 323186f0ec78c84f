package cowfs.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.error.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NameTextTest {
    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "'a b', 'a b'",
        "ä€😀, ä€😀",
        "'a\tb', a\\x09b",
        "'a\nb', a\\x0ab",
        "a\\b, a\\\\b",
        "\u202Egnp.exe, \\xe2\\x80\\xaegnp.exe"
    })
    void printableTextStandsForItself(String name, String text) throws RequestException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        assertEquals(text, NameText.of(bytes));
        assertArrayEquals(bytes, NameText.parse(text));
    }

    @Test
    void bytesThatAreNoTextAreEscapedAndComeBack() throws RequestException {
        assertEquals("\\xff\\xfea\\xc3", NameText.of(new byte[] {-1, -2, 'a', (byte) 0xc3}));
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            byte[] name = new byte[random.nextInt(40)];
            random.nextBytes(name);
            assertArrayEquals(name, NameText.parse(NameText.of(name)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\", "\\x1", "\\xg0", "\\n", "a\uFFFDb"})
    void aLoneBackslashIsRefused(String text) {
        assertThrows(RequestException.class, () -> NameText.parse(text));
    }
}
