package cowfs.model;

import cowfs.api.PinnedState;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.file.Attributes;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Random steps on pins: states that stay readable, and the same, whatever becomes of the pool.
final class PinSteps {
    private static final int MAX_PINS = 4;
    private static final int MAX_BYTES = 1 << 20;

    private final Choice choice;
    private final Side model;
    private int nextId;

    PinSteps(Choice choice, Side model) {
        this.choice = choice;
        this.model = model;
    }

    @Nullable Step pin() {
        if (model.pins().size() >= MAX_PINS) {
            return null;
        }
        int id = nextId++;
        return Step.growing(
                "pin " + id,
                side -> {
                    side.pin(id);
                    return refs(side.pinned(id)).toString();
                });
    }

    /// Reads all of a subvolume or snapshot through a pin.
    @Nullable Step read() throws IOException {
        Integer id = anyPin();
        if (id == null) {
            return null;
        }
        Ref ref = choice.of(refs(model.pinned(id)));
        return Step.pinned(
                "read " + ref + " of pin " + id,
                id,
                side -> digest(side.pinned(id).volume(ref)).toString());
    }

    @Nullable Step end() {
        Integer id = anyPin();
        if (id == null) {
            return null;
        }
        return Step.free(
                "end pin " + id,
                side -> {
                    side.endPin(id);
                    return "";
                });
    }

    private @Nullable Integer anyPin() {
        List<Integer> ids = List.copyOf(model.pins());
        return ids.isEmpty() ? null : choice.of(ids);
    }

    private static List<Ref> refs(PinnedState pin) throws IOException {
        return pin.list().stream().map(SubvolumeInfo::ref).toList();
    }

    private record Directory(String path, long inode) {}

    /// What every name leads to.
    private static Map<String, String> digest(ReadableVolume volume) throws IOException {
        Map<String, String> all = new TreeMap<>();
        Deque<Directory> todo = new ArrayDeque<>(List.of(new Directory("", Volume.ROOT_INODE)));
        while (!todo.isEmpty()) {
            Directory directory = todo.pop();
            Map<String, Long> entries = new TreeMap<>();
            volume.readDirectory(
                    directory.inode,
                    2,
                    (name, inode, type, cookie) -> {
                        entries.put(directory.path + "/" + ModelTree.text(name), inode);
                        return true;
                    });
            for (Map.Entry<String, Long> each : entries.entrySet()) {
                Attributes attributes = volume.getAttributes(each.getValue());
                all.put(Place.readable(each.getKey()), text(volume, attributes));
                if (attributes.isDirectory()) {
                    todo.push(new Directory(each.getKey(), each.getValue()));
                }
            }
        }
        return all;
    }

    private static String text(ReadableVolume volume, Attributes attributes) throws IOException {
        StringBuilder text = new StringBuilder(Step.text(attributes));
        if (attributes.isRegular()) {
            ByteBuffer target = ByteBuffer.allocate(MAX_BYTES);
            int count = volume.read(attributes.inode(), 0, target);
            text.append(' ').append(Step.text(Arrays.copyOf(target.array(), count)));
        } else if (attributes.isSymlink()) {
            text.append(' ').append(Step.text(volume.readLink(attributes.inode())));
        }
        Map<String, String> xattrs = new TreeMap<>();
        for (byte[] name : volume.listXattrs(attributes.inode())) {
            xattrs.put(ModelTree.text(name), Step.text(volume.getXattr(attributes.inode(), name)));
        }
        return text.append(xattrs).toString();
    }
}
