package cowfs.check;

import cowfs.file.Attributes;
import cowfs.format.Blocks;
import cowfs.format.ItemKind;
import java.util.Arrays;

/// What a stretch of consecutive items of a file tree comes to: a leaf, a subtree or a whole tree.
///
/// Sums (see {@link Balance}) and counters simply add up. What ties neighbours together is kept at
/// the two edges, so that stretches can be joined without their items:
///
/// ```
///     ...] [ref 7 | content 7 | inode 8 | dirent 8] [dirent 8 | inode 9 ...
///           \_ head: inode 7 _/         \__ tail: inode 8, a directory __/
/// ```
///
/// The *head* is what comes before the first inode item: it belongs to an inode of the stretch
/// before. The *tail* is the last inode that is known, or the head's when there is no other. Not
/// thread safe.
final class FileSummary {
    private enum Tail {
        /// There was no item yet.
        NONE,
        /// The head goes on.
        HEAD,
        /// The inode item was seen.
        KNOWN,
        /// The inode is missing or damaged, which was reported.
        UNKNOWN,
        /// A part of the tree could not be read; the inode may have been there.
        LOST
    }

    private static final int DIRENT = 1 << ItemKind.DIRENT.number();
    private static final int CONTENT = 1 << ItemKind.CONTENT.number();

    private final long[] sums = new long[Balance.COUNT];
    private boolean sound = true;
    private boolean unfinished;
    private long nodeCount;
    private long inodeCount;
    private long highestInode;
    private long referencedBlocks;
    private long risingRefs;
    private boolean hasHead;
    private long headInode;
    private int headKinds;
    private long headContentStart = -1;
    private long headWrittenEnd;
    private Tail tail = Tail.NONE;
    private long tailInode;
    private int tailType;
    private long tailSizeBytes;
    private long tailContentEnd;

    // ---- what a leaf adds, in key order

    void add(ItemFacts.Fact fact) {
        sums[fact.rule().index()] += fact.amount() * fact.weight();
    }

    void addReferencedBlocks(long count) {
        referencedBlocks += count;
    }

    void addNode() {
        nodeCount++;
    }

    /// Counts an inode ref that leads to a directory with a higher number: only below one of those
    /// can a loop be.
    void addRisingRef() {
        risingRefs++;
    }

    /// Notes that the tree is still being received.
    void markUnfinished() {
        unfinished = true;
    }

    /// Notes that something was left out, so that sums and counters say nothing.
    void spoil() {
        sound = false;
    }

    /// The inode item of `inode`.
    void inode(long inode, int type, long sizeBytes) {
        inodeCount++;
        highestInode = inode;
        setTail(Tail.KNOWN, inode);
        tailType = type;
        tailSizeBytes = sizeBytes;
    }

    /// An inode item that is damaged: nothing can be said about what follows.
    void damagedInode(long inode) {
        spoil();
        setTail(Tail.UNKNOWN, inode);
    }

    /// Another item of `inode`.
    void item(long inode, int kind, ItemFindings findings) {
        if (tail == Tail.NONE) {
            hasHead = true;
            headInode = inode;
            setTail(Tail.HEAD, inode);
        } else if (tail == Tail.LOST) {
            setTail(Tail.UNKNOWN, inode);
        } else if (tailInode != inode) {
            findings.missingInode(inode);
            setTail(Tail.UNKNOWN, inode);
        }
        if (tail == Tail.HEAD) {
            headKinds |= 1 << kind;
        } else if (tail == Tail.KNOWN) {
            requireKinds(1 << kind, findings);
        }
    }

    /// Where the content of the item just told lies in its file, in blocks.
    ///
    /// @param writtenEnd `end`, or 0 for what reads as zeros
    void content(long start, long end, long writtenEnd, ItemFindings findings) {
        requireNoOverlap(start, findings);
        if (tail == Tail.HEAD) {
            headContentStart = headContentStart < 0 ? start : headContentStart;
            headWrittenEnd = Math.max(headWrittenEnd, writtenEnd);
        } else if (tail == Tail.KNOWN) {
            requireInside(writtenEnd, findings);
        }
        tailContentEnd = end;
    }

    /// The length of the file whose item was just told, or -1 when it is not known here.
    long knownSizeBytes() {
        return tail == Tail.KNOWN ? tailSizeBytes : -1;
    }

    /// Whether the item just told belongs to a symlink; false also when that is not known here.
    boolean isSymlink() {
        return tail == Tail.KNOWN && tailType == Attributes.SYMLINK;
    }

    // ---- joining

    /// Takes over what comes right behind this stretch.
    void append(FileSummary right, ItemFindings findings) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += right.sums[i];
        }
        sound &= right.sound;
        unfinished |= right.unfinished;
        nodeCount += right.nodeCount;
        inodeCount += right.inodeCount;
        referencedBlocks += right.referencedBlocks;
        risingRefs += right.risingRefs;
        highestInode = right.highestInode == 0 ? highestInode : right.highestInode;
        if (tail == Tail.NONE) {
            adopt(right);
            return;
        }
        boolean joins = right.hasHead && tail != Tail.LOST && tailInode == right.headInode;
        if (joins) {
            join(right, findings);
        } else if (right.hasHead && tail != Tail.LOST) {
            findings.missingInode(right.headInode);
        }
        if (right.tail == Tail.HEAD) {
            if (!joins) {
                setTail(Tail.UNKNOWN, right.headInode);
            }
            tailContentEnd = Math.max(tailContentEnd, right.tailContentEnd);
        } else if (right.tail != Tail.NONE) {
            adoptTail(right);
        }
    }

    /// Notes that what comes right behind this stretch could not be read.
    void appendLost() {
        spoil();
        setTail(Tail.LOST, 0);
    }

    private void join(FileSummary right, ItemFindings findings) {
        if (right.headContentStart >= 0) {
            requireNoOverlap(right.headContentStart, findings);
        }
        if (tail == Tail.HEAD) {
            headKinds |= right.headKinds;
            headContentStart = headContentStart < 0 ? right.headContentStart : headContentStart;
            headWrittenEnd = Math.max(headWrittenEnd, right.headWrittenEnd);
        } else if (tail == Tail.KNOWN) {
            requireKinds(right.headKinds, findings);
            requireInside(right.headWrittenEnd, findings);
        }
    }

    private void adopt(FileSummary right) {
        hasHead = right.hasHead;
        headInode = right.headInode;
        headKinds = right.headKinds;
        headContentStart = right.headContentStart;
        headWrittenEnd = right.headWrittenEnd;
        adoptTail(right);
    }

    private void adoptTail(FileSummary right) {
        tail = right.tail;
        tailInode = right.tailInode;
        tailType = right.tailType;
        tailSizeBytes = right.tailSizeBytes;
        tailContentEnd = right.tailContentEnd;
    }

    private void setTail(Tail newTail, long inode) {
        tail = newTail;
        tailInode = inode;
        tailContentEnd = 0;
    }

    private void requireKinds(int kinds, ItemFindings findings) {
        boolean directory = tailType == Attributes.DIRECTORY;
        boolean content = tailType == Attributes.REGULAR || tailType == Attributes.SYMLINK;
        if ((kinds & DIRENT) != 0 && !directory) {
            findings.wrongKind(tailInode, "it has entries and is no directory");
        }
        if ((kinds & CONTENT) != 0 && !content) {
            findings.wrongKind(tailInode, "it has content and is neither file nor symlink");
        }
    }

    private void requireInside(long writtenEnd, ItemFindings findings) {
        if (writtenEnd > Blocks.fromBytes(tailSizeBytes)) {
            findings.beyondEnd(tailInode, writtenEnd, tailSizeBytes);
        }
    }

    private void requireNoOverlap(long start, ItemFindings findings) {
        if (tailContentEnd > start) {
            findings.overlap(tailInode, start, tailContentEnd);
        }
    }

    // ---- what a whole tree comes to

    /// Whether everything could be read and decoded.
    boolean isSound() {
        return sound;
    }

    /// Whether the tree says that it is still being received.
    boolean isUnfinished() {
        return unfinished;
    }

    boolean isBalanced() {
        return Arrays.stream(sums).allMatch(sum -> sum == 0);
    }

    /// A copy of the sums.
    long[] sums() {
        return sums.clone();
    }

    long nodeCount() {
        return nodeCount;
    }

    long inodeCount() {
        return inodeCount;
    }

    long highestInode() {
        return highestInode;
    }

    long referencedBlocks() {
        return referencedBlocks;
    }

    boolean hasRisingRefs() {
        return risingRefs > 0;
    }

    /// Reports a head that no stretch comes before.
    void finish(ItemFindings findings) {
        if (hasHead) {
            findings.missingInode(headInode);
        }
    }
}
