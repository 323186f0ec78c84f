package cowfs.damage;

import cowfs.damage.ImageGraph.Page;
import cowfs.damage.ImageGraph.Patch;
import cowfs.damage.RecordPlaces.Place;
import cowfs.format.Layout;
import cowfs.format.NodePage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Makes patches that know the structure of an image: fields that take edge values, records that
/// take the place of others, pointers that lead elsewhere, keys and slots that move, and some bytes
/// at random.
///
/// What it does follows the numbers of its source alone. Not thread safe.
final class ImageMutator {
    private final ImageGraph graph;
    private final RecordPlaces places;
    private final EdgeValues edges;
    private final List<String> layouts;
    private final List<Page> pages;

    /// Where the choices come from.
    @FunctionalInterface
    interface Numbers {
        /// A number from 0 to before `bound`.
        int next(int bound);

        static Numbers of(Random random) {
            return random::nextInt;
        }
    }

    ImageMutator(ImageGraph graph) {
        this.graph = graph;
        this.places = new RecordPlaces(graph);
        this.edges = new EdgeValues(graph.superblock().deviceBlocks());
        this.layouts =
                places.layouts().keySet().stream()
                        .filter(name -> !places.of(name).isEmpty())
                        .toList();
        this.pages = List.copyOf(graph.pages());
    }

    /// One more change.
    Patch next(Numbers numbers) {
        return switch (numbers.next(8)) {
            case 0, 1, 2 -> edge(numbers);
            case 3 -> transplant(numbers);
            case 4 -> pointer(numbers);
            case 5 -> slot(numbers);
            case 6 -> key(numbers);
            default -> bytes(numbers);
        };
    }

    private Place place(Numbers numbers, String layout) {
        List<Place> all = places.of(layout);
        return all.get(numbers.next(all.size()));
    }

    private Patch edge(Numbers numbers) {
        String layout = layouts.get(numbers.next(layouts.size()));
        List<Layout.Field> fields = places.layouts().get(layout).fields();
        Layout.Field field = fields.get(numbers.next(fields.size()));
        Place place = place(numbers, layout);
        int at = place.position() + field.offset();
        List<byte[]> values = edges.of(field, place.page().bytes, at, List.of());
        return new Patch(place.page(), at, values.get(numbers.next(values.size())));
    }

    /// A record takes the place of another one of its kind.
    private Patch transplant(Numbers numbers) {
        String layout = layouts.get(numbers.next(layouts.size()));
        Place from = place(numbers, layout);
        Place to = place(numbers, layout);
        int size = places.layouts().get(layout).sizeBytes();
        return new Patch(to.page(), to.position(), copy(from.page(), from.position(), size));
    }

    private Patch pointer(Numbers numbers) {
        Place from = place(numbers, "block_pointer");
        Place to = place(numbers, "block_pointer");
        return new Patch(to.page(), to.position(), copy(from.page(), from.position(), 32));
    }

    /// A slot takes the place of another one of the same page, key and all.
    private Patch slot(Numbers numbers) {
        Page page = pages.get(numbers.next(pages.size()));
        int from = numbers.next(page.slotCount());
        int to = numbers.next(page.slotCount());
        int size = NodePage.slotBytes(page.bytes);
        return new Patch(page, page.slotPosition(to), copy(page, page.slotPosition(from), size));
    }

    /// A key moves a little; the order often survives.
    private Patch key(Numbers numbers) {
        Page page = pages.get(numbers.next(pages.size()));
        int at = page.slotPosition(numbers.next(page.slotCount()));
        int offset = new int[] {0, 8, 9, 10, 11}[numbers.next(5)];
        byte[] moved = copy(page, at + offset, 1);
        moved[0] += (byte) (1 - 2 * numbers.next(2));
        return new Patch(page, at + offset, moved);
    }

    private Patch bytes(Numbers numbers) {
        Page page = numbers.next(12) == 0 ? graph.head() : pages.get(numbers.next(pages.size()));
        int size = 1 + numbers.next(8);
        byte[] junk = new byte[size];
        for (int i = 0; i < size; i++) {
            junk[i] = (byte) numbers.next(256);
        }
        return new Patch(page, numbers.next(page.bytes.length - size), junk);
    }

    private static byte[] copy(Page page, int position, int sizeBytes) {
        return Arrays.copyOfRange(page.bytes, position, position + sizeBytes);
    }

    /// Some patches: a short list most of the time.
    List<Patch> some(Numbers numbers) {
        List<Patch> patches = new ArrayList<>();
        int count = 1 + numbers.next(4);
        for (int i = 0; i < count; i++) {
            patches.add(next(numbers));
        }
        return patches;
    }
}
