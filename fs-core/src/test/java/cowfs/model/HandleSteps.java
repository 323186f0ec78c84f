package cowfs.model;

import cowfs.api.Ref;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
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

    /// Makes a file without a name and holds it.
    @Nullable Step createUnlinked() throws IOException {
        Place directory = choice.directory(choice.subvolume());
        if (model.handles().size() >= MAX_HANDLES) {
            return null;
        }
        int id = nextId++;
        NewInode start = NewInode.regular(choice.below(010000), choice.below(5), 1);
        return Step.growing(
                "createUnlinked in " + directory + " as handle " + id,
                side -> {
                    Volume volume = side.volume(directory.ref());
                    Attributes made = volume.createUnlinked(Side.find(volume, directory), start);
                    side.held(id, volume, made.inode());
                    return Step.text(made);
                });
    }

    /// Gives a held file a name; many have one already or have lost their last one.
    @Nullable Step linkHandle() throws IOException {
        Integer id = anyHandle();
        if (id == null) {
            return null;
        }
        Side.Handle handle = model.handle(id);
        Ref ref = Ref.parse(handle.volume().name());
        if (!choice.refs(false).contains(ref)
                || choice.volume(ref).treeId() != handle.volume().treeId()) {
            return null;
        }
        Place made = choice.directory(ref).child(choice.name());
        return Step.growing(
                "link handle " + id + " as " + made,
                side -> {
                    Volume volume = side.handle(id).volume();
                    long parent = Side.find(volume, made.parent());
                    return Step.text(
                            volume.link(side.handle(id).inode(), parent, made.nameBytes()));
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
