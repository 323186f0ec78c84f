package cowfs.dir;

import static java.nio.charset.StandardCharsets.US_ASCII;

import cowfs.file.Attributes;
import cowfs.file.Volume.DirectoryVisitor;
import cowfs.txn.FileTree;
import java.io.IOException;

/// Reports the entries of directories in the order of their cookies. Thread safe.
///
/// Entries are copied in batches, so that a visitor runs under no lock and may use the volume. An
/// entry that lives through the whole reading is reported exactly once.
public final class DirectoryReader {
    /// The cookie of `.`.
    public static final long SELF_COOKIE = 1;

    /// The cookie of `..`.
    public static final long PARENT_COOKIE = 2;

    private static final int BATCH_SIZE = 128;

    private final FileTree tree;
    private final Dirents dirents;

    public DirectoryReader(FileTree tree, Dirents dirents) {
        this.tree = tree;
        this.dirents = dirents;
    }

    /// Reports entries above `cookie`, `.` and `..` first, until the visitor returns false.
    public void read(long directory, long parent, long cookie, DirectoryVisitor visitor)
            throws IOException {
        if (cookie < SELF_COOKIE
                && !visitor.entry(
                        ".".getBytes(US_ASCII), directory, Attributes.DIRECTORY, SELF_COOKIE)) {
            return;
        }
        if (cookie < PARENT_COOKIE
                && !visitor.entry(
                        "..".getBytes(US_ASCII), parent, Attributes.DIRECTORY, PARENT_COOKIE)) {
            return;
        }
        DirentBatch batch = new DirentBatch(BATCH_SIZE);
        long last = Math.max(cookie, PARENT_COOKIE);
        boolean more = true;
        while (more) {
            long from = last;
            more = tree.read(items -> dirents.copy(items, directory, from, batch));
            for (int i = 0; i < batch.size(); i++) {
                if (!visitor.entry(batch.name(i), batch.child(i), batch.type(i), batch.cookie(i))) {
                    return;
                }
                last = batch.cookie(i);
            }
        }
    }
}
