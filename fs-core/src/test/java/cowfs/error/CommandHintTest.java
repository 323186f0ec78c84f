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

    @Test
    void aHintNamesThePoolAsTheUserDoes() {
        String hint = "it is held: " + CommandHint.of("release", CommandHint.POOL, "tag", "main@s");
        assertEquals(
                "it is held: cowfs release a.img tag main@s", CommandHint.inPool(hint, "a.img"));
        String twice = "'cowfs receive --token POOL x' or 'cowfs receive --abort POOL x'";
        assertEquals(
                "'cowfs receive --token '$1 a' x' or 'cowfs receive --abort '$1 a' x'",
                CommandHint.inPool(twice, "$1 a"));
        String other = "no snapshot 'main@POOL': 'cowfs list' shows which there are";
        assertEquals(other, CommandHint.inPool(other, "a.img"));
    }
}
