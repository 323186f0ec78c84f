package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.check.ImageSurgeon.Place;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.format.DirentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tree of three levels in which a leaf has a key that its parent allows, as it binds nothing at
/// its edges, and that the node above the parent does not.
///
/// ```
///     root          [ 0       | 500      ]
///     parents       [ 0 | 450 ] [ 500 |..]
///     leaves              [ 450 451 *731* ]    no bound of the parent's is broken
/// ```
///
/// Such a leaf is refused when it is read. When a deletion made it the neighbour of a leaf that was
/// almost empty, it was merged with that one, and was never looked at again.
final class MisplacedKeysDamageTest {
    private static final long MAIN = TreeId.FIRST_SUBVOLUME;
    private static final int FILES = 5000;

    /// Items that are left in a leaf that is almost empty.
    private static final int LEFT = 4;

    private static MemoryDevice sound;

    @BeforeAll
    static void makeImage() throws IOException {
        sound =
                SampleImages.image(
                        4096,
                        1,
                        7,
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            NewInode empty = NewInode.regular(0600, 0, 0);
                            for (int i = 0; i < FILES; i++) {
                                main.create(
                                        Volume.ROOT_INODE, SampleImages.name("file-" + i), empty);
                            }
                        });
    }

    /// The leaves below one parent.
    private static List<Long> leavesBelow(ImageSurgeon surgeon, long parent) {
        byte[] page = surgeon.page(parent);
        List<Long> leaves = new ArrayList<>();
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
            leaves.add(NodePage.pointer(page, at).address());
        }
        return leaves;
    }

    private static Place item(ImageSurgeon surgeon, long leaf, int slot) {
        return new Place(surgeon.page(leaf), NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES));
    }

    /// A file whose entry is one of the first of a leaf, and whose inode lies in another part of
    /// the tree.
    private static byte[] nameIn(ImageSurgeon surgeon, long leaf) {
        for (int slot = 0; slot < LEFT; slot++) {
            Place place = item(surgeon, leaf, slot);
            assertEquals(ItemKind.DIRENT.number(), place.key().kind());
            if (DirentItem.CHILD.get(place.page(), place.position()) > FILES / 2) {
                return DirentItem.name(place.page(), place.position());
            }
        }
        throw new AssertionError("all files are too old");
    }

    /// The parents of the leaves, in key order.
    private static List<Long> parents(ImageSurgeon surgeon) {
        List<Long> parents =
                surgeon.interiors(MAIN).stream()
                        .filter(address -> NodePage.level(surgeon.page(address)) == 1)
                        .toList();
        assertTrue(parents.size() > 2, "the tree has three levels");
        return parents;
    }

    /// @param right whether the misplaced key is in the last leaf of the first parent, else in the
    ///   first leaf of the second one
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNeighbourWithMisplacedKeysIsNotMerged(boolean right) throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(sound);
        List<Long> ofFirst = leavesBelow(surgeon, parents(surgeon).get(0));
        List<Long> ofSecond = leavesBelow(surgeon, parents(surgeon).get(1));
        long small = right ? ofFirst.get(ofFirst.size() - 2) : ofSecond.get(1);
        long neighbour = right ? ofFirst.getLast() : ofSecond.getFirst();
        long foreign = right ? ofSecond.get(3) : ofFirst.get(3);
        byte[] name = nameIn(surgeon, small);
        Place misplaced = item(surgeon, foreign, 0);
        surgeon.keep(small, LEFT);
        surgeon.keep(neighbour, LEFT);
        surgeon.putInto(neighbour, misplaced.key(), misplaced.value());
        if (!right) {
            // a node's right neighbour is merged with first: leave no other one
            keepSlots(surgeon.page(parents(surgeon).get(1)), 2);
        }
        try (Pool pool = Images.open(surgeon.close(), OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            CowException refused =
                    assertThrows(CowException.class, () -> main.unlink(Volume.ROOT_INODE, name));
            assertEquals(ErrorKind.CORRUPT, refused.kind(), refused.getMessage());
            assertTrue(
                    refused.getMessage().contains("block=" + neighbour + ","),
                    refused.getMessage());
            assertTrue(main.lookup(Volume.ROOT_INODE, name).inode() > 0);
            pool.sync();
        }
    }

    private static void keepSlots(byte[] page, int count) {
        int end = NodePage.slotPosition(NodePage.itemCount(page), NodePage.INTERIOR_SLOT_BYTES);
        int from = NodePage.slotPosition(count, NodePage.INTERIOR_SLOT_BYTES);
        Arrays.fill(page, from, end, (byte) 0);
        NodePage.setItemCount(page, count);
    }

    @Test
    void deletingAllOfTheSoundTreeWorks() throws IOException {
        try (Pool pool = Images.open(sound.copy(), OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            for (int i = 0; i < FILES; i++) {
                main.unlink(Volume.ROOT_INODE, SampleImages.name("file-" + i));
            }
        }
    }
}
