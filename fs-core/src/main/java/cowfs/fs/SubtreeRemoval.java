package cowfs.fs;

import cowfs.dir.DirectoryReader;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Removes a name from a volume that nobody else uses, with all that lies below, whatever flags
/// forbid it. The directory that held the name keeps its times and flags. Other names of a file
/// stay, and with them its content.
public final class SubtreeRemoval {
    /// Names that are kept at a time.
    private static final int BATCH = 1000;

    private final Volume volume;

    public SubtreeRemoval(Volume volume) {
        this.volume = volume;
    }

    /// A name, and what it leads to.
    private record Place(long directory, FilePath name, Attributes target) {
        byte[] bytes() {
            return name.name();
        }
    }

    /// @param directory that holds the name
    /// @throws IOException `NOT_FOUND`
    public void remove(long directory, byte[] name) throws IOException {
        Attributes before = volume.getAttributes(directory);
        clearFlags(before);
        Deque<Place> open = new ArrayDeque<>();
        open.push(place(directory, name));
        while (!open.isEmpty()) {
            Place place = open.peek();
            if (!place.target.isDirectory()) {
                clearFlags(place.target);
                volume.unlink(place.directory, place.bytes());
                open.pop();
            } else {
                clearFlags(place.target);
                List<FilePath> names = names(place.target.inode());
                if (names.isEmpty()) {
                    volume.removeDirectory(place.directory, place.bytes());
                    open.pop();
                }
                for (FilePath each : names) {
                    Place child = place(place.target.inode(), each.name());
                    if (child.target.isDirectory()) {
                        open.push(child);
                        break; // the rest comes when that is empty
                    }
                    clearFlags(child.target);
                    volume.unlink(child.directory, child.bytes());
                }
            }
        }
        volume.setAttributes(
                directory, AttributeChange.ofTimes(before.accessed(), before.modified()));
        if (before.flags() != 0) {
            volume.setAttributes(directory, AttributeChange.ofFlags(before.flags()));
        }
    }

    private Place place(long directory, byte[] name) throws IOException {
        return new Place(directory, FilePath.ROOT.resolve(name), volume.lookup(directory, name));
    }

    private void clearFlags(Attributes attributes) throws IOException {
        if (attributes.flags() != 0) {
            volume.setAttributes(attributes.inode(), AttributeChange.ofFlags(0));
        }
    }

    private List<FilePath> names(long directory) throws IOException {
        List<FilePath> names = new ArrayList<>();
        volume.readDirectory(
                directory,
                DirectoryReader.PARENT_COOKIE, // children follow
                (name, inode, type, cookie) -> {
                    names.add(FilePath.ROOT.resolve(name));
                    return names.size() < BATCH;
                });
        return names;
    }
}
