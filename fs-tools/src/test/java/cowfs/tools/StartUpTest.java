package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a short command must not load: each of these takes longer than listing an image does.
/// `scripts/bench start-up` measures the time.
final class StartUpTest {
    private static final List<String> UNWANTED =
            List.of(
                    "com.fasterxml.jackson",
                    "java.util.logging.",
                    "jnr.",
                    "com.kenai.jffi",
                    "cowfs.fuse",
                    "java.lang.foreign.Linker ",
                    "jdk.proxy", // of annotations
                    "sun.util.locale.provider.LocaleProviderAdapter ");

    @TempDir private Path folder;

    @Test
    void listLoadsOnlyWhatItNeeds() throws IOException {
        Path image = folder.resolve("disk.img");
        Command.run("mkfs", "--size", "64M", image).succeeded();
        List<String> words = Command.words("list", image);
        Path classes = folder.resolve("classes");
        words.add(1, "-Xlog:class+load:file=" + classes);
        Command.run(words).succeeded();
        List<String> all = Files.readAllLines(classes);
        assertTrue(
                all.stream().anyMatch(line -> line.contains("cowfs.api.SubvolumeInfo")),
                "the classes were told");
        List<String> loaded =
                all.stream().filter(line -> UNWANTED.stream().anyMatch(line::contains)).toList();
        assertEquals(List.of(), loaded);
    }
}
