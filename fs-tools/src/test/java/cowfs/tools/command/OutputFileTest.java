package cowfs.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputFileTest {
    @TempDir private Path folder;

    private static void write(Path path, String text, boolean whole) throws IOException {
        try (OutputFile file = new OutputFile(path)) {
            file.stream().write(text.getBytes(StandardCharsets.UTF_8));
            if (whole) {
                file.finish();
            }
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileIsThereWhenItIsWholeAndNothingBefore() throws IOException {
        Path path = folder.resolve("out");
        write(path, "half", false);
        assertEquals(List.of(), names());
        write(path, "whole", true);
        assertEquals("whole", Files.readString(path));
        write(path, "half", false);
        assertEquals("whole", Files.readString(path));
        assertEquals(List.of("out"), names());
    }

    @Test
    void whatStandsBesideItStays() throws IOException {
        Files.writeString(folder.resolve("out.part"), "mine");
        write(folder.resolve("out"), "new", true);
        assertEquals("mine", Files.readString(folder.resolve("out.part")));
        assertEquals(List.of("out", "out.part"), names());
    }

    @Test
    void aReplacedFileKeepsItsPermissions() throws IOException {
        Path path = Files.writeString(folder.resolve("out"), "old");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        write(path, "new", true);
        assertEquals("new", Files.readString(path));
        assertEquals(
                "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void aLinkStaysAndItsTargetIsWritten() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        write(link, "new", true);
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(target));
    }

    @Test
    void aDeviceIsWrittenInto() throws IOException {
        write(Path.of("/dev/null"), "gone", true);
        assertTrue(!Files.isRegularFile(Path.of("/dev/null")));
        Path full = Path.of("/dev/full");
        assertThrows(IOException.class, () -> write(full, "no room", true));
        assertTrue(!Files.isRegularFile(full));
    }

    @Test
    void whatCanNotBeWrittenIsNamedAsTheUserDid() {
        FileSystemException directory =
                assertThrows(FileSystemException.class, () -> write(folder, "x", true));
        assertEquals(folder.toString(), directory.getFile());
        Path missing = folder.resolve("missing");
        NoSuchFileException none =
                assertThrows(
                        NoSuchFileException.class, () -> write(missing.resolve("out"), "x", true));
        assertEquals(missing.toString(), none.getFile());
    }
}
