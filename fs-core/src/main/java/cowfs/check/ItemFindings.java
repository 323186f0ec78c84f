package cowfs.check;

import cowfs.error.CountText;
import cowfs.file.Volume;

/// Reports what is wrong with the items of one file tree. Not thread safe.
final class ItemFindings {
    private final Findings findings;
    private final long tree;
    private int count;

    ItemFindings(Findings findings, long tree) {
        this.findings = findings;
        this.tree = tree;
    }

    /// Whether there was none.
    boolean isEmpty() {
        return count == 0;
    }

    /// A finding about the tree as a whole.
    void tree(DamageCode code, String reason) {
        count++;
        findings.add(code, "file tree", "tree=" + tree, reason);
    }

    /// A finding about an inode.
    void inode(DamageCode code, String record, long inode, String reason) {
        count++;
        findings.add(
                code, record, "tree=" + tree + " inode=" + Long.toUnsignedString(inode), reason);
    }

    /// A finding about one item.
    void item(DamageCode code, String record, Key key, String reason) {
        count++;
        findings.add(
                code,
                record,
                "tree="
                        + tree
                        + " inode="
                        + Long.toUnsignedString(key.inode())
                        + " offset="
                        + Long.toUnsignedString(key.offset()),
                reason);
    }

    void missingInode(long inode) {
        inode(DamageCode.MISSING_INODE, "inode", inode, "there are items of it and no inode item");
    }

    void missingRoot() {
        inode(
                DamageCode.MISSING_INODE,
                "inode",
                Volume.ROOT_INODE,
                "the tree has no root directory");
    }

    void wrongKind(long inode, String reason) {
        inode(DamageCode.WRONG_KIND, "inode", inode, reason);
    }

    void beyondEnd(long inode, long writtenEnd, long sizeBytes) {
        inode(
                DamageCode.CONTENT_BEYOND_END,
                "content item",
                inode,
                "content reaches to block "
                        + writtenEnd
                        + " of a file of "
                        + CountText.of(sizeBytes, "byte"));
    }

    void overlap(long inode, long start, long end) {
        inode(
                DamageCode.CONTENT_OVERLAP,
                "content item",
                inode,
                "an item at block "
                        + start
                        + " begins before the end "
                        + end
                        + " of the one before");
    }
}
