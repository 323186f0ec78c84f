package cowfs.fuse.kernel;

import cowfs.fuse.operation.RequestTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// How long the requests of a mount have taken, for each opcode. Thread safe; about 30 KiB for each
/// opcode that was ever asked for.
final class RequestTimes {
    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int DIGITS = 2;

    private final Map<Opcode, Kind> kinds = new ConcurrentHashMap<>();

    void add(Opcode opcode, long nanos, long bytes) {
        Kind kind = kinds.get(opcode);
        if (kind == null) {
            kind = kinds.computeIfAbsent(opcode, first -> new Kind());
        }
        kind.add(nanos, bytes);
    }

    /// By the protocol's names, in the order of opcodes.
    Map<String, RequestTime> all() {
        Map<String, RequestTime> all = new LinkedHashMap<>();
        for (Opcode opcode : Opcode.values()) {
            Kind kind = kinds.get(opcode);
            if (kind != null) {
                all.put(opcode.name(), kind.summary());
            }
        }
        return all;
    }

    private static final class Kind {
        private final Histogram micros = new ConcurrentHistogram(LONGEST_MICROS, DIGITS);
        private final LongAdder nanos = new LongAdder();
        private final LongAdder bytes = new LongAdder();

        void add(long took, long moved) {
            micros.recordValue(Math.min(LONGEST_MICROS, TimeUnit.NANOSECONDS.toMicros(took)));
            nanos.add(took);
            bytes.add(moved);
        }

        RequestTime summary() {
            Histogram now = micros.copy();
            return new RequestTime(
                    now.getTotalCount(),
                    bytes.sum(),
                    TimeUnit.NANOSECONDS.toMicros(nanos.sum()),
                    now.getValueAtPercentile(50),
                    now.getValueAtPercentile(95),
                    now.getValueAtPercentile(99),
                    now.getMaxValue());
        }
    }
}
