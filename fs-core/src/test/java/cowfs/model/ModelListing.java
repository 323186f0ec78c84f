package cowfs.model;

import cowfs.error.RequestException;
import cowfs.file.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What `readDirectory` reports in the model.
final class ModelListing {
    record Line(String name, long inode, int type, long cookie) {}

    private ModelListing() {}

    static List<Line> of(ModelTree tree, ModelInode directory, long cookie)
            throws RequestException {
        ModelDirectory entries = directory.entries();
        List<Line> lines = new ArrayList<>();
        if (cookie < ModelDirectory.DOT_COOKIE) {
            lines.add(
                    new Line(
                            ".",
                            directory.number,
                            Attributes.DIRECTORY,
                            ModelDirectory.DOT_COOKIE));
        }
        if (cookie < ModelDirectory.DOT_DOT_COOKIE) {
            lines.add(
                    new Line(
                            "..",
                            entries.parent(),
                            Attributes.DIRECTORY,
                            ModelDirectory.DOT_DOT_COOKIE));
        }
        for (Map.Entry<Long, String> entry : entries.after(cookie).entrySet()) {
            ModelDirectory.Entry found = entries.lookup(entry.getValue());
            if (found == null) {
                throw new AssertionError("cookie without a name: " + entry);
            }
            int type = tree.get(found.inode()).type();
            lines.add(new Line(entry.getValue(), found.inode(), type, entry.getKey()));
        }
        return lines;
    }
}
