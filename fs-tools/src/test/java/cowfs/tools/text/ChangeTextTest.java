package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.file.Attributes;
import cowfs.file.FileChange;
import cowfs.file.FileChange.Kind;
import cowfs.file.FilePath;
import cowfs.tools.FileChangeSamples;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ChangeTextTest {
    private static final Attributes DIRECTORY =
            Objects.requireNonNull(FileChangeSamples.ALL.getFirst().after());

    @Test
    void aDirectoryEndsInASlashAndTheRootIsOne() {
        ChangeText text = new ChangeText();
        assertEquals("m / (xattrs)", text.line(touched(FilePath.ROOT)));
        assertEquals("m /a/b/ (xattrs)", text.line(touched(FilePath.of("/a/b"))));
        assertEquals("+ /new/", text.line(FileChangeSamples.ALL.getFirst()));
        assertEquals("- /gone", text.line(FileChangeSamples.ALL.get(1)));
    }

    private static FileChange touched(FilePath path) {
        return new FileChange(
                Kind.ATTRIBUTES, path, null, 1, DIRECTORY, DIRECTORY, true, List.of(), false);
    }
}
