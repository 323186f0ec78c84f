package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import cowfs.damage.ImageGraph.Patch;
import cowfs.damage.RecordPlaces.Place;
import cowfs.format.ContentItem;
import cowfs.format.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every field of every declared record takes every edge value, under checksums that fit.
///
/// The checksums say nothing here, so the other witnesses must: an image that reads differently
/// from the sound one must be reported by the checker. Only what nothing else in the image can
/// testify to, such as the owner of a file, may change unseen.
///
/// `-Dcowfs.damage.places=N` damages N records of each sort instead of one;
/// `-Dcowfs.damage.abuse=true` makes every kind of {@link Abuse} of each damaged image, too, and
/// `-Dcowfs.damage.readers=true` has all {@link Readers} read it.
final class EveryFieldDamageTest {
    private static final int PLACES = Integer.getInteger("cowfs.damage.places", 1);

    private static final boolean ABUSE = Boolean.getBoolean("cowfs.damage.abuse");

    private static final boolean READERS = Boolean.getBoolean("cowfs.damage.readers");

    /// Fields with no second witness: what they say is true because they say it.
    private static final Set<String> NO_WITNESS =
            Set.of(
                    "inode_item.mode",
                    "inode_item.uid",
                    "inode_item.gid",
                    "inode_item.device",
                    "inode_item.flags",
                    "inode_item.accessed_nanos",
                    "inode_item.modified_nanos",
                    "inode_item.changed_nanos",
                    "inode_item.born_nanos",
                    "inode_item.accessed_seconds",
                    "inode_item.modified_seconds",
                    "inode_item.changed_seconds",
                    "inode_item.born_seconds",
                    "inode_item.compression",
                    "inode_item.compression_level",
                    "compressed_item.first_block");

    private static ImageGraph graph;
    private static RecordPlaces places;
    private static Trial sound;
    private static Trial before;

    @BeforeAll
    static void makeImage() throws IOException {
        SampleImage sample = SampleImage.make(2);
        graph = new ImageGraph(sample.image());
        places = new RecordPlaces(graph);
        sound = Trial.of(sample.image());
        before = Trial.of(sample.before());
    }

    static Stream<String> layouts() {
        return RecordPlaces.declared().keySet().stream();
    }

    @Test
    void theSampleIsSoundAndSurgeryKeepsItSo() throws IOException {
        assertEquals(List.of(), sound.findings());
        assertEquals("", sound.note());
        Patch nothing = new Patch(graph.pages().iterator().next(), 0, new byte[0]);
        Trial same = Trial.of(graph.with(List.of(nothing)));
        assertEquals(List.of(), same.findings());
        assertEquals(sound.dump().lines(), same.dump().lines());
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyFieldAtEveryEdge(String name) {
        List<Place> all = places.of(name);
        assertFalse(all.isEmpty(), "the sample image holds no " + name);
        EdgeValues edges = new EdgeValues(graph.superblock().deviceBlocks());
        Set<String> failures = new TreeSet<>();
        for (Layout.Field field : places.layouts().get(name).fields()) {
            for (Place place : choose(all)) {
                int at = place.position() + field.offset();
                List<Integer> others =
                        all.stream()
                                .filter(other -> other.page() == place.page())
                                .limit(3)
                                .map(other -> other.position() + field.offset())
                                .toList();
                for (byte[] value : edges.of(field, place.page().bytes, at, others)) {
                    String failure = verdict(name + "." + field.name(), place, at, value);
                    if (!failure.isEmpty()) {
                        failures.add(failure);
                    }
                }
            }
        }
        assertEquals("", String.join("\n", failures));
    }

    /// A few places of each sort.
    private static List<Place> choose(List<Place> all) {
        Map<String, Integer> taken = new HashMap<>();
        List<Place> chosen = new ArrayList<>();
        for (Place place : all) {
            if (taken.merge(place.what(), 1, Integer::sum) <= PLACES) {
                chosen.add(place);
            }
        }
        return chosen;
    }

    private static String verdict(String field, Place place, int at, byte[] value) {
        String shown = HexFormat.of().formatHex(value, 0, Math.min(16, value.length));
        String label = field + " = " + shown + " (little-endian) at " + place;
        try {
            Patch patch = new Patch(place.page(), at, value);
            Trial trial = Trial.withPatience(() -> graph.with(List.of(patch)));
            // a file may be longer than its content
            boolean sparse =
                    field.equals("inode_item.size_bytes") && place.what().endsWith("type 8");
            // the space of a file tells how long a part of an extent is, roughly
            boolean part =
                    field.equals("content_item.length")
                            && (place.what().endsWith("encoding " + ContentItem.ZSTD)
                                    || place.what().endsWith("encoding " + ContentItem.LZ4));
            boolean good =
                    trial.isReported()
                            || trial.isEqualTo(sound)
                            || (!trial.note().isEmpty() && trial.isEqualTo(before))
                            || sparse
                            || part
                            || NO_WITNESS.contains(field);
            if (READERS) {
                Trial.readers(() -> graph.with(List.of(patch)));
            }
            if (ABUSE) {
                Trial.abuse(() -> graph.with(List.of(patch)));
            }
            return good ? "" : label + ": nothing reported, " + trial.difference(sound);
        } catch (IOException | RuntimeException | Error escaped) {
            return label + ": " + Trial.text(escaped);
        }
    }
}
