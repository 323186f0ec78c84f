package cowfs.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every test that `docs/crash-consistency.md` names exists.
final class CrashConsistencyDocumentTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern TEST_NAME = Pattern.compile("`(\\w+(?:Test|IT))[`.]");

    private static List<String> lines() throws IOException {
        return Files.readAllLines(TOP.resolve("docs/crash-consistency.md"));
    }

    private static Set<String> testClasses() throws IOException {
        Set<String> classes = new TreeSet<>();
        for (String module : List.of("fs-core", "fs-fuse", "fs-tools")) {
            try (Stream<Path> files = Files.walk(TOP.resolve(module + "/src/test/java"))) {
                classes.addAll(
                        files.map(file -> String.valueOf(file.getFileName()))
                                .filter(file -> file.endsWith(".java"))
                                .map(file -> file.substring(0, file.length() - ".java".length()))
                                .collect(Collectors.toSet()));
            }
        }
        return classes;
    }

    @Test
    void everyTestThatItNamesExists() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher matcher = TEST_NAME.matcher(String.join("\n", lines()));
        while (matcher.find()) {
            named.add(matcher.group(1));
        }
        assertFalse(named.size() < 10, () -> "names only " + named);
        named.removeAll(testClasses());
        assertEquals(Set.of(), named, "named, but there is no such test");
    }
}
