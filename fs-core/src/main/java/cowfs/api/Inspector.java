package cowfs.api;

import cowfs.device.BlockDevice;
import cowfs.error.ImageException;
import cowfs.inspect.BlockOwners;
import cowfs.inspect.FileExtents;
import cowfs.inspect.ImageMap;
import cowfs.inspect.InspectedImage;
import cowfs.inspect.LargestFolders;
import cowfs.inspect.NodeFacts;
import cowfs.inspect.SpaceFacts;
import cowfs.inspect.Statistics;
import cowfs.inspect.SuperblockFacts;
import cowfs.inspect.TreeShape;
import cowfs.inspect.TxgWrites;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Looks into an image that nobody writes to: nothing is changed, and damage is a part of the
/// answers, in their member `damage`.
///
/// Answers are maps with stable keys, made of numbers, strings, booleans, nulls, lists and maps;
/// `docs/json.md` lists them. Trees are named `root`, `refcount`, `space`, by the name of a
/// subvolume or snapshot, or by number. Not thread safe.
public final class Inspector implements Closeable {
    private final BlockDevice device;
    private final @Nullable Path path;
    private @Nullable InspectedImage image;

    private Inspector(BlockDevice device, @Nullable Path path) {
        this.device = device;
        this.path = path;
    }

    /// Opens an image. No lock is taken: that nobody writes to it is for the caller to see to.
    public static Inspector open(Path path) throws IOException {
        return new Inspector(Images.openDevice(path, false), path);
    }

    /// Looks into a device, which is closed with the inspector.
    public static Inspector open(BlockDevice device) {
        return new Inspector(device, null);
    }

    /// All superblock slots of both areas, and which one wins and why. Works without any good one.
    ///
    /// @throws ImageException `NOT_AN_IMAGE` when no slot holds anything of a superblock
    public Map<String, @Nullable Object> superblocks() throws ImageException {
        try {
            return SuperblockFacts.of(device);
        } catch (ImageException none) {
            throw named(none);
        }
    }

    /// The trees of the image.
    public Map<String, @Nullable Object> trees() throws IOException {
        return TreeShape.trees(image());
    }

    /// The nodes of a tree.
    ///
    /// @param limit the most that are listed
    public Map<String, @Nullable Object> tree(String name, int limit) throws IOException {
        return TreeShape.of(image(), name, limit);
    }

    /// The way from the root of a tree to a key.
    ///
    /// @param kind of the item, by name or number
    public Map<String, @Nullable Object> path(String tree, long inode, String kind, long offset)
            throws IOException {
        return TreeShape.path(image(), tree, inode, TreeShape.kind(kind), offset);
    }

    /// The node in a block, whatever points to it.
    public Map<String, @Nullable Object> node(long block) throws IOException {
        return NodeFacts.of(image(), block);
    }

    /// The space map.
    ///
    /// @param group one group, or -1 for all that are in use
    public Map<String, @Nullable Object> space(long group) throws IOException {
        return SpaceFacts.of(image(), group);
    }

    /// Who owns a block: walks all trees.
    public Map<String, @Nullable Object> owners(long block) throws IOException {
        return BlockOwners.of(image(), block);
    }

    /// The extents of a file.
    ///
    /// @param treeId of a subvolume or snapshot
    public Map<String, @Nullable Object> file(long treeId, long inode) throws IOException {
        return FileExtents.of(image(), treeId, inode);
    }

    /// What a transaction group wrote and is still reached.
    public Map<String, @Nullable Object> txg(long txg) throws IOException {
        return TxgWrites.of(image(), txg);
    }

    /// Figures of the whole image: walks all trees.
    public Map<String, @Nullable Object> statistics() throws IOException {
        return Statistics.of(image());
    }

    /// Who shares what with whom, and a map of the image: walks all trees.
    ///
    /// @param cellCount cells of the map
    public Map<String, @Nullable Object> map(int cellCount) throws IOException {
        return ImageMap.of(image(), cellCount);
    }

    /// The directories with the most below them, in each live subvolume.
    ///
    /// @param limit for each subvolume
    public Map<String, @Nullable Object> largestFolders(int limit) throws IOException {
        return LargestFolders.of(image(), limit);
    }

    private InspectedImage image() throws IOException {
        InspectedImage known = image;
        if (known == null) {
            try {
                known = InspectedImage.open(device);
            } catch (ImageException none) {
                throw named(none);
            }
            image = known;
        }
        return known;
    }

    private ImageException named(ImageException known) {
        return path == null ? known : Images.named(path, known);
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
