package cowfs.damage;

import cowfs.damage.ImageGraph.Patch;
import cowfs.device.MemoryDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A guided search for damage that is not handled: mutations of a sample image under good
/// checksums, each opened, read, checked and abused.
///
/// The guide is cheap: what the checker found, what was refused and why, without numbers. Damage
/// that brings something new is kept, and more is added to it later. A run follows from its seed,
/// which also says how names lie in the leaves of its sample, and the number of its trials; only
/// times and the UUIDs of subvolumes differ.
final class ImageFuzz {
    private static final int MAX_PATCHES = 12;
    private static final int MAX_KEPT = 2000;

    private final long seed;
    private final Random random;
    private final Trial sound;
    private final ImageGraph graph;
    private final ImageMutator mutator;
    private final List<List<Patch>> kept = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private long trialCount;

    ImageFuzz(long seed) throws IOException {
        this.seed = seed;
        this.random = new Random(seed);
        this.graph = new ImageGraph(SampleImage.make(1 + (int) (seed & 1), seed).image());
        this.sound = Trial.of(graph.image());
        this.mutator = new ImageMutator(graph);
    }

    /// The image that all damage is done to.
    MemoryDevice image() {
        return graph.image();
    }

    /// How many images were tried.
    long trialCount() {
        return trialCount;
    }

    /// Runs some trials.
    ///
    /// @param endNanos the `System.nanoTime` at which no more are begun
    /// @return a line for each failure
    List<String> run(int trials, long endNanos) {
        List<String> failures = new ArrayList<>();
        Set<String> sites = new HashSet<>();
        for (int i = 0; i < trials && System.nanoTime() - endNanos < 0; i++) {
            List<Patch> patches = candidate();
            trialCount++;
            try {
                String failure = attempt(patches);
                if (failure != null && sites.add(kind(failure))) {
                    failures.add(describe(patches) + ": " + failure);
                }
            } catch (IOException | RuntimeException | Error escaped) {
                String text = Trial.text(escaped);
                if (sites.add(kind(text))) {
                    failures.add(describe(patches) + ": " + text);
                }
            }
        }
        return failures;
    }

    private List<Patch> candidate() {
        ImageMutator.Numbers numbers = ImageMutator.Numbers.of(random);
        List<Patch> patches = new ArrayList<>();
        if (!kept.isEmpty() && random.nextInt(3) > 0) {
            patches.addAll(kept.get(random.nextInt(kept.size())));
            if (random.nextInt(4) == 0) {
                patches.addAll(kept.get(random.nextInt(kept.size())));
            }
        }
        patches.addAll(mutator.some(numbers));
        return patches.size() > MAX_PATCHES ? patches.subList(0, MAX_PATCHES) : patches;
    }

    private @Nullable String attempt(List<Patch> patches) throws IOException {
        Trial trial = Trial.withPatience(() -> graph.with(patches));
        List<String> refusals = new ArrayList<>(Trial.readers(() -> graph.with(patches)));
        refusals.addAll(Trial.abuse(() -> graph.with(patches)));
        boolean fresh = false;
        for (String finding : trial.findings()) {
            fresh |= seen.add("finding " + kind(finding));
        }
        if (trial.dump() != null) {
            for (String error : trial.dump().errors()) {
                fresh |= seen.add("error " + kind(error));
            }
        }
        for (String refusal : refusals) {
            fresh |= seen.add("refusal " + kind(refusal));
        }
        fresh |= seen.add("open " + kind(String.valueOf(trial.refused())));
        if (fresh && kept.size() < MAX_KEPT) {
            kept.add(List.copyOf(patches));
        }
        return trial.dump() != null && !trial.isReported() && !trial.dump().errors().isEmpty()
                ? "a read fails and the checker finds nothing: " + trial.difference(sound)
                : null;
    }

    /// A message without what is in it by chance.
    private static String kind(String message) {
        String shape = message.replaceAll("'[^']*'|0x[0-9a-f]+|[0-9]+", "N");
        return shape.length() > 160 ? shape.substring(0, 160) : shape;
    }

    private String describe(List<Patch> patches) {
        StringBuilder text = new StringBuilder("seed " + seed + " trial " + trialCount);
        for (Patch patch : patches) {
            text.append(" [").append(patch.page()).append(" at ").append(patch.position());
            text.append(" = ").append(HexFormat.of().formatHex(patch.bytes())).append(']');
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return "seed "
                + seed
                + ": "
                + trialCount
                + " images, "
                + seen.size()
                + " kinds of outcome, "
                + kept.size()
                + " kept";
    }
}
