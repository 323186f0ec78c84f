package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds equal content in files and has it share its blocks, in one live tree at a time.
///
/// ```
///      fixed      file a | 7 7 7 | ...        file b | 9 9 9 | ...     read, compared, never changed
///      live       file a | 7 7 7 | ...        file b | 9 9 9 | ...  ->  | 7 7 7 |
/// ```
///
/// Everything is read in trees that never change and that hold references to what they name: the
/// *fixed* one is a hidden clone of the live one. So a block that was compared can't be reused
/// while this goes on, and where the live file still names the compared blocks, it still has the
/// compared bytes: no lock is held while bytes are read, and a file that somebody writes to
/// meanwhile is left as it is. The one change that replaces items looks at that first. The replaced
/// blocks lose a reference, the others get one, as with a copy ({@link ContentCopier}); length,
/// times and permissions stay.
///
/// A *unit* is what is compared: whole blocks from a multiple of its length on, all written; the
/// last one of a file is shorter. It has a fingerprint from the checksums in the extent items, so
/// that nothing is read but what has an equal fingerprint, and that is compared byte by byte.
///
/// Thread safe as far as its trees are.
public final class ContentDedup {
    /// The longest unit, in blocks.
    public static final int MAX_UNIT_BLOCKS = 256;

    private static final int SECTORS_PER_BLOCK = 8;
    private static final int STEP_UNITS = 256;
    private static final int STEP_ITEMS = 4096;

    private final FileTree fixed;
    private final FileTree live;
    private final ExtentMap fixedExtents;
    private final ExtentMap extents;
    private final Inodes inodes;
    private final ContentReader reader;

    /// @param fixed a clone of `live` that never changes
    public ContentDedup(FileTree fixed, FileTree live, Clock clock) {
        this.fixed = fixed;
        this.live = live;
        this.fixedExtents = new ExtentMap(fixed.id());
        this.extents = new ExtentMap(live.id());
        this.inodes = new Inodes(live, clock);
        this.reader = new ContentReader(fixed, new Inodes(fixed, clock), fixedExtents);
    }

    /// Some of a file's content.
    ///
    /// @param block first one, of the file
    /// @param fingerprint the same for equal content, and rarely for other
    public record Unit(long inode, long block, int blockCount, long fingerprint) {}

    /// Some units of a file.
    ///
    /// @param next the block where the next ones begin, or -1 when these are the last
    public record Units(List<Unit> units, long next) {}

    /// Reads the units of a file from block `from` on, which a unit begins with.
    public Units units(long inode, long from, int unitBlocks) throws IOException {
        return fixed.read(items -> new UnitScan(inode, unitBlocks).run(items, from));
    }

    /// One look at the items of a file.
    private final class UnitScan {
        private final long inode;
        private final int unitBlocks;
        private final List<Unit> found = new ArrayList<>();
        private long start;
        private int count;
        private long fingerprint;

        UnitScan(long inode, int unitBlocks) {
            this.inode = inode;
            this.unitBlocks = unitBlocks;
        }

        Units run(BTree items, long from) throws IOException {
            Cursor c = items.cursor();
            int looks = 0;
            for (boolean more = fixedExtents.seek(c, inode, from);
                    more;
                    more = fixedExtents.next(c, inode)) {
                if (found.size() >= STEP_UNITS || looks++ == STEP_ITEMS) {
                    long next = Math.max(from, ExtentMap.startBlock(c));
                    return new Units(found, count > 0 ? start : next - next % unitBlocks);
                }
                if (ContentItem.hasCrcs(c.page(), c.position())) {
                    addAll(c, from);
                }
            }
            end();
            return new Units(found, -1);
        }

        private void addAll(Cursor c, long from) {
            long first = ExtentMap.startBlock(c);
            long end = ExtentMap.endBlock(c);
            boolean compressed = ContentItem.isCompressed(c.page(), c.position());
            long extent = compressed ? fingerprint(c) : 0;
            for (long block = Math.max(from, first); block < end; block++) {
                int index = (int) (block - first);
                add(
                        block,
                        compressed
                                ? extent + index
                                : ContentItem.crc(c.page(), c.position(), index) & 0xffffffffL);
            }
        }

        /// Of a compressed extent, from what was compressed and how. Equal content that is
        /// compressed in another way, or not at all, is not found.
        private static long fingerprint(Cursor c) {
            long value = ContentItem.FIRST_BLOCK.get(c.page(), c.position());
            for (int i = 0; i < ContentItem.diskBlocks(c.page(), c.position()); i++) {
                value = mix(value ^ (ContentItem.crc(c.page(), c.position(), i) & 0xffffffffL));
            }
            return value;
        }

        private void add(long block, long check) {
            if (block != start + count || block % unitBlocks == 0) {
                end();
                start = block;
            }
            if (count > 0 || block % unitBlocks == 0) {
                count++;
                fingerprint = mix(fingerprint ^ check);
            }
        }

        private void end() {
            if (count > 0) {
                found.add(new Unit(inode, start, count, mix(fingerprint + count)));
            }
            count = 0;
            fingerprint = 0;
        }
    }

    /// The finalizer of MurmurHash3 (Austin Appleby, public domain): each bit of what goes in
    /// changes half of what comes out.
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }

    /// Has a unit of the live tree name the blocks of another unit, where both have the same bytes.
    ///
    /// @param source the tree of `other`, of the same pool
    /// @return the blocks on disk that the unit does not need any more; 0 where the bytes differ,
    ///   or the file has changed
    /// @throws IOException `NO_SPACE`; `CORRUPT` when bytes do not have their checksum
    public int share(Unit unit, ContentDedup source, Unit other) throws IOException {
        if (unit.blockCount != other.blockCount) {
            return 0;
        }
        long[] has = fixed.read(items -> places(fixedExtents, items, unit));
        long[] wanted = source.fixed.read(items -> places(source.fixedExtents, items, other));
        if (has == null
                || wanted == null
                || Arrays.equals(has, wanted)
                || !equal(unit, source, other)) {
            return 0;
        }
        List<byte[]> pieces = source.fixed.read(items -> source.pieces(items, other));
        int dropped =
                live.read(
                        items ->
                                extents.count(
                                        items,
                                        unit.inode,
                                        unit.block,
                                        unit.block + unit.blockCount,
                                        MAX_UNIT_BLOCKS));
        return live.changeSharing(
                dropped + 3 + pieces.size(),
                pieces.size(),
                change -> {
                    source.fixed.read(items -> true); // refused once it is being deleted
                    if (!Arrays.equals(has, places(extents, change.tree(), unit))) {
                        return 0;
                    }
                    long gone =
                            extents.drop(
                                    change, unit.inode, unit.block, unit.block + unit.blockCount);
                    long more = 0;
                    long block = unit.block;
                    for (byte[] piece : pieces) {
                        more += extents.insertShared(change, unit.inode, block, piece);
                        block += ContentItem.blockCount(piece, 0);
                    }
                    if (more != gone) {
                        Inode inode = inodes.get(change.tree(), unit.inode);
                        inode.addSectors(more - gone);
                        inode.put(change);
                    }
                    return (int) (gone / SECTORS_PER_BLOCK * differing(has, wanted) / has.length);
                });
    }

    private static int differing(long[] has, long[] wanted) {
        int count = 0;
        for (int i = 0; i < has.length; i++) {
            count += has[i] == wanted[i] ? 0 : 1;
        }
        return count;
    }

    private boolean equal(Unit unit, ContentDedup source, Unit other) throws IOException {
        ByteBuffer mine = ByteBuffer.allocate((int) Blocks.toBytes(unit.blockCount));
        ByteBuffer theirs = ByteBuffer.allocate(mine.capacity());
        reader.readBlocks(unit.inode, unit.block, mine);
        source.reader.readBlocks(other.inode, other.block, theirs);
        return mine.equals(theirs);
    }

    /// What each block of a unit is on disk; null when not all of them are written.
    private static long @Nullable [] places(ExtentMap extents, BTree items, Unit unit)
            throws IOException {
        long[] places = new long[unit.blockCount];
        long block = unit.block;
        long end = unit.block + unit.blockCount;
        Cursor c = items.cursor();
        boolean more = extents.seek(c, unit.inode, block);
        while (block < end) {
            if (!more
                    || ExtentMap.startBlock(c) > block
                    || !ContentItem.hasCrcs(c.page(), c.position())) {
                return null;
            }
            for (; block < Math.min(end, ExtentMap.endBlock(c)); block++) {
                places[(int) (block - unit.block)] =
                        ContentItem.contentId(
                                c.page(), c.position(), block - ExtentMap.startBlock(c));
            }
            more = extents.next(c, unit.inode);
        }
        return places;
    }

    /// The items of a unit of the fixed tree, cut to it.
    private List<byte[]> pieces(BTree items, Unit unit) throws IOException {
        List<byte[]> pieces = new ArrayList<>();
        long end = unit.block + unit.blockCount;
        Cursor c = items.cursor();
        for (boolean more = fixedExtents.seek(c, unit.inode, unit.block);
                more && ExtentMap.startBlock(c) < end;
                more = fixedExtents.next(c, unit.inode)) {
            pieces.add(ExtentMap.cut(c, unit.block, end));
        }
        return pieces;
    }
}
