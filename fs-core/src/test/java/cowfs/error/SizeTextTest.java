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
    }
}
