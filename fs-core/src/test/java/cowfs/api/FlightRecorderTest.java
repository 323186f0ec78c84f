package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.check.SampleImages;
import cowfs.device.MemoryDevice;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The events for the JDK's flight recorder.
final class FlightRecorderTest {
    private static final long MIB = 1 << 20;

    @TempDir private Path folder;

    @Test
    void commitsAndReclaimStepsAreRecorded() throws IOException {
        MemoryDevice device = new MemoryDevice(64 * MIB);
        Images.format(device, FormatOptions.ofSize(64 * MIB));
        Path file = folder.resolve("events.jfr");
        long before;
        long after;
        try (Recording recording = new Recording();
                Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            recording.enable("cowfs.Commit");
            recording.enable("cowfs.Reclaim");
            recording.start();
            before = pool.info().txg();
            pool.createSubvolume("other");
            pool.delete(List.of(Ref.parse("other")));
            pool.awaitReclaim();
            SampleImages.write(
                    pool.volume(Ref.MAIN),
                    Volume.ROOT_INODE,
                    SampleImages.name("large"),
                    new Random(1),
                    16 << 20);
            pool.sync();
            after = pool.info().txg();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        List<Long> commits =
                events.stream()
                        .filter(event -> event.getEventType().getName().equals("cowfs.Commit"))
                        .map(event -> event.getLong("txg"))
                        .sorted()
                        .toList();
        assertTrue(commits.contains(before + 1), commits + " from " + before);
        assertTrue(commits.contains(after), commits + " to " + after);
        assertEquals(commits.stream().distinct().toList(), commits);
        assertFalse(isSealed(events, before + 1), "a small commit");
        assertTrue(isSealed(events, after), "a large commit");
        List<RecordedEvent> steps =
                events.stream()
                        .filter(event -> event.getEventType().getName().equals("cowfs.Reclaim"))
                        .toList();
        assertFalse(steps.isEmpty());
        assertTrue(steps.stream().noneMatch(step -> step.getBoolean("stuck")));
    }

    private static boolean isSealed(List<RecordedEvent> events, long txg) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("cowfs.Commit"))
                .filter(event -> event.getLong("txg") == txg)
                .findFirst()
                .orElseThrow()
                .getBoolean("sealed");
    }
}
