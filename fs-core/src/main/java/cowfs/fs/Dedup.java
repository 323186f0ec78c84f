package cowfs.fs;

import cowfs.dir.DirectoryReader;
import cowfs.file.Attributes;
import cowfs.file.ReadableVolume;
import cowfs.format.Blocks;
import cowfs.inode.ContentDedup;
import cowfs.inode.ContentDedup.Unit;
import cowfs.inode.ContentDedup.Units;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Has files share what is equal in them, over several trees of a pool: see {@link ContentDedup}.
///
/// What is met first stays where it is, and what comes later shares its blocks. Memory: {@link
/// UnitTable}; what does not fit in there any more is compared with what does. One use, by one
/// thread; others may use the live trees meanwhile.
public final class Dedup {
    private static final int BATCH = 256;
    private static final int SECTOR_BYTES = 512;

    private final int unitBlocks;
    private final UnitTable table = new UnitTable();
    private final List<ContentDedup> trees = new ArrayList<>();
    private long fileCount;
    private long scannedBlocks;
    private long sharedBlocks;
    private long leftOutBlocks;

    /// @param unitBlocks how much is compared at once, 1 to {@link ContentDedup#MAX_UNIT_BLOCKS}
    public Dedup(int unitBlocks) {
        if (unitBlocks < 1 || unitBlocks > ContentDedup.MAX_UNIT_BLOCKS) {
            throw new IllegalArgumentException("unit has " + unitBlocks + " blocks");
        }
        this.unitBlocks = unitBlocks;
    }

    /// Regular files that were looked at; one with two names counts twice.
    public long fileCount() {
        return fileCount;
    }

    /// What they hold in written blocks.
    public long scannedBytes() {
        return Blocks.toBytes(scannedBlocks);
    }

    /// What shares blocks now and did not before.
    public long sharedBytes() {
        return Blocks.toBytes(sharedBlocks);
    }

    /// What later content was not compared with, because there was too much.
    public long leftOutBytes() {
        return Blocks.toBytes(leftOutBlocks);
    }

    /// Hears how much has been looked at.
    @FunctionalInterface
    public interface Listener {
        void scanned(long bytes) throws IOException;
    }

    /// Works on the attributes of a file.
    private interface FileWork {
        void on(Attributes file) throws IOException;
    }

    /// Looks at a file, or at all files below a directory.
    ///
    /// @param fixed a clone of `live` that never changes, also later while this object is used
    /// @param inode of `fixed`
    /// @param listener told after each piece of a file
    public void add(FileTree fixed, FileTree live, long inode, Listener listener)
            throws IOException {
        trees.add(new ContentDedup(fixed, live, Clock.systemUTC()));
        forEachFile(fixed, inode, file -> addFile(file, listener));
    }

    /// What a file, or all files below a directory, have in blocks: about what is looked at.
    public static long sizeBytes(FileTree fixed, long inode) throws IOException {
        long[] sectors = {0};
        forEachFile(fixed, inode, file -> sectors[0] += file.blockCount());
        return sectors[0] * SECTOR_BYTES;
    }

    private static void forEachFile(FileTree fixed, long inode, FileWork work) throws IOException {
        ReadableVolume volume = new TreeVolume(fixed, Clock.systemUTC());
        Attributes top = volume.getAttributes(inode);
        Deque<Long> open = new ArrayDeque<>();
        if (top.isDirectory()) {
            open.push(inode);
        } else if (top.isRegular()) {
            work.on(top);
        }
        while (!open.isEmpty()) {
            forEachEntry(volume, open.pop(), open, work);
        }
    }

    private static void forEachEntry(
            ReadableVolume volume, long directory, Deque<Long> open, FileWork work)
            throws IOException {
        List<Attributes> batch = new ArrayList<>();
        long[] last = {DirectoryReader.PARENT_COOKIE}; // children follow
        do {
            batch.clear();
            volume.readDirectoryWithAttributes(
                    directory,
                    last[0],
                    BATCH,
                    (_, attributes, cookie) -> {
                        batch.add(attributes);
                        last[0] = cookie;
                        return batch.size() < BATCH;
                    });
            for (Attributes child : batch) {
                if (child.isDirectory()) {
                    open.push(child.inode());
                } else if (child.isRegular()) {
                    work.on(child);
                }
            }
        } while (!batch.isEmpty());
    }

    private void addFile(Attributes file, Listener listener) throws IOException {
        fileCount++;
        ContentDedup tree = trees.getLast();
        long from = 0;
        while (from >= 0) {
            Units some = tree.units(file.inode(), from, unitBlocks);
            for (Unit unit : some.units()) {
                scannedBlocks += unit.blockCount();
                add(tree, unit);
            }
            from = some.next();
            listener.scanned(scannedBytes());
        }
    }

    private void add(ContentDedup tree, Unit unit) throws IOException {
        int slot = table.find(unit.fingerprint());
        if (!table.isEmpty(slot)) {
            Unit first =
                    new Unit(
                            table.inode(slot),
                            table.block(slot),
                            table.blockCount(slot),
                            unit.fingerprint());
            sharedBlocks += tree.share(unit, trees.get(table.tree(slot)), first);
        } else if (table.isFull()) {
            leftOutBlocks += unit.blockCount();
        } else {
            table.add(
                    unit.fingerprint(),
                    trees.size() - 1,
                    unit.inode(),
                    unit.block(),
                    unit.blockCount());
        }
    }
}
