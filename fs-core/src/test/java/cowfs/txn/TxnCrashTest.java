package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Power cuts at every event of random workloads: what was acknowledged is there, and the state is
/// that of one transaction group, whole.
final class TxnCrashTest {
    @ParameterizedTest
    @CsvSource({"32, 4096, 1, 1", "32, 4096, 2, 2", "33, 8192, 2, 3", "32, 16384, 1, 4"})
    void everyCutLeavesOneWholeGroupNotOlderThanWhatWasAcknowledged(
            int sizeMiB, int nodeBytes, int copies, long seed) throws IOException {
        CrashRecording recording =
                CrashRecording.record(new TestPool.Shape(sizeMiB, nodeBytes, copies), seed, 70, 0);
        assertTrue(recording.checkCuts(1, 1) > 300, "hardly anything was cut");
    }

    /// The test of this test.
    @Test
    void aDeviceThatLiesAboutOneFlushIsFound() throws IOException {
        TestPool.Shape shape = new TestPool.Shape(32, 4096, 1);
        CrashRecording sound = CrashRecording.record(shape, 9, 30, 0);
        sound.checkCuts(1, 1);
        int honest = flushes(sound);
        // the first two belong to the opening of an image that is durable already
        for (int flush = 3; flush <= honest; flush++) {
            CrashRecording lying = CrashRecording.record(shape, 9, 30, flush);
            assertThrows(
                    AssertionError.class,
                    () -> lying.checkCuts(1, 1),
                    "nobody noticed that flush " + flush + " did nothing");
        }
    }

    private static int flushes(CrashRecording recording) {
        int flushes = 0;
        for (int i = 0; i < recording.device().eventCount(); i++) {
            if (recording.device().event(i) instanceof cowfs.device.DeviceEvent.Flush) {
                flushes++;
            }
        }
        return flushes;
    }
}
