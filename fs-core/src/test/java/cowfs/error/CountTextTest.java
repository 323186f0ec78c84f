package cowfs.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class CountTextTest {
    @Test
    void onlyOneThingIsSingular() {
        assertEquals("1 snapshot", CountText.of(1, "snapshot"));
        assertEquals("0 snapshots", CountText.of(0, "snapshot"));
        assertEquals("2 snapshots", CountText.of(2, "snapshot"));
        assertEquals("-1 bytes", CountText.of(-1, "byte"));
    }

    @Test
    void aPluralMayBeOfAnotherForm() {
        assertEquals("1 directory", CountText.of(1, "directory"));
        assertEquals("2 directories", CountText.of(2, "directory"));
        assertEquals("2 keys", CountText.of(2, "key"));
        assertEquals(
                "1 file or directory",
                CountText.of(1, "file or directory", "files and directories"));
        assertEquals(
                "3 files and directories",
                CountText.of(3, "file or directory", "files and directories"));
    }
}
