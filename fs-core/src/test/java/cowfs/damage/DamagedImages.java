package cowfs.damage;

import cowfs.damage.ImageGraph.Page;
import cowfs.damage.ImageGraph.Patch;
import cowfs.device.MemoryDevice;
import cowfs.format.ContentItem;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.Layout;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Damaged images for the tests of other rooms and modules.
public final class DamagedImages {
    private DamagedImages() {}

    /// The sample that {@link #mutated} damages.
    public static MemoryDevice sound(long seed) throws IOException {
        return SampleImage.make(1, seed).image();
    }

    /// Images with fields, keys, slots, pointers and bytes changed under good checksums, each by
    /// other patches.
    public static List<MemoryDevice> mutated(long seed, int count) throws IOException {
        ImageGraph graph = new ImageGraph(sound(seed));
        ImageMutator mutator = new ImageMutator(graph);
        ImageMutator.Numbers numbers = ImageMutator.Numbers.of(new Random(seed));
        List<MemoryDevice> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(graph.with(mutator.some(numbers)));
        }
        return images;
    }

    /// An image in which every file is as large as it is told and its first extent makes no sense.
    public static MemoryDevice endless(long sizeBytes) throws IOException {
        ImageGraph graph = new ImageGraph(sound(0));
        int size = ImageGraph.offset(InodeItem.LAYOUT, "size_bytes");
        int length = ImageGraph.offset(ContentItem.LAYOUT, "length");
        byte[] nothing = new byte[4];
        new Layout.U32Field(0).set(nothing, 0, 0);
        List<Patch> patches = new ArrayList<>();
        for (Page page : graph.pages()) {
            for (int slot = 0; page.isLeaf() && slot < page.slotCount(); slot++) {
                int at = page.slotPosition(slot);
                int position = NodePage.valuePosition(page.bytes, at);
                int kind = NodePage.kind(page.bytes, at);
                if (kind == ItemKind.INODE.number()
                        && InodeItem.MODE.get(page.bytes, position) >> 12 == 010) {
                    patches.add(new Patch(page, position + size, ImageGraph.word(sizeBytes)));
                } else if (kind == ItemKind.CONTENT.number()
                        && NodePage.offset(page.bytes, at) == 0) {
                    patches.add(new Patch(page, position + length, nothing));
                }
            }
        }
        return graph.with(patches);
    }
}
