package cowfs.crash;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CrashDevice;
import cowfs.device.MemoryDevice;
import cowfs.device.PageImage;
import cowfs.file.Timestamp;
import cowfs.model.ModelTwin;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// A sequence that was run on a recording device: the state before and after each of its
/// operations, and which of them a cut at some event must and may show.
///
/// ```
///   events      w w | w w f | w w w f |          state i is that after operation i, 0 the start
///   begun       1     2
///   durable             2 (an fsync)              a cut after it shows state 2, nothing else
/// ```
final class Recording {
    static final OpenOptions OPTIONS = new OpenOptions(false, 1L << 20, Duration.ZERO);

    private static final Map<String, Base> BASES = new ConcurrentHashMap<>();

    private record Base(MemoryDevice image, PageImage pages, Instant begin, Instant end) {}

    private final CrashDevice device;
    private final PageImage start;
    private final List<String> states = new ArrayList<>();
    private final Map<Ref, Integer> lastChange = new HashMap<>();
    private final List<Integer> begun = new ArrayList<>(List.of(-1));
    private final TreeMap<Integer, Integer> durable = new TreeMap<>(Map.of(0, 0));

    private Recording(CrashDevice device, PageImage start) {
        this.device = device;
        this.start = start;
    }

    /// Runs a sequence, then closes the pool.
    ///
    /// @param ignoredFlush the flush that the device lies about, 0 for none
    static Recording of(Sequence sequence, int ignoredFlush) throws IOException {
        Base base = base(sequence.nodeBytes(), sequence.copies());
        CrashDevice device = new CrashDevice(base.image);
        if (ignoredFlush > 0) {
            device.ignoreFlush(ignoredFlush);
        }
        Recording recording = new Recording(device, base.pages);
        ModelTwin twin = new ModelTwin(base.begin, base.end, Operation::fill);
        try (Pool pool = Images.open(device, OPTIONS)) {
            recording.states.add(PoolText.of(pool));
            for (Sequence.Stage stage : sequence.stages()) {
                recording.run(pool, twin, stage);
            }
            twin.compare(pool);
        }
        recording.durable(recording.states.size() - 1);
        return recording;
    }

    private static Base base(int nodeBytes, int copies) throws IOException {
        String key = nodeBytes + "x" + copies;
        Base base = BASES.get(key);
        if (base == null) {
            Instant begin = Timestamp.now().toInstant();
            long size = FormatOptions.MIN_SIZE_BYTES;
            MemoryDevice image = new MemoryDevice(size);
            Images.format(image, new FormatOptions(size, nodeBytes, copies, "base"));
            try (Pool pool = Images.open(image, OPTIONS)) {
                Operation.fill(pool);
            }
            MemoryDevice done = image.copy();
            base = new Base(done, PageImage.of(done), begin, Timestamp.now().toInstant());
            BASES.put(key, base);
        }
        return base;
    }

    private void run(Pool pool, ModelTwin twin, Sequence.Stage stage) throws IOException {
        Operation operation = stage.operation();
        int number = states.size();
        begun.add(device.eventCount());
        boolean done = twin.apply(operation.name(), pool, operation.body()::on) == null;
        if (done) {
            lastChange.put(operation.ref(), number);
        }
        if (done && operation.durable()) {
            durable(number);
            pool.awaitReclaim(); // so that one thread at a time makes events
        }
        states.add(PoolText.of(pool));
        if (stage.persistence() != Persistence.NONE) {
            Ref synced = stage.persistence().run(pool, operation);
            // an fsync need not wait for changes of other subvolumes
            durable(synced == null ? number : lastChange.getOrDefault(synced, 0));
        }
    }

    private void durable(int state) {
        int known = durable.lastEntry().getValue();
        durable.put(device.eventCount(), Math.max(known, state));
    }

    CrashDevice device() {
        return device;
    }

    /// What was on the device before the first event.
    PageImage start() {
        return start;
    }

    /// The states before and after the operations, oldest first.
    List<String> states() {
        return states;
    }

    /// When the last operation began.
    int lastBegun() {
        return begun.getLast();
    }

    /// The oldest state that a cut after so many events may show.
    int least(int eventCount) {
        return durable.floorEntry(eventCount).getValue();
    }

    /// The newest one.
    int most(int eventCount) {
        int most = 0;
        while (most + 1 < begun.size() && begun.get(most + 1) < eventCount) {
            most++;
        }
        return Math.max(most, least(eventCount));
    }
}
