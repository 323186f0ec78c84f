package cowfs.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.crash.Sequence.Stage;
import cowfs.device.DeviceEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/// Small sequences of operations, cut at every point: what was made durable is there, and the rest
/// is a state between two operations.
///
/// `-Dcowfs.sequence='4096x2 create/none rename/fsync'` tries that sequence alone, thoroughly.
/// `scripts/torture --only crash` tries many more.
final class SequenceCrashTest {
    private static final String PROPERTY = "cowfs.sequence";

    /// Shapes take turns over the sequences, and so do the ways to be made durable over the pairs.
    private static final int TURN = 0;

    private static void run(String what, List<Sequence> sequences, int sampledEach)
            throws IOException {
        String only = System.getProperty(PROPERTY);
        List<Sequence> chosen = only == null ? sequences : List.of(Sequence.parse(only));
        long states = 0;
        for (Sequence sequence : chosen) {
            states += CrashSearch.run(sequence, 1, only == null ? sampledEach : 10);
        }
        System.out.printf("%d sequences %s: %d states%n", chosen.size(), what, states);
        assertTrue(states > 10L * chosen.size(), "hardly anything was cut");
    }

    @Test
    void everyOperationIsWholeAfterACut() throws IOException {
        run("of one operation", Sequence.ofOne(TURN), 1);
    }

    @Test
    void everyPairOfOperationsIsAPrefixAfterACut() throws IOException {
        run("of two", Sequence.ofTwo(TURN), 0);
    }

    @Test
    void aSampleOfTriplesIsAPrefixAfterACut() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        List<Sequence> triples = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            triples.add(Sequence.random(random, 3));
        }
        run("of three", triples, 1);
    }

    /// Nodes that a purge had made counted as the snapshot's alone when it was cloned.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4096x1 purge/fsync_directory clone-snapshot/none",
                "4096x2 remove-xattr/fdatasync purge-below/none purge/sync"
            })
    void aPurgedSnapshotSharesItsNodesLikeAnyOther(String text) throws IOException {
        assertTrue(CrashSearch.run(Sequence.parse(text), 1, 0) > 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4096x1 write-much/fsync",
                "4096x2 write-much/fdatasync",
                "8192x2 write-much/sync",
                "4096x1 create/none write-much/none overwrite/fsync",
                "4096x2 write-much/fsync rename-over/fsync_directory"
            })
    void aCommitThatIsSealedForItsSizeIsWholeAfterACut(String text) throws IOException {
        Sequence sequence = Sequence.parse(text);
        assertTrue(CrashSearch.run(sequence, 1, 2) > 10);
    }

    @Test
    void aLargeCommitTakesTwoFlushesAndASmallOneTakesOne() throws IOException {
        assertEquals(2, flushes("4096x1 write-much/fsync"));
        assertEquals(1, flushes("4096x1 overwrite/fsync"));
    }

    /// Flushes between the beginning of the last operation and when it was durable.
    private static int flushes(String text) throws IOException {
        Recording recording = Recording.of(Sequence.parse(text), 0);
        int count = 0;
        for (int event = recording.lastBegun(); recording.least(event) < 1; event++) {
            count += recording.device().event(event) instanceof DeviceEvent.Flush ? 1 : 0;
        }
        return count;
    }

    /// The test of these tests.
    @ParameterizedTest
    @EnumSource(value = Persistence.class, mode = Mode.EXCLUDE, names = "NONE")
    void aFlushThatDidNothingIsFound(Persistence persistence) {
        for (Operation operation : Operation.ALL) {
            Sequence sequence = new Sequence(4096, 1, List.of(new Stage(operation, persistence)));
            if (operation.file().equals("n") && !operation.name().equals("create")) {
                continue; // needs a file that is not there when it comes first
            }
            assertThrows(
                    CutFailure.class,
                    () -> new PowerCuts(Recording.of(sequence, 1), 1, 1).tryAll(),
                    () -> "nobody noticed that the flush of " + sequence + " did nothing");
        }
    }
}
