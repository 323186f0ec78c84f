package cowfs.damage;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import cowfs.damage.ImageGraph.Patch;
import java.io.IOException;
import java.util.List;

/// Damage that Jazzer chooses by the coverage of the engine: its bytes are the numbers that {@link
/// ImageMutator} asks for. See `scripts/fuzz`.
public final class JazzerTarget {
    private static ImageGraph graph;
    private static ImageMutator mutator;
    private static Trial sound;

    private JazzerTarget() {}

    public static void fuzzerInitialize() throws IOException {
        graph = new ImageGraph(SampleImage.make(2).image());
        mutator = new ImageMutator(graph);
        sound = Trial.of(graph.image());
    }

    public static void fuzzerTestOneInput(FuzzedDataProvider data) throws IOException {
        List<Patch> patches = mutator.some(bound -> data.consumeInt(0, bound - 1));
        Trial trial = Trial.of(graph.with(patches));
        if (trial.dump() != null && !trial.isReported() && !trial.dump().errors().isEmpty()) {
            throw new AssertionError("nothing reported: " + trial.difference(sound));
        }
    }
}
