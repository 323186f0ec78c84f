package cowfs.tools.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log that a daemon leaves when it does not end well, and what the next one makes of it.
final class EndpointTest {
    @TempDir Path directory;
    private Endpoint endpoint;

    @BeforeEach
    void create() throws IOException {
        endpoint =
                Endpoint.of(Files.writeString(directory.resolve("image"), "any file"), directory);
    }

    private String endAfter(String log) throws IOException {
        Files.writeString(endpoint.log(), log);
        String end = endpoint.setLogAside();
        assertFalse(Files.exists(endpoint.log()));
        assertEquals(log, Files.readString(endpoint.previousLog()));
        assertTrue(end.endsWith("the log of it is " + endpoint.previousLog()), end);
        return end;
    }

    @Test
    void withoutALogTheLastDaemonEndedWell() throws IOException {
        assertEquals("", endpoint.setLogAside());
    }

    @Test
    void aDaemonThatWasKilled() throws IOException {
        String end = endAfter("2026-01-01T00:00:00Z mounted main\n");
        assertTrue(end.startsWith("the last daemon of this image ended without closing it"), end);
    }

    @Test
    void aDaemonThatRanOutOfMemory() throws IOException {
        String end =
                endAfter(
                        "2026-01-01T00:00:00Z mounted main\n"
                                + "Terminating due to java.lang.OutOfMemoryError: Java heap space\n");
        assertTrue(end.contains("ran out of memory"), end);
        assertTrue(end.contains("--cache"), end);
    }

    @Test
    void aPoolThatHadFailed() throws IOException {
        String end =
                endAfter("2026-01-01T00:00:00Z the pool" + Endpoint.FAILED + "can't write\nmore\n");
        assertTrue(
                end.startsWith("the last mount of this image had FAILED: can't write; the log"),
                end);
    }

    @Test
    void aDaemonThatDoesNotStartLeavesWhatTheLastOneSaid() throws IOException {
        endAfter("of the last one\n");
        endpoint.restoreLog();
        assertEquals("of the last one\n", Files.readString(endpoint.log()));
    }
}
