package cowfs.format;

/// Where superblocks lie: two areas of {@link #SLOTS} blocks each, at the start and in the middle
/// of the image.
///
/// The middle is computed from the size of the image alone, so that the second area is found even
/// when the first is unreadable. When an image is resized its areas stay where they are, and its
/// superblocks say where that is: {@link Superblock#areaStart}.
public final class SuperblockArea {
    /// Slots of one area; the commit of txg n goes to slot n modulo this.
    public static final int SLOTS = 32;

    public static final int AREAS = 2;

    /// 32 MiB: room for separate groups of data and of both metadata copies.
    public static final long MIN_DEVICE_BLOCKS = 8L * Blocks.PER_GROUP;

    /// 64 TiB: what the summary of groups, held in memory, is meant for.
    public static final long MAX_DEVICE_BLOCKS = (64L << 40) >>> Blocks.SHIFT;

    private SuperblockArea() {}

    /// The first block of an area in an image that has the size that it was made with.
    public static long start(int area, long deviceBlocks) {
        return area == 0 ? 0 : ((deviceBlocks >>> Blocks.GROUP_SHIFT) / 2) << Blocks.GROUP_SHIFT;
    }
}
