package cowfs.check;

import cowfs.error.CorruptException;
import cowfs.file.FilePath;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.NodePage;
import cowfs.format.SubvolumeItem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The space that the content of the files at and below a path takes, and how much of it nothing
/// else reaches: what removing the path would free.
///
/// A block counts the items that name it. It is exclusive to the path when all of them are items of
/// files that have no name outside, and lie in leaves that no other tree reaches; a leaf is such a
/// one when it and all above it have one reference.
///
/// ```
///     main     main@monday
///        \     /    \           A's leaf: 1 reference, and so has all above it: what it
///         R   R'     C          names may be main's alone
///        / \ /                  B's leaf: 2 references: whatever it names is shared
///       A   B
/// ```
///
/// Nodes hold items of many files and are no part of any; the content of small files that lies in
/// them is told apart. Cost: the names below the path and the nodes with their inodes' items.
/// Memory: that of {@link InodesBelow}, and a few bytes for each block that several items name. One
/// thread.
public final class PathUsageWalk {
    private final CountedTrees trees;
    private final InodesBelow below;

    /// For blocks that several items name: twice the number of items by which only the path reaches
    /// it, and one more when it was seen at all.
    private final BlockTable named;

    private long referencedBlocks;
    private long exclusiveBlocks;
    private long inlineBytes;
    private long writtenBlocks;
    private long storedBlocks;
    private long nodeCount;

    /// Which inode the walk is at, how many names it has below the path, and whether it has no
    /// others.
    private long inode;

    private int names;
    private boolean whole;

    /// What lies at and below a path.
    ///
    /// @param files all that are no directories, each once
    /// @param referencedBytes blocks of content, each once
    /// @param exclusiveBytes those of them that nothing else reaches
    /// @param inlineBytes of content that lies in nodes
    /// @param writtenBytes blocks of content as programs read them, for each file
    /// @param storedBytes what these count for on disk, for each file: less where they are
    ///   compressed
    public record Usage(
            long files,
            long directories,
            long referencedBytes,
            long exclusiveBytes,
            long inlineBytes,
            long writtenBytes,
            long storedBytes) {}

    private PathUsageWalk(CountedTrees trees, InodesBelow below) {
        this.trees = trees;
        this.below = below;
        this.named = new BlockTable(trees.superblock().deviceBlocks());
    }

    /// @return null when the path leads nowhere
    /// @throws CorruptException also when there is no such tree
    public static @Nullable Usage of(CountedTrees trees, long treeId, FilePath path)
            throws IOException {
        SubvolumeItem item = trees.subvolume(treeId);
        InodesBelow below =
                InodesBelow.of(
                        trees.files(treeId, item),
                        NameHash.of(trees.superblock().nameSeed()),
                        path);
        if (below == null) {
            return null;
        }
        PathUsageWalk walk = new PathUsageWalk(trees, below);
        if (!item.root().isNone()) {
            walk.node(item.root(), item.rootLevel(), Long.MIN_VALUE, Long.MAX_VALUE, true);
        }
        return new Usage(
                below.fileCount(),
                below.directoryCount(),
                Blocks.toBytes(walk.referencedBlocks),
                Blocks.toBytes(walk.exclusiveBlocks),
                walk.inlineBytes,
                Blocks.toBytes(walk.writtenBlocks),
                Blocks.toBytes(walk.storedBlocks));
    }

    /// @param first no inode in the node has a lower number
    /// @param last and none a higher one
    /// @param alone whether no other tree reaches what leads here
    private void node(BlockPointer pointer, int level, long first, long last, boolean alone)
            throws IOException {
        if (!below.hasAny(first, last)) {
            return;
        }
        boolean own = trees.references(pointer) == 1 && alone;
        nodeCount++;
        if (nodeCount > trees.maxNodes()) {
            throw new CorruptException(
                    "node",
                    "block=" + pointer.address(),
                    "its tree leads to the same nodes again and again");
        }
        byte[] page = trees.node(pointer, level).page();
        int slotBytes = NodePage.slotBytes(page);
        int count = NodePage.itemCount(page);
        for (int slot = 0; slot < count; slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (level == 0) {
                item(page, at, own);
            } else {
                // the first child may hold keys below its own, and an inode's items go on in the
                // next
                long from = slot == 0 ? first : NodePage.inode(page, at);
                long to = slot == count - 1 ? last : NodePage.inode(page, at + slotBytes);
                node(NodePage.pointer(page, at), level - 1, from, to, own);
            }
        }
    }

    private void item(byte[] page, int slotPosition, boolean own) throws IOException {
        int kind = NodePage.kind(page, slotPosition);
        long of = NodePage.inode(page, slotPosition);
        if (kind == ItemKind.INODE.number()) {
            int position = NodePage.valuePosition(page, slotPosition);
            inode = of;
            names = below.nameCount(of);
            whole =
                    names > 0
                            && InodeItem.check(
                                            page,
                                            position,
                                            NodePage.valueLength(page, slotPosition))
                                    == null
                            && InodeItem.LINK_COUNT.get(page, position) == names;
        } else if (kind == ItemKind.CONTENT.number() && of == inode && names > 0) {
            int position = NodePage.valuePosition(page, slotPosition);
            boolean alone = own && whole;
            trees.forEachPiece(
                    page,
                    slotPosition,
                    (address, blockCount, references) ->
                            piece(address, blockCount, references, alone));
            if (!ContentItem.namesBlocks(page, position)) {
                inlineBytes += ContentItem.LENGTH.getUnsigned(page, position);
            } else if (ContentItem.hasCrcs(page, position)) {
                writtenBlocks += ContentItem.blockCount(page, position);
                storedBlocks += ContentItem.chargedBlocks(page, position);
            }
        }
    }

    /// @param alone whether only the path reaches the item
    private void piece(long address, long blockCount, int references, boolean alone) {
        if (references == 1) {
            referencedBlocks += blockCount;
            exclusiveBlocks += alone ? blockCount : 0;
            return;
        }
        for (long block = address; block < address + blockCount; block++) {
            int before = named.get(block);
            int now = (before | 1) + (alone ? 2 : 0);
            referencedBlocks += before == 0 ? 1 : 0;
            exclusiveBlocks += alone && now >>> 1 == references ? 1 : 0;
            named.set(block, now);
        }
    }
}
