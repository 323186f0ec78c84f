package cowfs.txn;

import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.error.SizeText;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The two areas of superblock slots: writes a superblock to both, finds the valid ones.
///
/// Slots are the one place that is written again in normal work. A torn write spoils at most the
/// slot of its own txg, whose earlier content, 32 transaction groups old, nobody needs any more.
final class SuperblockRing {
    private final BlockDevice device;

    SuperblockRing(BlockDevice device) {
        this.device = device;
    }

    /// Writes a superblock to its slot in both areas, without a flush.
    void write(Superblock superblock) throws IOException {
        superblock.validate("txg=" + superblock.txg());
        byte[] block = superblock.toBytes();
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long slot = superblock.slot(area, superblock.txg());
            device.write(Blocks.toBytes(slot), ByteBuffer.wrap(block));
        }
    }

    /// Whether both areas hold a superblock whole: a power cut may have torn one of them.
    boolean hasBothCopies(Superblock superblock) {
        byte[] wanted = superblock.toBytes();
        byte[] block = new byte[Blocks.SIZE];
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long slot = superblock.slot(area, superblock.txg());
            if (!canRead(slot, block) || !Arrays.equals(wanted, block)) {
                return false;
            }
        }
        return true;
    }

    /// Whether no copy of the superblock of a txg can be used, and there is something in its place
    /// in both areas: a power cut has torn both, or both are damaged.
    ///
    /// @param state of the image
    boolean isSpoilt(long txg, Superblock state) {
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            byte[] block = new byte[Blocks.SIZE];
            long slot = state.slot(area, txg);
            if (!canRead(slot, block)) {
                continue; // as good as torn
            }
            long found = Superblock.intactTxg(block);
            boolean earlier = found > 0 && found < txg && (txg - found) % SuperblockArea.SLOTS == 0;
            if (Superblock.isBlank(block) || earlier) {
                return false;
            }
        }
        return true;
    }

    private boolean canRead(long slot, byte[] block) {
        try {
            device.read(Blocks.toBytes(slot), ByteBuffer.wrap(block));
            return true;
        } catch (IOException unreadable) {
            return false;
        }
    }

    /// Makes damaged slots good: that of `current` from memory, another one from its twin in the
    /// other area; a slot without a good twin that can't even be read, or that holds a superblock
    /// of another image, is blanked. No commit may run meanwhile.
    ///
    /// @return how many slots were written
    /// @throws IOException when a slot can't be written
    int mend(Superblock current) throws IOException {
        int mended = 0;
        for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
            Slot[] twins = {new Slot(0, slot, current), new Slot(1, slot, current)};
            for (int area = 0; area < twins.length; area++) {
                byte[] wanted = twins[area].wanted(twins[1 - area], current);
                if (wanted != null) {
                    device.write(Blocks.toBytes(twins[area].block), ByteBuffer.wrap(wanted));
                    // never both copies of one state in flight at once
                    device.flush();
                    mended++;
                }
            }
        }
        return mended;
    }

    /// One slot as it lies on the device.
    private final class Slot {
        final long block;
        private final byte[] bytes = new byte[Blocks.SIZE];
        private final boolean isCurrent;
        private boolean readable = true;
        private boolean valid;
        private boolean foreign;

        Slot(int area, int slot, Superblock current) {
            block = current.areaStart(area) + slot;
            isCurrent = current.txg() % SuperblockArea.SLOTS == slot;
            try {
                device.read(Blocks.toBytes(block), ByteBuffer.wrap(bytes));
                Superblock found = Superblock.readFrom(bytes, "slot=" + slot);
                valid = found.isOfSameImage(current) && found.txg() % SuperblockArea.SLOTS == slot;
                foreign = !valid;
            } catch (CorruptException damaged) {
                valid = false;
            } catch (ImageException tooNew) {
                foreign = true;
            } catch (IOException unreadable) {
                readable = false;
            }
        }

        /// What must be written here, or null when the slot is in order.
        byte @Nullable [] wanted(Slot twin, Superblock current) {
            if (isCurrent) {
                byte[] right = current.toBytes();
                return Arrays.equals(bytes, right) && readable ? null : right;
            }
            if (valid || (readable && Superblock.isBlank(bytes))) {
                return null;
            }
            if (twin.valid) {
                return twin.bytes;
            }
            return readable && !foreign ? null : new byte[Blocks.SIZE];
        }
    }

    /// Blanks all slots of areas, so that no older image shows through a new one.
    ///
    /// @param starts first blocks of areas
    void clear(Collection<Long> starts) throws IOException {
        long end = device.sizeBytes() >>> Blocks.SHIFT;
        for (long start : starts) {
            int count = Math.clamp(end - start, 0, SuperblockArea.SLOTS);
            device.write(Blocks.toBytes(start), ByteBuffer.allocate(count * Blocks.SIZE));
        }
    }

    /// All valid superblocks on the medium, newest first, one for each txg. A slot that can't be
    /// read is as good as one that is torn, as long as its twin in the other area can be read.
    ///
    /// A superblock with the right checksum that can't be used all the same was not torn by a power
    /// cut: a newer cowfs wrote it, or something is badly wrong. One that is newer than all valid
    /// ones is refused: to go back behind it would throw away what was promised to be durable.
    ///
    /// @throws IOException when the device reads a slot in neither area: what can't be read might
    ///   be the newest state, and an older one must not be taken for it
    /// @throws ImageException `NOT_AN_IMAGE`, `TOO_NEW`, or `INVALID` for an image that was cut
    ///   short
    /// @throws CorruptException when there are superblocks and none of them is valid
    List<Superblock> find() throws IOException {
        long sizeBlocks = device.sizeBytes() >>> Blocks.SHIFT;
        Scan scan = new Scan();
        scan.area(0, 0, sizeBlocks);
        if (scan.valid.isEmpty()) {
            scan.area(1, SuperblockArea.start(1, sizeBlocks), sizeBlocks);
            // a file of zeros, however large, was never an image
            if (scan.valid.isEmpty() && scan.isWritten) {
                scan.searchSecond(sizeBlocks);
            }
        } else {
            Superblock newest = scan.valid.lastEntry().getValue();
            if (newest.deviceBlocks() > sizeBlocks) {
                throw new ImageException(
                        ErrorKind.INVALID,
                        "the image is cut short: it has "
                                + SizeText.exact(device.sizeBytes())
                                + " and needs "
                                + SizeText.exact(Blocks.toBytes(newest.deviceBlocks()))
                                + ", so the last "
                                + SizeText.exact(
                                        Blocks.toBytes(newest.deviceBlocks()) - device.sizeBytes())
                                + " are missing: restore them from a copy");
            }
            scan.area(1, newest.areaStart(1), newest.deviceBlocks());
        }
        if (scan.valid.isEmpty() || scan.unreadableTwice) {
            throw scan.failure();
        }
        scan.requireNothingNewer();
        List<Superblock> found = new ArrayList<>(scan.valid.values());
        found.sort((a, b) -> Long.compare(b.txg(), a.txg()));
        return found;
    }

    private final class Scan {
        final TreeMap<Long, Superblock> valid = new TreeMap<>();
        private long unusableTxg = -1;
        private @Nullable IOException unusableWhy;
        final BitSet unreadable = new BitSet();
        boolean unreadableTwice;

        /// Whether something lies, or can't be read, where slots were looked for.
        boolean isWritten;

        private IOException worst =
                new ImageException(
                        ErrorKind.NOT_AN_IMAGE,
                        "no cowfs superblock found"
                                + (device.sizeBytes()
                                                < Blocks.toBytes(SuperblockArea.MIN_DEVICE_BLOCKS)
                                        ? " in its "
                                                + SizeText.exact(device.sizeBytes())
                                                + ", which are fewer than any image has"
                                        : "")
                                + ": it may be the wrong file, or an image that is damaged or cut short");

        void area(int area, long start, long deviceBlocks) throws IOException {
            int slots = Math.clamp(deviceBlocks - start, 0, SuperblockArea.SLOTS);
            device.forgetCached(Blocks.toBytes(start), Blocks.toBytes(slots));
            for (int slot = 0; slot < slots; slot++) {
                byte[] block = new byte[Blocks.SIZE];
                String where = "area=" + area + " slot=" + slot;
                try {
                    device.read(Blocks.toBytes(start + slot), ByteBuffer.wrap(block));
                    isWritten |= !Superblock.isBlank(block);
                    if (Superblock.hasMagic(block)) {
                        add(Superblock.readFrom(block, where), slot, where);
                    }
                } catch (CorruptException | ImageException unusable) {
                    note(unusable);
                    if (Superblock.intactTxg(block) > unusableTxg) {
                        unusableTxg = Superblock.intactTxg(block);
                        unusableWhy = unusable;
                    }
                } catch (IOException failed) {
                    isWritten = true;
                    unreadableTwice |= unreadable.get(slot);
                    unreadable.set(slot);
                    worst = failed;
                }
            }
        }

        /// Looks for the second area of an image that was resized and has lost its first: at the
        /// start of every group, since it may be any. A file in the image may hold an image itself:
        /// so what lies there must say that this is its place, and of several only one may be of an
        /// image of this size.
        void searchSecond(long deviceBlocks) throws IOException {
            List<Long> starts = new ArrayList<>();
            List<Long> fitting = new ArrayList<>();
            for (long start = Blocks.PER_GROUP;
                    start <= deviceBlocks - SuperblockArea.SLOTS;
                    start += Blocks.PER_GROUP) {
                Superblock second = lookupSecond(start);
                if (second != null) {
                    starts.add(start);
                    if (second.deviceBlocks() == deviceBlocks) {
                        fitting.add(start);
                    }
                }
            }
            List<Long> possible = fitting.isEmpty() ? starts : fitting;
            if (possible.size() > 1) {
                throw new CorruptException(
                        "superblock",
                        "block=" + possible.getFirst(),
                        "the first area is gone, and there are several second ones: also at block "
                                + possible.get(1));
            }
            for (long start : possible) {
                area(1, start, deviceBlocks);
            }
        }

        private @Nullable Superblock lookupSecond(long start) {
            byte[] block = new byte[Blocks.SIZE];
            Superblock newest = null;
            for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
                try {
                    if (canRead(start + slot, block) && Superblock.hasMagic(block)) {
                        Superblock found = Superblock.readFrom(block, "block=" + (start + slot));
                        boolean isNewer = newest == null || found.txg() > newest.txg();
                        newest = found.secondArea() == start && isNewer ? found : newest;
                    }
                } catch (CorruptException | ImageException notOne) {
                    // another slot may hold one
                }
            }
            return newest;
        }

        private void add(Superblock superblock, int slot, String where) throws CorruptException {
            if (superblock.txg() % SuperblockArea.SLOTS != slot) {
                throw new CorruptException("superblock", where, "it is of txg " + superblock.txg());
            }
            valid.put(superblock.txg(), superblock);
        }

        private void note(IOException unusable) {
            boolean tooNew =
                    worst instanceof ImageException known && known.kind() == ErrorKind.TOO_NEW;
            if (!tooNew && unreadable.isEmpty()) {
                worst = unusable;
            }
        }

        void requireNothingNewer() throws IOException {
            IOException why = unusableWhy;
            if (why != null && unusableTxg > valid.lastKey()) {
                throw why;
            }
        }

        IOException failure() {
            return worst;
        }
    }
}
