package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.api.CheckReport;
import cowfs.api.Images;
import cowfs.damage.ImageGraph.Patch;
import cowfs.damage.RecordPlaces.Place;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.format.Layout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A repair of an image with a field set to an edge value, under checksums that fit, leaves it
/// clean; or it refuses, with one clear line, and has changed nothing.
///
/// A seeded sample: `-Dcowfs.repair.trials=N` tries N values for each record, `-Dcowfs.repair.seed`
/// others.
final class EveryFieldRepairTest {
    private static final int TRIALS = Integer.getInteger("cowfs.repair.trials", 12);
    private static final long SEED = Long.getLong("cowfs.repair.seed", 1);

    private static ImageGraph graph;
    private static RecordPlaces places;

    @BeforeAll
    static void makeImage() throws IOException {
        graph = new ImageGraph(SampleImage.make(2).image());
        places = new RecordPlaces(graph);
    }

    static Stream<String> layouts() {
        return RecordPlaces.declared().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void aFieldAtAnEdgeIsRepairedOrRefused(String name) {
        Random random = new Random(SEED * 31 + name.hashCode());
        List<Place> all = places.of(name);
        EdgeValues edges = new EdgeValues(graph.superblock().deviceBlocks());
        List<Layout.Field> fields = places.layouts().get(name).fields();
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < TRIALS; i++) {
            Layout.Field field = fields.get(random.nextInt(fields.size()));
            Place place = all.get(random.nextInt(all.size()));
            int at = place.position() + field.offset();
            List<byte[]> values = new ArrayList<>();
            edges.of(field, place.page().bytes, at, List.of()).forEach(values::add);
            if (values.isEmpty()) {
                continue;
            }
            byte[] value = values.get(random.nextInt(values.size()));
            String label = field.name() + " = " + HexFormat.of().formatHex(value) + " at " + place;
            try {
                Assertions.assertTimeoutPreemptively(
                        Duration.ofMinutes(2),
                        () -> repair(graph.with(List.of(new Patch(place.page(), at, value)))));
            } catch (AssertionError | RuntimeException failed) {
                failures.add(label + ": " + Trial.text(failed));
            }
        }
        assertEquals("", String.join("\n", failures), "seed " + SEED);
    }

    private static void repair(MemoryDevice image) throws IOException {
        byte[] before = bytes(image);
        try {
            Images.repair(image, (done, total) -> {});
        } catch (CowException refused) {
            // what it wrote lies where the image has nothing: for the image it is as it was
            assertEquals(findings(before), findings(bytes(image)), refused.getMessage());
            return;
        }
        CheckReport after = Images.check(image, (done, total) -> {});
        assertEquals(List.of(), after.findings());
    }

    private static String findings(byte[] bytes) throws IOException {
        MemoryDevice image = new MemoryDevice(bytes.length);
        image.write(0, ByteBuffer.wrap(bytes));
        try {
            return Images.check(image, (done, total) -> {}).findings().toString();
        } catch (CowException unopenable) {
            return String.valueOf(unopenable.getMessage());
        }
    }

    private static byte[] bytes(MemoryDevice image) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) image.sizeBytes());
        image.read(0, all);
        return Arrays.copyOf(all.array(), all.capacity());
    }
}
