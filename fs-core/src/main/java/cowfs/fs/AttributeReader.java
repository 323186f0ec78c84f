package cowfs.fs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.dir.DirectoryReader;
import cowfs.dir.DirentBatch;
import cowfs.dir.Dirents;
import cowfs.dir.InodeRefs;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.Volume.AttributeVisitor;
import cowfs.inode.Inodes;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.Arrays;

/// Reports the entries of directories with the attributes of their inodes. Thread safe.
///
/// Entries come in the order of the hashes of their names, their inodes lie in the order of their
/// numbers. So the inodes of a batch are visited in that order: in directories of up to some
/// thousand entries files that were made one after the other lie in one leaf, and the cursor finds
/// the next one without going down the tree again. A batch and its attributes are from one moment.
final class AttributeReader {
    /// The most entries that one tree section handles.
    private static final int MAX_BATCH = 256;

    /// The mean distance of inodes at which hardly two of a batch lie in one leaf.
    private static final long FAR = 64;

    private final FileTree tree;
    private final Inodes inodes;
    private final Dirents dirents;
    private final InodeRefs refs;
    private final Children children;

    AttributeReader(
            FileTree tree, Inodes inodes, Dirents dirents, InodeRefs refs, Children children) {
        this.tree = tree;
        this.inodes = inodes;
        this.dirents = dirents;
        this.refs = refs;
        this.children = children;
    }

    void read(long directory, long cookie, int expected, AttributeVisitor visitor)
            throws IOException {
        Attributes self = tree.read(items -> getDirectory(items, directory));
        if (self.linkCount() == 0 || !readDots(self, cookie, visitor)) {
            return;
        }
        DirentBatch batch = new DirentBatch(Math.clamp(expected, 1, MAX_BATCH));
        Attributes[] found = new Attributes[batch.capacity()];
        long last = Math.max(cookie, DirectoryReader.PARENT_COOKIE);
        boolean more = true;
        while (more) {
            long from = last;
            more =
                    tree.read(
                            items -> {
                                boolean rest = dirents.copy(items, directory, from, batch);
                                fill(items, directory, batch, found);
                                return rest;
                            });
            for (int i = 0; i < batch.size(); i++) {
                if (!visitor.entry(batch.name(i), found[i], batch.cookie(i))) {
                    return;
                }
                last = batch.cookie(i);
            }
        }
    }

    private boolean readDots(Attributes self, long cookie, AttributeVisitor visitor)
            throws IOException {
        if (cookie < DirectoryReader.SELF_COOKIE
                && !visitor.entry(".".getBytes(US_ASCII), self, DirectoryReader.SELF_COOKIE)) {
            return false;
        }
        if (cookie >= DirectoryReader.PARENT_COOKIE) {
            return true;
        }
        Attributes parent =
                tree.read(
                        items -> inodes.getAttributes(items, refs.getParent(items, self.inode())));
        return visitor.entry("..".getBytes(US_ASCII), parent, DirectoryReader.PARENT_COOKIE);
    }

    private void fill(BTree items, long directory, DirentBatch batch, Attributes[] found)
            throws IOException {
        long[] order = order(batch);
        Cursor c = items.cursor();
        for (long place : order) {
            int i = (int) (place & (MAX_BATCH - 1));
            found[i] =
                    children.get(items, c, directory, batch.name(i), batch.child(i), batch.type(i));
        }
    }

    /// The places of a batch in the order of their inodes, each in the low bits of a number that
    /// sorts them; as they come when the inodes lie too far apart for that to help.
    private static long[] order(DirentBatch batch) {
        long[] order = new long[batch.size()];
        long first = Long.MAX_VALUE;
        long last = 0;
        for (int i = 0; i < order.length; i++) {
            first = Math.min(first, batch.child(i));
            last = Math.max(last, batch.child(i));
        }
        boolean near = last - first < FAR * order.length;
        for (int i = 0; i < order.length; i++) {
            order[i] = near ? (batch.child(i) - first) * MAX_BATCH + i : i;
        }
        if (near) {
            Arrays.sort(order);
        }
        return order;
    }

    private Attributes getDirectory(BTree items, long directory) throws IOException {
        Attributes attributes = inodes.getAttributes(items, directory);
        if (!attributes.isDirectory()) {
            throw new RequestException(
                    ErrorKind.NOT_A_DIRECTORY,
                    "inode " + directory + " of " + tree.name() + " is not a directory");
        }
        return attributes;
    }
}
