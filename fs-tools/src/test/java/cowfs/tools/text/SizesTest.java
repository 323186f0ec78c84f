package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "8K, 8192",
        "8k, 8192",
        "1.5M, 1572864",
        "10G, 10737418240",
        "10GiB, 10737418240",
        "10GB, 10737418240",
        "1T, 1099511627776",
        "0.001K, 1"
    })
    void aSizeIsReadInPowersOf1024(String text, long bytes) {
        assertEquals(bytes, Sizes.parseBytes(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "G", "-1", "10X", "1 0", "1e3", "0x10", "1.G", "999999999999999999T"})
    void whatIsNoSizeIsRefusedByItsText(String text) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> Sizes.parseBytes(text));
        assertTrue(refusal.getMessage().contains("'" + text + "'"), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1023, 1023",
        "1024, 1.0K",
        "1536, 1.5K",
        "1048524, 1023.9K",
        "1048525, 1.0M",
        "1048575, 1.0M",
        "10737418240, 10.0G",
        "1099511627775, 1.0T",
        "9223372036854775807, 8388608.0T"
    })
    void aSizeIsShownWithOneDecimal(long bytes, String text) {
        assertEquals(text, Sizes.format(bytes));
    }
}
