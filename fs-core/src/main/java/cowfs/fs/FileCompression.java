package cowfs.fs;

import cowfs.compress.Compression;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.inode.Inode;
import cowfs.inode.Inodes;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/// How the files of a tree say for themselves that their content is to be compressed. Thread safe.
public final class FileCompression {
    private final FileTree tree;
    private final Inodes inodes;

    public FileCompression(FileTree tree, Clock clock) {
        this.tree = tree;
        this.inodes = new Inodes(tree, clock);
    }

    /// What a file or directory says, or null where it does as its subvolume.
    ///
    /// @throws RequestException `NOT_FOUND`
    public @Nullable Compression get(long inode) throws IOException {
        return tree.read(items -> inodes.get(items, inode).compression());
    }

    /// Sets it for new content; what is there stays as it is.
    ///
    /// @throws RequestException `NOT_FOUND`, `INVALID` for what has no content, `NOT_PERMITTED` for
    ///   an immutable or append-only file
    public void set(long inode, @Nullable Compression how) throws IOException {
        tree.change(
                3,
                change -> {
                    Inode target = inodes.get(change.tree(), inode);
                    if (!target.isCompressible()) {
                        throw new RequestException(
                                ErrorKind.INVALID,
                                "only files and directories have content to compress");
                    }
                    target.requireChangeable();
                    target.setCompression(how);
                    target.changed(inodes.now());
                    target.put(change);
                    return target;
                });
    }
}
