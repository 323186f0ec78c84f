package cowfs.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class SizeTextTest {
    @Test
    void aMessageHasTheSizeForPeopleAndTheExactOne() {
        assertEquals("8.0M (8388608 bytes)", SizeText.exact(8 << 20));
        assertEquals("1.5K (1536 bytes)", SizeText.exact(1536));
        assertEquals("1023 bytes", SizeText.exact(1023));
        assertEquals("0 bytes", SizeText.exact(0));
        assertEquals("1 byte", SizeText.exact(1));
    }

    @Test
    void aSizeIsWrittenAsInACommand() {
        assertEquals("8M", SizeText.written(8 << 20));
        assertEquals("1536M", SizeText.written(1536L << 20));
        assertEquals("64T", SizeText.written(64L << 40));
        assertEquals("2048T", SizeText.written(2048L << 40));
        assertEquals("1K", SizeText.written(1024));
        assertEquals("8388609 bytes", SizeText.written((8 << 20) + 1));
        assertEquals("0 bytes", SizeText.written(0));
    }
}
