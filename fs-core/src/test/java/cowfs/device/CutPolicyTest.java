package cowfs.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.CutPolicy.AllButOne;
import cowfs.device.CutPolicy.DropUnflushed;
import cowfs.device.CutPolicy.Exactly;
import cowfs.device.CutPolicy.KeepAll;
import cowfs.device.CutPolicy.LastOnly;
import cowfs.device.CutPolicy.Reordered;
import cowfs.device.CutPolicy.Subset;
import cowfs.device.CutPolicy.Torn;
import cowfs.device.CutPolicy.TornLast;
import cowfs.device.DeviceEvent.Discard;
import cowfs.device.DeviceEvent.Write;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class CutPolicyTest {
    private static final DeviceEvent A = write(0, 4096);
    private static final DeviceEvent B = write(8192, 100);
    private static final DeviceEvent C = new Discard(4096, 4096);
    private static final DeviceEvent D = write(700, 2000);
    private static final List<DeviceEvent> ABCD = List.of(A, B, C, D);

    @Test
    void theExtremePoliciesKeepWhatTheirNamesSay() {
        assertEquals(List.of(), new DropUnflushed().survivors(ABCD));
        assertEquals(ABCD, new KeepAll().survivors(ABCD));
        assertEquals(List.of(D), new LastOnly().survivors(ABCD));
        assertEquals(List.of(A, C), new Exactly(0b0101).survivors(ABCD));
    }

    @Test
    void allButOneLosesEachOneUnderSomeSeed() {
        Set<List<DeviceEvent>> seen = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            seen.add(new AllButOne(seed).survivors(ABCD));
        }
        assertEquals(
                Set.of(List.of(B, C, D), List.of(A, C, D), List.of(A, B, D), List.of(A, B, C)),
                seen);
    }

    @Test
    void subsetsReachEveryChoiceAndKeepTheOrder() {
        Set<List<DeviceEvent>> seen = new HashSet<>();
        for (long seed = 0; seed < 2000; seed++) {
            List<DeviceEvent> kept = new Subset(seed).survivors(ABCD);
            assertEquals(ABCD.stream().filter(kept::contains).toList(), kept, "seed " + seed);
            seen.add(kept);
        }
        assertEquals(16, seen.size());
    }

    @Test
    void reorderedReachesOrdersThatNeverHappened() {
        Set<List<DeviceEvent>> seen = new HashSet<>();
        for (long seed = 0; seed < 2000; seed++) {
            seen.add(new Reordered(seed).survivors(List.of(A, B)));
        }
        assertEquals(Set.of(List.of(), List.of(A), List.of(B), List.of(A, B), List.of(B, A)), seen);
    }

    @Test
    void tornLastKeepsAllButSomeSectorsOfTheNewestWrite() {
        Set<Integer> keptBytes = new TreeSet<>();
        for (long seed = 0; seed < 500; seed++) {
            List<DeviceEvent> kept = new TornLast(seed).survivors(ABCD);
            assertEquals(List.of(A, B, C), kept.subList(0, 3), "seed " + seed);
            keptBytes.add(assertWholeSectors(kept.subList(3, kept.size()), (Write) D, seed));
        }
        assertTrue(keptBytes.contains(0) && keptBytes.contains(2000), keptBytes.toString());
        assertTrue(keptBytes.size() > 4, keptBytes.toString());
    }

    @Test
    void tornTearsEveryWriteAtSectorsOfTheDevice() {
        boolean aTorn = false;
        for (long seed = 0; seed < 500; seed++) {
            List<DeviceEvent> kept = new ArrayList<>(new Torn(seed).survivors(List.of(A)));
            int bytes = assertWholeSectors(kept, (Write) A, seed);
            aTorn |= bytes > 0 && bytes < 4096;
        }
        assertTrue(aTorn);
    }

    @Test
    void theSameSeedDoesTheSameAgain() {
        for (long seed = 0; seed < 50; seed++) {
            assertEquals(
                    new Torn(seed).survivors(ABCD).toString(),
                    new Torn(seed).survivors(ABCD).toString());
            assertEquals(CutPolicy.forUnflushed(9, seed, 3), CutPolicy.forUnflushed(9, seed, 3));
        }
        assertNotEquals(CutPolicy.forUnflushed(9, 1, 3), CutPolicy.forUnflushed(9, 2, 3));
    }

    @Test
    void fewEventsAreTriedInEveryCombination() {
        assertEquals(List.of(new KeepAll()), CutPolicy.forUnflushed(0, 1, 5));
        Set<List<DeviceEvent>> seen = new HashSet<>();
        for (CutPolicy policy : CutPolicy.forUnflushed(4, 1, 0)) {
            seen.add(policy.survivors(ABCD));
        }
        assertEquals(16, seen.size());
    }

    @Test
    void everyPolicyCopesWithNoEventAtAll() {
        for (CutPolicy policy : CutPolicy.forUnflushed(9, 1, 2)) {
            assertEquals(List.of(), policy.survivors(List.of()));
        }
    }

    /// Checks that the pieces are sectors of `whole`, in order; returns how many bytes they are.
    private static int assertWholeSectors(List<DeviceEvent> pieces, Write whole, long seed) {
        int total = 0;
        for (DeviceEvent piece : pieces) {
            Write sector = (Write) piece;
            int from = (int) (sector.position() - whole.position());
            int to = from + sector.content().length;
            assertTrue(from == 0 || sector.position() % 512 == 0, "seed " + seed);
            assertTrue(
                    to == whole.content().length || (whole.position() + to) % 512 == 0,
                    "seed " + seed);
            assertEquals(
                    sector.position() / 512,
                    (sector.position() + sector.content().length - 1) / 512,
                    "seed " + seed);
            assertTrue(
                    Arrays.equals(Arrays.copyOfRange(whole.content(), from, to), sector.content()),
                    "seed " + seed);
            total += sector.content().length;
        }
        return total;
    }

    private static Write write(long position, int lengthBytes) {
        return new Write(position, BlockDeviceContract.bytes(position, lengthBytes));
    }
}
