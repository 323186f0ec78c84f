package cowfs.tools.files;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Where a file has data and where holes, also past items that say nothing that can be believed.
///
/// A bad item hides all up to the next good one, which may be exabytes away. That one is looked for
/// in steps that double, and then by halves: no size makes a search long. Not thread safe.
final class FileLayout {
    private static final int BLOCK_BYTES = 4096;

    /// The first step of a search, and what is read at a time where data has no known end.
    private static final int STEP_BYTES = 1 << 20;

    private final ReadableVolume volume;
    private final long inode;
    private final long size;
    private @Nullable String damage;

    FileLayout(ReadableVolume volume, Attributes file) {
        this.volume = volume;
        this.inode = file.inode();
        this.size = file.sizeBytes();
    }

    /// The first byte from `offset` on that is no hole; the file's size when there is none. Where
    /// damage hides what is there, the first one behind that; then {@link #damage} says why.
    long dataFrom(long offset) throws IOException {
        damage = null;
        try {
            return seek(offset, SeekTarget.DATA);
        } catch (CowException bad) {
            ImageFiles.requireDamage(bad);
            damage = bad.getMessage();
            return readableFrom(offset);
        }
    }

    /// What the last {@link #dataFrom} had to go past; null when it was nothing.
    @Nullable String damage() {
        return damage;
    }

    /// Up to where there is data, or a piece of it where damage hides the end.
    ///
    /// @param start where there is data
    long dataEnd(long start) throws IOException {
        try {
            long end = seek(start, SeekTarget.HOLE);
            if (end > start) {
                return end;
            }
        } catch (CowException bad) {
            ImageFiles.requireDamage(bad);
        }
        return start + Math.min(STEP_BYTES - start % STEP_BYTES, size - start);
    }

    private long seek(long offset, SeekTarget what) throws IOException {
        try {
            return Math.clamp(volume.seek(inode, offset, what), offset, size);
        } catch (CowException failed) {
            if (failed.kind() == ErrorKind.NO_SUCH_OFFSET) {
                return size;
            }
            throw failed;
        }
    }

    /// The first block behind an unreadable one from which on the layout is known again.
    private long readableFrom(long offset) throws IOException {
        long bad = offset - offset % BLOCK_BYTES;
        for (long step = STEP_BYTES; bad < size; step = Math.min(2 * step, 1L << 61)) {
            long probe = step < size - bad ? bad + step : size;
            if (probe == size || isKnown(probe)) {
                return firstKnown(bad, probe);
            }
            bad = probe;
        }
        return size;
    }

    private long firstKnown(long bad, long known) throws IOException {
        long low = bad;
        long high = known;
        while (high - low > BLOCK_BYTES) {
            long middle = low + (high - low) / 2 / BLOCK_BYTES * BLOCK_BYTES;
            middle = middle == low ? low + BLOCK_BYTES : middle;
            if (isKnown(middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private boolean isKnown(long offset) throws IOException {
        try {
            seek(offset, SeekTarget.DATA);
            return true;
        } catch (CowException bad) {
            ImageFiles.requireDamage(bad);
            return false;
        }
    }
}
