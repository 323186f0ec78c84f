package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.format.Superblock.Features;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// A subvolume or snapshot, in the root tree under its tree id.
///
/// @param root of its file tree; {@link BlockPointer#NONE} while that is empty
/// @param rootLevel level of that root
/// @param parentTree for a snapshot the subvolume that it is of; 0 for a subvolume
/// @param originTree what a clone was made of; 0 for others
/// @param createdTxg transaction group that made it
/// @param createdSeconds when, in seconds since 1970
/// @param createdNanos and nanoseconds
/// @param lastSnapshotTxg nodes born later belong to this tree alone; only ever rises
/// @param nextInode the lowest inode number never used
/// @param referencedBlocks data blocks that its extents name
/// @param nodeCount nodes of its tree
/// @param inodeCount inodes in its tree, those without a name too; 0 in one with a root when they
///   were not counted, which the first images did not do
/// @param lineTxg since this transaction group each state of the tree is the one before with
///   changes: a rollback, and whatever else gives a subvolume another tree, begins anew. A snapshot
///   has that of its subvolume. 0 when it is not known: the first images did not say, and a
///   received snapshot follows its base
/// @param name without its subvolume's name
public record SubvolumeItem(
        BlockPointer root,
        int rootLevel,
        UUID uuid,
        long parentTree,
        long originTree,
        long createdTxg,
        long createdSeconds,
        int createdNanos,
        long lastSnapshotTxg,
        long nextInode,
        long referencedBlocks,
        long nodeCount,
        long inodeCount,
        long lineTxg,
        String name) {
    private static final Layout.Builder FIELDS = Layout.of("subvolume");
    private static final Layout.BytesField ROOT =
            FIELDS.bytes("root", 32, "of the file tree, a block_pointer");
    private static final Layout.U64Field UUID_HIGH =
            FIELDS.u64("uuid_high", "first half of its UUID");
    private static final Layout.U64Field UUID_LOW =
            FIELDS.u64("uuid_low", "second half of its UUID");
    private static final Layout.U64Field PARENT_TREE =
            FIELDS.u64("parent_tree", "subvolume of a snapshot, or 0");
    private static final Layout.U64Field ORIGIN_TREE =
            FIELDS.u64("origin_tree", "origin of a clone, or 0");
    private static final Layout.U64Field CREATED_TXG =
            FIELDS.u64("created_txg", "transaction group that made it");
    private static final Layout.U64Field CREATED_SECONDS =
            FIELDS.u64("created_seconds", "since 1970, signed");
    private static final Layout.U32Field CREATED_NANOS =
            FIELDS.u32("created_nanos", "0 to 999,999,999");
    private static final Layout.U8Field ROOT_LEVEL = FIELDS.u8("root_level", "level of the root");
    private static final Layout.U8Field NAME_LENGTH =
            FIELDS.u8("name_length", "bytes of the name, at the end");
    private static final Layout.ReservedField RESERVED_1 = FIELDS.reserved(2);
    private static final Layout.U64Field LAST_SNAPSHOT_TXG =
            FIELDS.u64("last_snapshot_txg", "nodes born later are not shared");
    private static final Layout.U64Field NEXT_INODE =
            FIELDS.u64("next_inode", "lowest inode number never used");
    private static final Layout.U64Field REFERENCED_BLOCKS =
            FIELDS.u64("referenced_blocks", "data blocks named by its extents");
    private static final Layout.U64Field NODE_COUNT = FIELDS.u64("node_count", "nodes of its tree");
    private static final Layout.U64Field INODE_COUNT =
            FIELDS.u64("inode_count", "inodes in its tree; 0 if not counted");
    private static final Layout.U64Field LINE_TXG =
            FIELDS.u64("line_txg", "its tree was only changed since, not replaced; 0 if not known");
    private static final Layout.ReservedField RESERVED_2 = FIELDS.reserved(24);
    public static final Layout LAYOUT = FIELDS.size(160);

    public static final int MAX_NAME_BYTES = 200;

    /// What the names of subvolumes begin with that no list shows: those that are still being
    /// received, and clones for the work on others. Nobody can give one such a name.
    public static final String HIDDEN = "receive:";

    /// What the names of hidden clones begin with that never change: what is copied from.
    public static final String FROZEN = HIDDEN + "frozen:";

    /// What a state with this item needs a reader to know.
    public Features features() {
        return lineTxg == 0 ? Features.NONE : Features.LINES;
    }

    /// Whether its tree never changes.
    public boolean isFixed() {
        return isSnapshot() || (parentTree == 0 && name.startsWith(FROZEN));
    }

    /// Whether no list shows it: one that is still being received, or a clone for the work on
    /// another.
    public boolean isHidden() {
        return parentTree == 0 && name.startsWith(HIDDEN);
    }

    /// Whether the count of inodes is one.
    public boolean countsInodes() {
        return inodeCount > 0 || nodeCount == 0;
    }

    public boolean isSnapshot() {
        return parentTree != 0;
    }

    /// The same with a later snapshot; the txg of the last snapshot never falls.
    public SubvolumeItem withLastSnapshotTxg(long txg) {
        return new SubvolumeItem(
                root,
                rootLevel,
                uuid,
                parentTree,
                originTree,
                createdTxg,
                createdSeconds,
                createdNanos,
                Math.max(lastSnapshotTxg, txg),
                nextInode,
                referencedBlocks,
                nodeCount,
                inodeCount,
                lineTxg,
                name);
    }

    /// The same on a line that begins with `txg`.
    public SubvolumeItem onLine(long txg) {
        return new SubvolumeItem(
                root,
                rootLevel,
                uuid,
                parentTree,
                originTree,
                createdTxg,
                createdSeconds,
                createdNanos,
                lastSnapshotTxg,
                nextInode,
                referencedBlocks,
                nodeCount,
                inodeCount,
                txg,
                name);
    }

    /// The same under another name.
    public SubvolumeItem withName(String newName) {
        return new SubvolumeItem(
                root,
                rootLevel,
                uuid,
                parentTree,
                originTree,
                createdTxg,
                createdSeconds,
                createdNanos,
                lastSnapshotTxg,
                nextInode,
                referencedBlocks,
                nodeCount,
                inodeCount,
                lineTxg,
                newName);
    }

    /// The same with another tree.
    public SubvolumeItem withTree(
            BlockPointer newRoot,
            int newRootLevel,
            long newLastSnapshotTxg,
            long newNextInode,
            long newReferencedBlocks,
            long newNodeCount,
            long newInodeCount) {
        return new SubvolumeItem(
                newRoot,
                newRootLevel,
                uuid,
                parentTree,
                originTree,
                Math.min(createdTxg, newLastSnapshotTxg),
                createdSeconds,
                createdNanos,
                newLastSnapshotTxg,
                newNextInode,
                newReferencedBlocks,
                newNodeCount,
                newInodeCount,
                lineTxg,
                name);
    }

    /// A subvolume with the tree of one of its snapshots, which is shared from `txg` on.
    public SubvolumeItem rolledBackTo(SubvolumeItem snapshot, long txg) {
        return new SubvolumeItem(
                snapshot.root,
                snapshot.rootLevel,
                uuid,
                parentTree,
                originTree,
                createdTxg,
                createdSeconds,
                createdNanos,
                Math.max(lastSnapshotTxg, txg),
                Math.max(nextInode, snapshot.nextInode),
                snapshot.referencedBlocks,
                snapshot.nodeCount,
                snapshot.inodeCount,
                txg + 1,
                name);
    }

    /// A snapshot with the tree of a changed clone of it, and with another identity. It is shared
    /// with nobody yet, but whoever clones it next does not raise the txg of its last snapshot, as
    /// nothing is born in a snapshot: so that is this one.
    public SubvolumeItem purgedTo(SubvolumeItem clone, UUID newUuid, long txg) {
        return new SubvolumeItem(
                clone.root,
                clone.rootLevel,
                newUuid,
                parentTree,
                originTree,
                createdTxg,
                createdSeconds,
                createdNanos,
                Math.max(lastSnapshotTxg, txg),
                Math.max(nextInode, clone.nextInode),
                clone.referencedBlocks,
                clone.nodeCount,
                clone.inodeCount,
                lineTxg,
                name);
    }

    /// A snapshot as a subvolume of its own.
    public SubvolumeItem asSubvolume() {
        return new SubvolumeItem(
                root,
                rootLevel,
                uuid,
                0,
                originTree,
                createdTxg,
                createdSeconds,
                createdNanos,
                lastSnapshotTxg,
                nextInode,
                referencedBlocks,
                nodeCount,
                inodeCount,
                lineTxg,
                name);
    }

    public byte[] toBytes() {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        byte[] b = new byte[LAYOUT.sizeBytes() + nameBytes.length];
        root.writeTo(b, ROOT.offset());
        UUID_HIGH.set(b, 0, uuid.getMostSignificantBits());
        UUID_LOW.set(b, 0, uuid.getLeastSignificantBits());
        PARENT_TREE.set(b, 0, parentTree);
        ORIGIN_TREE.set(b, 0, originTree);
        CREATED_TXG.set(b, 0, createdTxg);
        CREATED_SECONDS.set(b, 0, createdSeconds);
        CREATED_NANOS.set(b, 0, createdNanos);
        ROOT_LEVEL.set(b, 0, rootLevel);
        NAME_LENGTH.set(b, 0, nameBytes.length);
        LAST_SNAPSHOT_TXG.set(b, 0, lastSnapshotTxg);
        NEXT_INODE.set(b, 0, nextInode);
        REFERENCED_BLOCKS.set(b, 0, referencedBlocks);
        NODE_COUNT.set(b, 0, nodeCount);
        INODE_COUNT.set(b, 0, inodeCount);
        LINE_TXG.set(b, 0, lineTxg);
        System.arraycopy(nameBytes, 0, b, LAYOUT.sizeBytes(), nameBytes.length);
        return b;
    }

    /// Decodes and validates an item.
    public static SubvolumeItem readFrom(byte[] b, int base, int lengthBytes, String where)
            throws CorruptException {
        if (lengthBytes < LAYOUT.sizeBytes()
                || lengthBytes != LAYOUT.sizeBytes() + NAME_LENGTH.get(b, base)) {
            throw new CorruptException(
                    "subvolume", where, "it has " + CountText.of(lengthBytes, "byte"));
        }
        String name;
        try {
            name =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .decode(
                                    ByteBuffer.wrap(
                                            b, base + LAYOUT.sizeBytes(), NAME_LENGTH.get(b, base)))
                            .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new CorruptException(
                    "subvolume", where, "its name is no UTF-8: " + notUtf8.getMessage());
        }
        SubvolumeItem item =
                new SubvolumeItem(
                        BlockPointer.readFrom(b, base + ROOT.offset()),
                        ROOT_LEVEL.get(b, base),
                        new UUID(UUID_HIGH.get(b, base), UUID_LOW.get(b, base)),
                        PARENT_TREE.get(b, base),
                        ORIGIN_TREE.get(b, base),
                        CREATED_TXG.get(b, base),
                        CREATED_SECONDS.get(b, base),
                        CREATED_NANOS.get(b, base),
                        LAST_SNAPSHOT_TXG.get(b, base),
                        NEXT_INODE.get(b, base),
                        REFERENCED_BLOCKS.get(b, base),
                        NODE_COUNT.get(b, base),
                        INODE_COUNT.get(b, base),
                        LINE_TXG.get(b, base),
                        name);
        if (!RESERVED_1.isZero(b, base) || !RESERVED_2.isZero(b, base)) {
            throw new CorruptException("subvolume", where, "reserved bytes are not zero");
        }
        item.validate(where);
        return item;
    }

    /// Checks every field against its range.
    public void validate(String where) throws CorruptException {
        String problem = null;
        if (rootLevel > NodePage.MAX_LEVEL) {
            problem = "its tree has level " + rootLevel;
        } else if (createdNanos < 0 || createdNanos > 999_999_999) {
            problem = "its creation time has " + createdNanos + " nanoseconds";
        } else if (nextInode <= 0) {
            problem = "its next inode is " + nextInode;
        } else if (name.isEmpty()
                || name.indexOf('/') >= 0
                || name.indexOf('@') >= 0
                || name.indexOf(0) >= 0
                || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            problem = "its name is '" + name + "'";
        } else if (lineTxg < 0) {
            problem = "its line begins with txg " + lineTxg;
        } else if (referencedBlocks < 0 || nodeCount < 0 || inodeCount < 0) {
            problem =
                    "its counters are "
                            + CountText.of(referencedBlocks, "block")
                            + ", "
                            + CountText.of(nodeCount, "node")
                            + " and "
                            + CountText.of(inodeCount, "inode");
        }
        if (problem != null) {
            throw new CorruptException("subvolume", where, problem);
        }
    }
}
