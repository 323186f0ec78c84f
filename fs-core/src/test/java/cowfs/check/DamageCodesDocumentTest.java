package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// `docs/damage-codes.md` is what the enum says. When it differs, the document as it should be
/// stands in the failure message.
final class DamageCodesDocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "damage-codes.md");

    private static String expected() {
        StringBuilder text =
                new StringBuilder(
                        """
                        # Damage codes

                        What `cowfs check` can find. Numbers and names are permanent: a code that goes out of use is never given to
                        another damage. Each finding is one line, `corrupt <record>: <where k=v ...>, <reason>`; with `--json` it also
                        carries the name of its code. A damage that makes others certain is reported alone: what lies below a node
                        that can't be read is neither held to the rules between items nor counted as leaked.

                        This table is compared with the code by a test.

                        | number | code | meaning |
                        |---|---|---|
                        """);
        for (DamageCode code : DamageCode.values()) {
            text.append("| %d | `%s` | %s |%n".formatted(code.number(), code.id(), code.meaning()));
        }
        return text.toString();
    }

    @Test
    void theDocumentListsEveryCode() throws IOException {
        assertEquals(expected(), Files.readString(DOCUMENT));
    }

    @Test
    void numbersAndNamesAreUnique() {
        Set<Object> seen = new HashSet<>();
        for (DamageCode code : DamageCode.values()) {
            assertTrue(seen.add(code.number()) && seen.add(code.id()), code.id());
            assertEquals(
                    code.id(), code.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        }
        int[] numbers = Arrays.stream(DamageCode.values()).mapToInt(DamageCode::number).toArray();
        int[] sorted = numbers.clone();
        Arrays.sort(sorted);
        assertEquals(Arrays.toString(sorted), Arrays.toString(numbers));
    }
}
