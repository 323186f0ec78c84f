package cowfs.model;

import cowfs.api.Ref;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Random steps on the content of files.
final class ContentSteps {
    private static final int BLOCK = Choice.BLOCK;

    private final Choice choice;

    ContentSteps(Choice choice) {
        this.choice = choice;
    }

    /// What a step does with an inode once its path is walked.
    @FunctionalInterface
    interface InodeAction {
        String run(Volume volume, long inode) throws IOException;
    }

    static Step.Action at(Place place, InodeAction action) {
        return side -> {
            Volume volume = side.volume(place.ref());
            return action.run(volume, Side.find(volume, place));
        };
    }

    @Nullable Step write() throws IOException {
        Place file = choice.file(choice.subvolume());
        return file == null ? null : write(file, choice.offset(size(file)), choice.length());
    }

    /// Up to a mebibyte, the longest write that is done whole or not at all.
    @Nullable Step writeLong() throws IOException {
        Place file = choice.file(choice.subvolume());
        return file == null ? null : write(file, size(file), 1 + choice.below(1 << 20));
    }

    @Nullable Step append() throws IOException {
        Place file = choice.file(choice.subvolume());
        return file == null ? null : write(file, size(file), choice.length());
    }

    private Step write(Place file, long offset, int length) {
        byte[] bytes = choice.bytes(length);
        SetIdBits bits = choice.of(SetIdBits.class);
        if (bytes.length > 3 * BLOCK && choice.oneIn(3)) {
            Arrays.fill(bytes, BLOCK, 2 * BLOCK, (byte) 0);
        }
        return Step.growing(
                "write " + file + " offset=" + offset + " length=" + bytes.length + " " + bits,
                at(file, (volume, inode) -> write(volume, inode, offset, bytes, bits)));
    }

    static String write(Volume volume, long inode, long offset, byte[] bytes, SetIdBits bits)
            throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        volume.write(inode, offset, source, bits);
        return source.remaining() + " left, " + Step.text(volume.getAttributes(inode));
    }

    @Nullable Step read() throws IOException {
        Place file = choice.file(choice.subvolume());
        if (file == null) {
            return null;
        }
        long offset = choice.offset(size(file));
        int length = choice.length();
        return Step.free(
                "read " + file + " offset=" + offset + " length=" + length,
                at(file, (volume, inode) -> read(volume, inode, offset, length)));
    }

    static String read(Volume volume, long inode, long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        int count = volume.read(inode, offset, target);
        return count + " " + Step.text(Arrays.copyOf(target.array(), target.position()));
    }

    @Nullable Step truncate() throws IOException {
        Place file = choice.file(choice.subvolume());
        if (file == null) {
            return null;
        }
        long newSize = choice.newSize(size(file));
        return Step.growing(
                "truncate " + file + " to " + newSize,
                at(
                        file,
                        (volume, inode) ->
                                Step.text(
                                        volume.setAttributes(
                                                inode, AttributeChange.ofSize(newSize)))));
    }

    @Nullable Step allocate() throws IOException {
        return allocate(choice.of(AllocateMode.class));
    }

    @Nullable Step punch() throws IOException {
        return allocate(AllocateMode.PUNCH_HOLE);
    }

    private @Nullable Step allocate(AllocateMode mode) throws IOException {
        Place file = choice.file(choice.subvolume());
        if (file == null) {
            return null;
        }
        long offset = choice.offset(size(file));
        long length = choice.oneIn(2) ? choice.length() : BLOCK * (1L + choice.below(16));
        if (choice.oneIn(2)) {
            offset = offset / BLOCK * BLOCK;
        }
        if (mode == AllocateMode.PUNCH_HOLE && choice.oneIn(20)) {
            length = 1L << 40;
        }
        long at = offset;
        long lengthBytes = length;
        SetIdBits bits = choice.of(SetIdBits.class);
        return Step.growing(
                "allocate " + file + " " + mode + " offset=" + at + " length=" + lengthBytes,
                at(
                        file,
                        (volume, inode) -> {
                            volume.allocate(inode, mode, at, lengthBytes, bits);
                            return Step.text(volume.getAttributes(inode));
                        }));
    }

    /// A range of a file of the same subvolume or of a snapshot, now and then a whole file.
    @Nullable Step copyRange() throws IOException {
        Place target = choice.file(choice.subvolume());
        List<Ref> snapshots = choice.refs(true);
        Place source =
                target == null
                        ? null
                        : choice.file(
                                snapshots.isEmpty() || choice.oneIn(2)
                                        ? target.ref()
                                        : choice.of(snapshots));
        if (target == null || source == null) {
            return null;
        }
        boolean whole = choice.oneIn(4) && isOneChange(source);
        long size = size(source);
        long from = choice.offset(size);
        long to = choice.offset(size(target));
        if (!choice.oneIn(4)) {
            to = to / BLOCK * BLOCK + from % BLOCK;
        }
        long offset = to;
        long length = choice.oneIn(3) ? size : choice.length();
        SetIdBits bits = choice.of(SetIdBits.class);
        AtomicLong done = new AtomicLong(-1);
        return Step.growing(
                String.format(
                        "copyRange %s %d to %s %d length=%d %s%s",
                        source, from, target, offset, length, bits, whole ? " whole" : ""),
                side -> {
                    Volume in = side.volume(source.ref());
                    Volume out = side.volume(target.ref());
                    long sourceInode = Side.find(in, source);
                    long inode = Side.find(out, target);
                    String count = "";
                    if (whole) {
                        out.cloneFile(in, sourceInode, inode, bits);
                    } else {
                        // lack of space may have cut the copy of the pool under test short
                        long wanted = done.get() > 0 ? done.get() : length;
                        done.set(out.copyRange(in, sourceInode, from, inode, offset, wanted, bits));
                        count += done;
                    }
                    return count + " " + Step.text(out.getAttributes(inode));
                });
    }

    /// Whether a clone of a file is done whole or not at all.
    private boolean isOneChange(Place file) throws IOException {
        ModelVolume volume = choice.volume(file.ref());
        return volume.content(Side.find(volume, file)).blocks().size() <= 60;
    }

    @Nullable Step fsync() throws IOException {
        Place place = choice.anything(choice.subvolume());
        if (place == null) {
            return null;
        }
        boolean dataOnly = choice.oneIn(2);
        return Step.free(
                "fsync " + place + (dataOnly ? " data only" : ""),
                at(
                        place,
                        (volume, inode) -> {
                            volume.fsync(inode, dataOnly);
                            return "";
                        }));
    }

    private long size(Place file) throws IOException {
        Attributes attributes = choice.attributes(file);
        return attributes.sizeBytes();
    }
}
