package cowfs.device;

import cowfs.device.DeviceEvent.Discard;
import cowfs.device.DeviceEvent.Flush;
import cowfs.device.DeviceEvent.Write;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// What a power cut makes of the writes and discards since the last flush. Each is a value: the
/// same policy on the same events leaves the same bytes, and its text repeats it.
public sealed interface CutPolicy {
    /// The unit that a disk writes as a whole.
    int SECTOR_BYTES = 512;

    /// None has reached the medium.
    record DropUnflushed() implements CutPolicy {}

    /// All have reached the medium.
    record KeepAll() implements CutPolicy {}

    /// Only the newest has: the superblock without what it points to.
    record LastOnly() implements CutPolicy {}

    /// Exactly those have whose bit is set, bit 0 being the oldest.
    record Exactly(long mask) implements CutPolicy {}

    /// All but one have.
    record AllButOne(long seed) implements CutPolicy {}

    /// Some have, whole and in order.
    record Subset(long seed) implements CutPolicy {}

    /// All have, but of the newest write only some sectors.
    record TornLast(long seed) implements CutPolicy {}

    /// Of each write some sectors have.
    record Torn(long seed) implements CutPolicy {}

    /// Some have, whole, in another order: where two overlap, the older one may win.
    record Reordered(long seed) implements CutPolicy {}

    /// The events that take effect, in the order in which they do.
    ///
    /// @param unflushed writes and discards, oldest first
    default List<DeviceEvent> survivors(List<DeviceEvent> unflushed) {
        if (unflushed.isEmpty()) {
            return List.of();
        }
        return switch (this) {
            case DropUnflushed() -> List.of();
            case KeepAll() -> unflushed;
            case LastOnly() -> List.of(unflushed.getLast());
            case Exactly(long mask) ->
                    IntStream.range(0, unflushed.size())
                            .filter(i -> i < Long.SIZE && (mask >>> i & 1) != 0)
                            .mapToObj(unflushed::get)
                            .toList();
            case AllButOne(long seed) -> {
                List<DeviceEvent> kept = new ArrayList<>(unflushed);
                kept.remove(new SplittableRandom(seed).nextInt(kept.size()));
                yield kept;
            }
            case Subset(long seed) -> subset(unflushed, new SplittableRandom(seed));
            case TornLast(long seed) -> {
                List<DeviceEvent> kept = new ArrayList<>(unflushed);
                kept.addAll(torn(kept.removeLast(), new SplittableRandom(seed)));
                yield kept;
            }
            case Torn(long seed) -> {
                RandomGenerator random = new SplittableRandom(seed);
                yield unflushed.stream().flatMap(event -> torn(event, random).stream()).toList();
            }
            case Reordered(long seed) -> {
                RandomGenerator random = new SplittableRandom(seed);
                List<DeviceEvent> kept = subset(unflushed, random);
                Collections.shuffle(kept, random);
                yield kept;
            }
        };
    }

    /// Policies worth trying on this many unflushed events: every choice of whole ones when they
    /// are few, else the extreme ones; and `sampledEach` of each random kind.
    static List<CutPolicy> forUnflushed(int eventCount, long seed, int sampledEach) {
        List<CutPolicy> policies = new ArrayList<>();
        if (eventCount == 0) {
            return List.of(new KeepAll());
        }
        boolean few = eventCount <= 4;
        if (few) {
            for (long mask = 0; mask < 1L << eventCount; mask++) {
                policies.add(new Exactly(mask));
            }
        } else {
            policies.addAll(List.of(new DropUnflushed(), new KeepAll(), new LastOnly()));
        }
        RandomGenerator random = new SplittableRandom(seed);
        for (int i = 0; i < sampledEach; i++) {
            if (!few) {
                policies.add(new AllButOne(random.nextLong()));
                policies.add(new Subset(random.nextLong()));
            }
            if (eventCount > 1) {
                policies.add(new Reordered(random.nextLong()));
                policies.add(new Torn(random.nextLong()));
            }
            policies.add(new TornLast(random.nextLong()));
        }
        return policies;
    }

    private static List<DeviceEvent> subset(List<DeviceEvent> events, RandomGenerator random) {
        // Not always about half: nearly all and nearly none are the telling ones.
        double share = random.nextDouble();
        List<DeviceEvent> kept = new ArrayList<>();
        for (DeviceEvent event : events) {
            if (random.nextDouble() < share) {
                kept.add(event);
            }
        }
        return kept;
    }

    /// Some sectors of a write: as often a run from its start as any choice. Sectors are those of
    /// the device.
    private static List<DeviceEvent> torn(DeviceEvent event, RandomGenerator random) {
        return switch (event) {
            case Write write -> {
                double share = random.nextDouble();
                boolean prefix = random.nextBoolean();
                List<DeviceEvent> kept = new ArrayList<>();
                int from = 0;
                while (from < write.content().length) {
                    int within = (int) ((write.position() + from) % SECTOR_BYTES);
                    int to = Math.min(write.content().length, from + SECTOR_BYTES - within);
                    boolean keep =
                            prefix
                                    ? from < share * write.content().length
                                    : random.nextDouble() < share;
                    if (keep) {
                        byte[] sector = Arrays.copyOfRange(write.content(), from, to);
                        kept.add(new Write(write.position() + from, sector));
                    }
                    from = to;
                }
                yield kept;
            }
            case Discard _, Flush _ -> random.nextBoolean() ? List.of(event) : List.of();
        };
    }
}
