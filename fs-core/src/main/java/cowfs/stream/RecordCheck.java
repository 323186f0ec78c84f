package cowfs.stream;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.EntryName;
import cowfs.format.XattrItem;

/// Checks each record by itself, and the order of all: what a record says of the tree that it goes
/// into is held against that tree later. Not thread safe.
final class RecordCheck {
    /// Past the last byte of the largest file, in blocks.
    static final long MAX_FILE_BLOCKS = (1L << 51) - 1;

    private Position last = Position.START;
    private RecordKind lastKind = RecordKind.TRAILER;
    private boolean inSnapshot;
    private boolean started;
    private boolean ranges;
    private boolean compressed;

    /// Allows what the stream's header announces.
    void allow(StreamHeader header) {
        ranges = header.nameSeed() != null;
        compressed = header.compressed();
    }

    /// @return the kind of the record
    /// @throws RequestException `INVALID`
    RecordKind require(byte[] b, int at, int lengthBytes) throws RequestException {
        RecordKind kind = RecordKind.lookup(StreamRecord.KIND.get(b, at));
        if (kind == null
                || (kind.isOfRanges() && !ranges)
                || !StreamRecord.RESERVED.isZero(b, at)) {
            throw RecordReader.damaged(
                    "a record has the unknown kind " + StreamRecord.KIND.get(b, at));
        }
        int body = at + StreamRecord.LAYOUT.sizeBytes();
        int bodyBytes = lengthBytes - StreamRecord.LAYOUT.sizeBytes();
        long inode = StreamRecord.INODE.get(b, at);
        long offset = StreamRecord.OFFSET.get(b, at);
        requirePlace(kind, inode, offset);
        if (!isWhole(kind, offset, b, body, bodyBytes)) {
            throw RecordReader.damaged(
                    "a record of kind " + kind + " for inode " + inode + " is not valid");
        }
        return kind;
    }

    private void requirePlace(RecordKind kind, long inode, long offset) throws RequestException {
        boolean placed =
                switch (kind) {
                    case HEADER -> !started;
                    case SNAPSHOT -> started && !inSnapshot;
                    case SNAPSHOT_END -> inSnapshot;
                    case TRAILER -> started && !inSnapshot;
                    case SEAL -> started;
                    default -> inSnapshot && inode > 0;
                };
        boolean common = !kind.isOfInode() && (inode != 0 || offset != 0);
        if (!placed || common) {
            throw RecordReader.damaged("a record of kind " + kind + " has no place there");
        }
        started = true;
        if (kind == RecordKind.SNAPSHOT || kind == RecordKind.SNAPSHOT_END) {
            inSnapshot = kind == RecordKind.SNAPSHOT;
            last = Position.START;
            lastKind = kind;
        } else if (kind.isOfInode()) {
            Position here = new Position(inode, kind.itemKind(), offset);
            int order = last.compareTo(here);
            // at one place: one name goes and another comes, attributes are cleared and follow
            boolean pair =
                    order == 0
                            && (kind == RecordKind.INODE
                                    || kind == RecordKind.REF
                                    || kind == RecordKind.DIRENT
                                    || kind == RecordKind.XATTR)
                            && lastKind != kind;
            if (order > 0 || (order == 0 && !pair)) {
                throw RecordReader.damaged("the records of inode " + inode + " are out of order");
            }
            last = here;
            lastKind = kind;
        }
    }

    private boolean isWhole(RecordKind kind, long offset, byte[] b, int body, int bodyBytes)
            throws RequestException {
        return switch (kind) {
            // decoding checks them
            case HEADER, SNAPSHOT -> true;
            case INODE ->
                    bodyBytes == InodeRecord.LAYOUT.sizeBytes()
                            && offset == 0
                            && (compressed || InodeRecord.COMPRESSION.get(b, body) == 0)
                            && InodeRecord.RESERVED.isZero(b, body);
            case REMOVE_INODE, CLEAR_XATTRS, CLEAR_REFS -> bodyBytes == 0 && offset == 0;
            case REMOVE_INODES -> offset == 0 && RemovedRecord.isWhole(b, body, bodyBytes);
            case CLEAR_DIRENTS -> NameRanges.isWhole(offset, b, body, bodyBytes);
            case REF, REMOVE_REF, DIRENT, REMOVE_DIRENT -> {
                requireName(b, body, bodyBytes);
                yield true;
            }
            case XATTR -> {
                requireXattr(b, body, bodyBytes);
                yield true;
            }
            case DATA, INLINE ->
                    ContentRecord.isWhole(kind, b, body, bodyBytes)
                            && (compressed || !ContentRecord.isCompressed(b, body))
                            && isRange(offset, ContentRecord.blockCount(b, body));
            case UNWRITTEN, HOLE ->
                    isRange(kind, offset, b, body, bodyBytes)
                            && RangeRecord.SOURCE_INODE.get(b, body) == 0
                            && RangeRecord.SOURCE_OFFSET.get(b, body) == 0;
            case CLONE ->
                    isRange(kind, offset, b, body, bodyBytes)
                            && RangeRecord.SOURCE_INODE.get(b, body) > 0
                            && isRange(
                                    RangeRecord.SOURCE_OFFSET.get(b, body),
                                    RangeRecord.BLOCK_COUNT.get(b, body));
            case SNAPSHOT_END, SEAL, TRAILER -> bodyBytes == EndRecord.LAYOUT.sizeBytes();
        };
    }

    private static boolean isRange(
            RecordKind kind, long offset, byte[] b, int body, int bodyBytes) {
        if (bodyBytes != RangeRecord.LAYOUT.sizeBytes()) {
            return false;
        }
        long count = RangeRecord.BLOCK_COUNT.get(b, body);
        return isRange(offset, count)
                && (kind != RecordKind.UNWRITTEN || count <= ContentItem.MAX_UNWRITTEN_BLOCKS);
    }

    private static boolean isRange(long offset, long blockCount) {
        return offset >= 0
                && offset % Blocks.SIZE == 0
                && blockCount > 0
                && blockCount <= MAX_FILE_BLOCKS
                && (offset >>> Blocks.SHIFT) <= MAX_FILE_BLOCKS - blockCount;
    }

    private static void requireName(byte[] b, int body, int bodyBytes) throws RequestException {
        if (!NameRecord.isWhole(b, body, bodyBytes)) {
            throw RecordReader.damaged("a record of a name is not valid");
        }
        String problem =
                EntryName.check(
                        b,
                        body + NameRecord.LAYOUT.sizeBytes(),
                        NameRecord.NAME_BYTES.get(b, body));
        if (problem != null) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "the stream names a file with a name that "
                            + problem
                            + ": no cowfs made it, do not trust where it comes from");
        }
    }

    private static void requireXattr(byte[] b, int body, int bodyBytes) throws RequestException {
        if (!XattrRecord.isWhole(b, body, bodyBytes)
                || XattrRecord.VALUE_BYTES.getUnsigned(b, body) > XattrItem.MAX_VALUE_BYTES) {
            throw RecordReader.damaged("a record of an extended attribute is not valid");
        }
    }
}
