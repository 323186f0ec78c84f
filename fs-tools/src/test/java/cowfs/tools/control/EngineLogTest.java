package cowfs.tools.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EngineLogTest {
    private final List<String> lines = new ArrayList<>();
    private final System.Logger logger = System.getLogger("cowfs.engine-log-test");

    @BeforeEach
    void listen() {
        EngineLog.sendTo((message, thrown) -> lines.add(message + "|" + thrown));
    }

    @AfterEach
    void silence() {
        EngineLog.sendTo((message, thrown) -> {});
        EngineLog.setThreshold(System.Logger.Level.INFO);
    }

    @Test
    void whatIsBelowTheThresholdIsNotTold() {
        logger.log(System.Logger.Level.DEBUG, "quiet");
        logger.log(System.Logger.Level.INFO, "loud");
        assertEquals(List.of("loud|null"), lines);
        assertFalse(logger.isLoggable(System.Logger.Level.DEBUG));
        assertFalse(logger.isLoggable(System.Logger.Level.OFF));
    }

    @Test
    void theThresholdCanChangeAtAnyTime() {
        EngineLog.setThreshold(System.Logger.Level.DEBUG);
        assertTrue(logger.isLoggable(System.Logger.Level.DEBUG));
        logger.log(System.Logger.Level.DEBUG, "now");
        EngineLog.setThreshold(System.Logger.Level.ERROR);
        logger.log(System.Logger.Level.WARNING, "not any more");
        assertEquals(List.of("now|null"), lines);
    }

    @Test
    void valuesAndFailuresAreInTheLine() {
        IllegalStateException failure = new IllegalStateException("why");
        logger.log(System.Logger.Level.WARNING, "block {0} of {1}", "7", "disk.img");
        logger.log(System.Logger.Level.ERROR, "it failed", failure);
        logger.log(System.Logger.Level.INFO, () -> "only when it's wanted");
        assertEquals(
                List.of(
                        "block 7 of disk.img|null",
                        "it failed|" + failure,
                        "only when it's wanted|null"),
                lines);
    }
}
