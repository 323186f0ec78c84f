package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One committed state of the pool: everything is reachable from here.
///
/// One block long. A *sealed* superblock was written after a flush of all that it reaches. An
/// *unsealed* one went out together with the {@link Run}s that it lists, before one flush for all:
/// it stands only if those runs verify.
///
/// @param features feature bits, see {@link Features}
/// @param deviceBlocks size of the image in blocks
/// @param secondArea where the second superblock area begins; 0: in the middle of the image
/// @param metadataCopies 1 or 2
/// @param nameSeed 128 random bits, the key of the directory hash
/// @param txg number of this state; the slot in both areas is this modulo {@link
///   SuperblockArea#SLOTS}
/// @param root the root tree
/// @param rootLevel level of the root tree's root
/// @param nextTreeId the lowest tree id never used
/// @param dataBlocks blocks allocated for file data
/// @param metadataBlocks blocks allocated for nodes, superblock areas included
public record Superblock(
        Features features,
        UUID uuid,
        String label,
        long deviceBlocks,
        long secondArea,
        int nodeBytes,
        int metadataCopies,
        UUID nameSeed,
        long txg,
        BlockPointer root,
        int rootLevel,
        long nextTreeId,
        long dataBlocks,
        long metadataBlocks,
        boolean sealed,
        List<Run> runs) {
    private static final Layout.Builder FIELDS = Layout.of("superblock");
    private static final Layout.U64Field MAGIC = FIELDS.u64("magic", "0x31307366776f63, 'cowfs01'");
    private static final Layout.U32Field VERSION = FIELDS.u32("version", "format version");
    private static final Layout.U32Field NODE_BYTES =
            FIELDS.u32("node_bytes", "size of a node, a power of two");
    private static final Layout.U64Field COMPAT =
            FIELDS.u64("compat", "features that a reader may ignore");
    private static final Layout.U64Field RO_COMPAT =
            FIELDS.u64("ro_compat", "features that a writer must know");
    private static final Layout.U64Field INCOMPAT =
            FIELDS.u64("incompat", "features that a reader must know");
    private static final Layout.U64Field UUID_HIGH =
            FIELDS.u64("uuid_high", "image, first half of its UUID");
    private static final Layout.U64Field UUID_LOW =
            FIELDS.u64("uuid_low", "image, second half of its UUID");
    private static final Layout.U64Field NAME_SEED_HIGH =
            FIELDS.u64("name_seed_high", "key of the directory hash");
    private static final Layout.U64Field NAME_SEED_LOW =
            FIELDS.u64("name_seed_low", "its second half");
    private static final Layout.BytesField LABEL =
            FIELDS.bytes("label", 64, "UTF-8, padded with zeros");
    private static final Layout.U64Field DEVICE_BLOCKS =
            FIELDS.u64("device_blocks", "size of the image in blocks");
    private static final Layout.U64Field TXG = FIELDS.u64("txg", "number of this state");
    private static final Layout.BytesField ROOT =
            FIELDS.bytes("root", 32, "the root tree, a block_pointer");
    private static final Layout.U8Field ROOT_LEVEL =
            FIELDS.u8("root_level", "level of the root tree's root");
    private static final Layout.U8Field METADATA_COPIES = FIELDS.u8("metadata_copies", "1 or 2");
    private static final Layout.U8Field SEALED =
            FIELDS.u8("sealed", "1 when all was flushed before, else 0");
    private static final Layout.ReservedField RESERVED_1 = FIELDS.reserved(1);
    private static final Layout.U32Field RUN_COUNT =
            FIELDS.u32("run_count", "runs that this state rests on");
    private static final Layout.U64Field NEXT_TREE_ID =
            FIELDS.u64("next_tree_id", "lowest tree id never used");
    private static final Layout.U64Field DATA_BLOCKS =
            FIELDS.u64("data_blocks", "blocks of file data");
    private static final Layout.U64Field METADATA_BLOCKS =
            FIELDS.u64("metadata_blocks", "blocks of nodes and superblock areas");
    private static final Layout.U64Field SECOND_AREA =
            FIELDS.u64(
                    "second_area",
                    "first block of the second area in an image that was resized, else 0");
    private static final Layout.ReservedField RESERVED_2 = FIELDS.reserved(248);
    private static final Layout.BytesField RUNS =
            FIELDS.bytes(
                    "runs",
                    Superblock.MAX_RUNS * Run.LAYOUT.sizeBytes(),
                    "run_count runs, then zeros");
    private static final Layout.ReservedField RESERVED_3 = FIELDS.reserved(64);
    private static final Layout.U64Field CHECKSUM =
            FIELDS.u64("checksum", "CRC32C and CRC32 of all before");
    public static final Layout LAYOUT = FIELDS.size(Blocks.SIZE);

    public static final long MAGIC_VALUE = 0x31307366776f63L;
    public static final int FORMAT_VERSION = 1;
    public static final int MAX_RUNS = 148;
    public static final int MAX_LABEL_BYTES = 64;

    /// The most blocks that an unsealed superblock rests on, 16 MiB, so that recovery stays quick
    /// whatever an image says.
    public static final int MAX_RUN_BLOCKS = 4096;

    /// Feature bits by what an implementation that does not know one may still do.
    ///
    /// A bit is set by the commit of the first thing that needs it, and stays.
    public record Features(long compat, long roCompat, long incompat) {
        public static final Features NONE = new Features(0, 0, 0);

        /// There may be compressed extents.
        public static final Features COMPRESSION = new Features(0, 0, 1);

        /// Subvolumes may say since when their tree was only changed, and have bookmarks.
        public static final Features LINES = new Features(0, 0, 2);

        /// The second superblock area may lie elsewhere than in the middle.
        public static final Features RESIZED = new Features(0, 0, 4);

        /// The bits that this cowfs knows.
        public static final Features KNOWN = COMPRESSION.and(LINES).and(RESIZED);

        /// The features of both.
        public Features and(Features other) {
            return new Features(
                    compat | other.compat, roCompat | other.roCompat, incompat | other.incompat);
        }

        /// Whether it has all of the others.
        public boolean includes(Features others) {
            return and(others).equals(this);
        }

        /// Whether all is known that a reader must know.
        boolean isReadable() {
            return (incompat & ~KNOWN.incompat) == 0;
        }

        /// Whether all is known that a writer must know.
        public boolean isWritable() {
            return isReadable() && (roCompat & ~KNOWN.roCompat) == 0;
        }
    }

    /// Consecutive blocks that were written together with an unsealed superblock.
    ///
    /// @param address first block
    /// @param copyAddress first block of a byte-identical second copy, or 0; one of the two must
    ///   verify
    /// @param checksum the blocks' CRC32Cs, folded in order with {@link Checksum#extendRun}
    public record Run(long address, long copyAddress, int blockCount, int checksum) {
        private static final Layout.Builder FIELDS = Layout.of("run");
        private static final Layout.U64Field ADDRESS = FIELDS.u64("address", "first block");
        private static final Layout.U64Field COPY_ADDRESS =
                FIELDS.u64("copy_address", "first block of the second copy, or 0");
        private static final Layout.U32Field BLOCK_COUNT =
                FIELDS.u32("block_count", "blocks of the run");
        private static final Layout.U32Field CHECKSUM =
                FIELDS.u32(
                        "checksum",
                        "CRC32C of the previous fold and the block's CRC32C, block by block");
        public static final Layout LAYOUT = FIELDS.size(24);
    }

    /// The superblock of a later state of the same image.
    ///
    /// @param newRuns what it rests on; null for a sealed one
    public Superblock next(
            long newTxg,
            BlockPointer newRoot,
            int newRootLevel,
            long newNextTreeId,
            long newDataBlocks,
            long newMetadataBlocks,
            @Nullable List<Run> newRuns) {
        return new Superblock(
                features,
                uuid,
                label,
                deviceBlocks,
                secondArea,
                nodeBytes,
                metadataCopies,
                nameSeed,
                newTxg,
                newRoot,
                newRootLevel,
                newNextTreeId,
                newDataBlocks,
                newMetadataBlocks,
                newRuns == null,
                newRuns == null ? List.of() : List.copyOf(newRuns));
    }

    /// The same state, with more features.
    public Superblock with(Features more) {
        return with(features.and(more), deviceBlocks, secondArea);
    }

    /// The same state of an image of another size. Both superblock areas stay where they are: so
    /// there is no moment at which only one of them is good.
    public Superblock resized(long newDeviceBlocks) {
        return with(features.and(Features.RESIZED), newDeviceBlocks, areaStart(1));
    }

    private Superblock with(Features newFeatures, long newDeviceBlocks, long newSecondArea) {
        return new Superblock(
                newFeatures,
                uuid,
                label,
                newDeviceBlocks,
                newSecondArea,
                nodeBytes,
                metadataCopies,
                nameSeed,
                txg,
                root,
                rootLevel,
                nextTreeId,
                dataBlocks,
                metadataBlocks,
                sealed,
                runs);
    }

    /// The same state under a later number, sealed.
    public Superblock sealedAs(long newTxg) {
        return next(newTxg, root, rootLevel, nextTreeId, dataBlocks, metadataBlocks, null);
    }

    /// The first block of an area.
    public long areaStart(int area) {
        return area == 1 && secondArea != 0 ? secondArea : SuperblockArea.start(area, deviceBlocks);
    }

    /// The block that holds the superblock of a transaction group in an area.
    public long slot(int area, long ofTxg) {
        return areaStart(area) + ofTxg % SuperblockArea.SLOTS;
    }

    /// Whether another superblock is one of the same image, of an earlier or later state.
    public boolean isOfSameImage(Superblock other) {
        return other.uuid.equals(uuid)
                && other.nameSeed.equals(nameSeed)
                && other.nodeBytes == nodeBytes
                && other.metadataCopies == metadataCopies
                && other.areaStart(1) == areaStart(1);
    }

    /// The block as it goes to the device.
    public byte[] toBytes() {
        byte[] b = new byte[Blocks.SIZE];
        MAGIC.set(b, 0, MAGIC_VALUE);
        VERSION.set(b, 0, FORMAT_VERSION);
        NODE_BYTES.set(b, 0, nodeBytes);
        COMPAT.set(b, 0, features.compat);
        RO_COMPAT.set(b, 0, features.roCompat);
        INCOMPAT.set(b, 0, features.incompat);
        UUID_HIGH.set(b, 0, uuid.getMostSignificantBits());
        UUID_LOW.set(b, 0, uuid.getLeastSignificantBits());
        NAME_SEED_HIGH.set(b, 0, nameSeed.getMostSignificantBits());
        NAME_SEED_LOW.set(b, 0, nameSeed.getLeastSignificantBits());
        LABEL.set(b, 0, Arrays.copyOf(label.getBytes(StandardCharsets.UTF_8), MAX_LABEL_BYTES));
        DEVICE_BLOCKS.set(b, 0, deviceBlocks);
        SECOND_AREA.set(b, 0, secondArea);
        TXG.set(b, 0, txg);
        root.writeTo(b, ROOT.offset());
        ROOT_LEVEL.set(b, 0, rootLevel);
        METADATA_COPIES.set(b, 0, metadataCopies);
        SEALED.set(b, 0, sealed ? 1 : 0);
        RUN_COUNT.set(b, 0, runs.size());
        NEXT_TREE_ID.set(b, 0, nextTreeId);
        DATA_BLOCKS.set(b, 0, dataBlocks);
        METADATA_BLOCKS.set(b, 0, metadataBlocks);
        int at = RUNS.offset();
        for (Run run : runs) {
            Run.ADDRESS.set(b, at, run.address);
            Run.COPY_ADDRESS.set(b, at, run.copyAddress);
            Run.BLOCK_COUNT.set(b, at, run.blockCount);
            Run.CHECKSUM.set(b, at, run.checksum);
            at += Run.LAYOUT.sizeBytes();
        }
        CHECKSUM.set(b, 0, Checksum.of(b, 0, CHECKSUM.offset()));
        return b;
    }

    /// Whether a block starts like a superblock, damaged or not.
    public static boolean hasMagic(byte[] b) {
        return MAGIC.get(b, 0) == MAGIC_VALUE;
    }

    /// The txg that a block claims when it is a superblock with the right checksum, whether its
    /// fields make sense or not; -1 for anything else.
    public static long intactTxg(byte[] b) {
        boolean intact = hasMagic(b) && CHECKSUM.get(b, 0) == Checksum.of(b, 0, CHECKSUM.offset());
        return intact ? TXG.get(b, 0) : -1;
    }

    /// Whether a block is blank, as slots are that were never written.
    public static boolean isBlank(byte[] b) {
        for (byte each : b) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    /// Decodes and validates a superblock.
    ///
    /// @param where its place, for messages
    /// @throws CorruptException when the bytes are damaged
    /// @throws ImageException of kind `TOO_NEW` when a newer version wrote it
    public static Superblock readFrom(byte[] b, String where)
            throws CorruptException, ImageException {
        if (!hasMagic(b)) {
            throw new CorruptException("superblock", where, "it has no magic");
        }
        if (CHECKSUM.get(b, 0) != Checksum.of(b, 0, CHECKSUM.offset())) {
            throw new CorruptException("superblock", where, "its checksum does not match");
        }
        Features features = new Features(COMPAT.get(b, 0), RO_COMPAT.get(b, 0), INCOMPAT.get(b, 0));
        if (VERSION.get(b, 0) != FORMAT_VERSION || !features.isReadable()) {
            throw new ImageException(
                    ErrorKind.TOO_NEW,
                    "the image has format version "
                            + VERSION.getUnsigned(b, 0)
                            + " with incompat features 0x"
                            + Long.toHexString(INCOMPAT.get(b, 0))
                            + ", this cowfs reads version "
                            + FORMAT_VERSION
                            + " with 0x"
                            + Long.toHexString(Features.KNOWN.incompat)
                            + ": use a newer cowfs");
        }
        long runCount = RUN_COUNT.getUnsigned(b, 0);
        if (runCount > MAX_RUNS) {
            throw new CorruptException(
                    "superblock",
                    where,
                    "it lists " + CountText.of(runCount, "run") + ", at most " + MAX_RUNS);
        }
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < runCount; i++) {
            int at = RUNS.offset() + i * Run.LAYOUT.sizeBytes();
            runs.add(
                    new Run(
                            Run.ADDRESS.get(b, at), Run.COPY_ADDRESS.get(b, at),
                            Run.BLOCK_COUNT.get(b, at), Run.CHECKSUM.get(b, at)));
        }
        Superblock read =
                new Superblock(
                        features,
                        new UUID(UUID_HIGH.get(b, 0), UUID_LOW.get(b, 0)),
                        labelOf(LABEL.get(b, 0)),
                        DEVICE_BLOCKS.get(b, 0),
                        SECOND_AREA.get(b, 0),
                        NODE_BYTES.get(b, 0),
                        METADATA_COPIES.get(b, 0),
                        new UUID(NAME_SEED_HIGH.get(b, 0), NAME_SEED_LOW.get(b, 0)),
                        TXG.get(b, 0),
                        BlockPointer.readFrom(b, ROOT.offset()),
                        ROOT_LEVEL.get(b, 0),
                        NEXT_TREE_ID.get(b, 0),
                        DATA_BLOCKS.get(b, 0),
                        METADATA_BLOCKS.get(b, 0),
                        SEALED.get(b, 0) == 1,
                        List.copyOf(runs));
        read.validate(where);
        boolean reserved =
                RESERVED_1.isZero(b, 0) && RESERVED_2.isZero(b, 0) && RESERVED_3.isZero(b, 0);
        if (!reserved || SEALED.get(b, 0) > 1) {
            throw new CorruptException("superblock", where, "reserved bytes are not zero");
        }
        return read;
    }

    /// Checks every field against its range; runs before a write and after a read.
    public void validate(String where) throws CorruptException {
        String problem = null;
        if (!NodePage.isValidNodeSize(nodeBytes)) {
            problem = "node size is " + nodeBytes;
        } else if (metadataCopies != 1 && metadataCopies != 2) {
            problem = "it wants " + metadataCopies + " metadata copies";
        } else if (deviceBlocks < SuperblockArea.MIN_DEVICE_BLOCKS
                || deviceBlocks > SuperblockArea.MAX_DEVICE_BLOCKS) {
            problem = "the image has " + CountText.of(deviceBlocks, "block");
        } else if (secondArea != 0 && !isPossibleArea(secondArea)) {
            problem = "its second area lies at block " + secondArea;
        } else if (txg <= 0) {
            problem = "txg is " + txg;
        } else if (rootLevel > NodePage.MAX_LEVEL) {
            problem = "the root tree has level " + rootLevel;
        } else if (root.isNone() || !isInside(root.address(), nodeBytes / Blocks.SIZE)) {
            problem = "the root tree lies at block " + root.address();
        } else if (nextTreeId < TreeId.FIRST_SUBVOLUME) {
            problem = "the next tree id is " + nextTreeId;
        } else if (runs.stream().mapToLong(Run::blockCount).sum() > MAX_RUN_BLOCKS) {
            problem = "its runs have more than " + MAX_RUN_BLOCKS + " blocks";
        } else {
            for (Run run : runs) {
                if (run.blockCount <= 0
                        || !isInside(run.address, run.blockCount)
                        || (run.copyAddress != 0 && !isInside(run.copyAddress, run.blockCount))) {
                    problem =
                            "a run of "
                                    + CountText.of(run.blockCount, "block")
                                    + " lies at block "
                                    + run.address;
                }
            }
        }
        if (problem != null) {
            throw new CorruptException("superblock", where, problem);
        }
    }

    private boolean isPossibleArea(long start) {
        return features.includes(Features.RESIZED)
                && isInside(start, SuperblockArea.SLOTS)
                && start % Blocks.PER_GROUP == 0;
    }

    private boolean isInside(long address, int blockCount) {
        return address > 0 && address <= deviceBlocks - blockCount;
    }

    private static String labelOf(byte[] padded) {
        int length = 0;
        while (length < padded.length && padded[length] != 0) {
            length++;
        }
        return new String(padded, 0, length, StandardCharsets.UTF_8);
    }
}
