package cowfs.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandHintTest {
    @Test
    void plainWordsStayPlain() {
        assertEquals("cowfs umount /mnt/ä", CommandHint.of("umount", "/mnt/ä"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "it's", "$HOME", "`x`", "a\nb", "*", "~", "!!", "a;b", "'"})
    void aShellReadsWhatWasMeant(String word) throws IOException {
        String script = "cowfs() { printf %s \"$2\"; }; " + CommandHint.of("umount", word);
        Process shell = new ProcessBuilder(List.of("sh", "-c", script)).start();
        byte[] out = shell.getInputStream().readAllBytes();
        assertEquals(word, new String(out, StandardCharsets.UTF_8));
    }
}
