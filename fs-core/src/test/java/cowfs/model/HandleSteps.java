package cowfs.model;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Random steps on inodes that are held, many of them unlinked meanwhile.
final class HandleSteps {
    private static final int MAX_HANDLES = 12;

    private final Choice choice;
    private final Side model;
    private int nextId;

    HandleSteps(Choice choice, Side model) {
        this.choice = choice;
        this.model = model;
    }

    @Nullable Step hold() throws IOException {
        Place place = choice.anything(choice.subvolume());
        if (place == null || model.handles().size() >= MAX_HANDLES) {
            return null;
        }
        int id = nextId++;
        return Step.free("hold " + place + " as handle " + id, holding(place, id));
    }

    /// Holds a file and takes its name away.
    @Nullable Step holdAndUnlink() throws IOException {
        Place place = choice.file(choice.subvolume());
        if (place == null || model.handles().size() >= MAX_HANDLES) {
            return null;
        }
        int id = nextId++;
        Step.Action holding = holding(place, id);
        return Step.growing(
                "hold " + place + " as handle " + id + " and unlink it",
                side -> {
                    String held = holding.run(side);
                    try {
                        Volume volume = side.volume(place.ref());
                        volume.unlink(Side.find(volume, place.parent()), place.nameBytes());
                    } catch (IOException e) {
                        side.release(id);
                        throw e;
                    }
                    return held;
                });
    }

    private static Step.Action holding(Place place, int id) {
        return side -> {
            Volume volume = side.volume(place.ref());
            long inode = Side.find(volume, place);
            side.hold(id, volume, inode);
            return Step.text(volume.getAttributes(inode));
        };
    }

    @Nullable Step release() {
        Integer id = anyHandle();
        if (id == null) {
            return null;
        }
        return Step.free(
                "release handle " + id,
                side -> {
                    side.release(id);
                    return "";
                });
    }

    /// Reads, writes or resizes a held file.
    @Nullable Step use() throws IOException {
        Integer id = anyHandle();
        if (id == null) {
            return null;
        }
        Side.Handle handle = model.handle(id);
        Attributes now = handle.volume().getAttributes(handle.inode());
        long offset = choice.offset(now.sizeBytes());
        byte[] bytes = choice.bytes(choice.length());
        long newSize = choice.newSize(now.sizeBytes());
        int what = choice.below(4);
        return Step.growing(
                "use handle " + id + " in way " + what + " at " + offset + " new " + newSize,
                side -> {
                    Volume volume = side.handle(id).volume();
                    long inode = side.handle(id).inode();
                    return switch (what) {
                        case 0 -> ContentSteps.read(volume, inode, offset, bytes.length);
                        case 1 ->
                                Step.text(
                                        volume.setAttributes(
                                                inode, AttributeChange.ofSize(newSize)));
                        default ->
                                ContentSteps.write(volume, inode, offset, bytes, SetIdBits.CLEAR);
                    };
                });
    }

    private @Nullable Integer anyHandle() {
        List<Integer> ids = List.copyOf(model.handles().keySet());
        return ids.isEmpty() ? null : choice.of(ids);
    }
}
