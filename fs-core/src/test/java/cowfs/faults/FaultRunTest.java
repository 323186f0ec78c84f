package cowfs.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.MemoryDevice;
import cowfs.faults.FaultRun.Outcome;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The n-th call of a device fails, for every n of a workload: see {@link FaultRun} for what must
/// hold then. How many faults were tried, and what became of them, is printed.
///
/// `-Dcowfs.fault=N` tries only the N-th call.
final class FaultRunTest {
    private static final Integer ONLY = Integer.getInteger("cowfs.fault");
    private static final long IMAGE_BYTES = 32L << 20;

    /// What goes wrong, and what may come of it.
    private enum Kind {
        READ_ERROR(
                false,
                (device, n) -> device.fail(DeviceOperation.READ, n),
                EnumSet.of(Outcome.REFUSED, Outcome.OPEN_FAILED)),
        WRITE_ERROR(
                false,
                (device, n) -> device.fail(DeviceOperation.WRITE, n),
                EnumSet.of(Outcome.REFUSED, Outcome.POOL_FAILED, Outcome.CLOSE_FAILED)),
        SHORT_WRITE(
                false,
                FaultDevice::tearWrite,
                EnumSet.of(Outcome.REFUSED, Outcome.POOL_FAILED, Outcome.CLOSE_FAILED)),
        FLUSH_ERROR(
                false,
                (device, n) -> device.fail(DeviceOperation.FLUSH, n),
                EnumSet.of(Outcome.POOL_FAILED, Outcome.CLOSE_FAILED)),
        DISCARD_ERROR(
                false,
                (device, n) -> device.fail(DeviceOperation.DISCARD, n),
                EnumSet.of(Outcome.UNNOTICED)),
        HOST_FULL(
                true,
                FaultDevice::fillUpAtWrite,
                EnumSet.of(Outcome.POOL_FAILED, Outcome.CLOSE_FAILED)),
        UNPLUGGED(
                true,
                FaultDevice::unplugAt,
                EnumSet.of(Outcome.POOL_FAILED, Outcome.OPEN_FAILED, Outcome.CLOSE_FAILED));

        private final boolean lasting;
        private final ObjIntConsumer<FaultDevice> fault;
        private final EnumSet<Outcome> expected;

        Kind(boolean lasting, ObjIntConsumer<FaultDevice> fault, EnumSet<Outcome> expected) {
            this.lasting = lasting;
            this.fault = fault;
            this.expected = expected;
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyFaultIsToldAndLosesNothing(Kind kind) throws IOException {
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        for (int copies = 1; copies <= 2; copies++) {
            FormatOptions options = new FormatOptions(IMAGE_BYTES, 4096, copies, "faults");
            tryAll(kind, options, outcomes);
        }
        System.out.printf("%s: %s%n", kind, outcomes);
        if (ONLY == null) {
            assertTrue(
                    outcomes.keySet().containsAll(kind.expected),
                    () -> "expected " + kind.expected + ", met " + outcomes);
        }
    }

    private static void tryAll(Kind kind, FormatOptions options, Map<Outcome, Integer> outcomes)
            throws IOException {
        MemoryDevice image = FaultRun.format(options);
        List<String> states = FaultRun.record(image);
        boolean met = true;
        for (int n = ONLY == null ? 1 : ONLY; met; n++) {
            int call = n;
            try {
                Outcome outcome =
                        FaultRun.run(
                                image,
                                states,
                                device -> kind.fault.accept(device, call),
                                kind.lasting);
                met = outcome != Outcome.NOT_MET && ONLY == null;
                if (outcome != Outcome.NOT_MET) {
                    outcomes.merge(outcome, 1, Integer::sum);
                }
            } catch (IOException | RuntimeException | AssertionError failed) {
                throw new AssertionError(
                        String.format(
                                "%s at call %d, %d metadata copies: %s%nrepeat with -Dcowfs.fault=%d",
                                kind, n, options.metadataCopies(), failed, n),
                        failed);
            }
        }
    }
}
