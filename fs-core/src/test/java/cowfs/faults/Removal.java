package cowfs.faults;

import static cowfs.model.VolumeFixture.ROOT;

import cowfs.file.Attributes;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// `rm -rf` of everything below the root of a volume.
final class Removal {
    private record Name(long directory, byte[] name, long inode, int type) {}

    private final Volume volume;
    private int refused;

    Removal(Volume volume) {
        this.volume = volume;
    }

    /// @return how many removals a full image refused
    int run() throws IOException {
        // directories from the root down, then what is in them from the deepest one up
        List<Name> directories = new ArrayList<>();
        Deque<Long> todo = new ArrayDeque<>(List.of(ROOT));
        while (!todo.isEmpty()) {
            for (Name each : names(todo.removeFirst())) {
                if ((each.type & Attributes.TYPE_MASK) == Attributes.DIRECTORY) {
                    directories.add(each);
                    todo.add(each.inode);
                }
            }
        }
        for (Name each : directories.reversed()) {
            removeFiles(each.inode);
            count(() -> volume.removeDirectory(each.directory, each.name));
        }
        removeFiles(ROOT);
        return refused;
    }

    private void removeFiles(long directory) throws IOException {
        for (Name each : names(directory)) {
            if ((each.type & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
                count(() -> volume.unlink(directory, each.name));
            }
        }
    }

    private void count(FullImage.Operation removal) throws IOException {
        refused += FullImage.fits(removal) ? 0 : 1;
    }

    private List<Name> names(long directory) throws IOException {
        List<Name> names = new ArrayList<>();
        volume.readDirectory(
                directory,
                0,
                (name, inode, type, cookie) -> {
                    boolean dot = name[0] == '.' && (name.length == 1 || name[1] == '.');
                    if (!dot) {
                        names.add(new Name(directory, name, inode, type));
                    }
                    return true;
                });
        return names;
    }
}
