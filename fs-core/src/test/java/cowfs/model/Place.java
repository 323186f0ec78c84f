package cowfs.model;

import cowfs.api.Ref;
import cowfs.file.FilePath;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// A path in a subvolume or snapshot; names are Latin-1 strings, one character a byte. It may lead
/// nowhere.
record Place(Ref ref, List<String> path) {
    static Place root(Ref ref) {
        return new Place(ref, List.of());
    }

    Place child(String name) {
        List<String> longer = new ArrayList<>(path);
        longer.add(name);
        return new Place(ref, List.copyOf(longer));
    }

    Place parent() {
        return new Place(ref, path.subList(0, path.size() - 1));
    }

    String name() {
        return path.getLast();
    }

    byte[] nameBytes() {
        return ModelTree.bytes(name());
    }

    FilePath filePath() {
        FilePath all = FilePath.ROOT;
        for (String name : path) {
            all = all.resolve(ModelTree.bytes(name));
        }
        return all;
    }

    boolean isRoot() {
        return path.isEmpty();
    }

    @Override
    public String toString() {
        return ref + ":/" + path.stream().map(Place::readable).collect(Collectors.joining("/"));
    }

    /// A name for a message: escaped, and short.
    static String readable(String name) {
        StringBuilder text = new StringBuilder();
        for (char c : name.substring(0, Math.min(20, name.length())).toCharArray()) {
            if (c > ' ' && c < 127) {
                text.append(c);
            } else {
                text.append(String.format("\\x%02x", (int) c));
            }
        }
        return name.length() <= 20 ? text.toString() : text + "...[" + name.length() + "]";
    }
}
