package cowfs.inode;

import cowfs.compress.Algorithm;
import cowfs.compress.Compression;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.InodeFlags;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.Superblock.Features;
import cowfs.txn.Change;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An inode during one operation: a private copy of its item, which {@link #put} writes back.
///
/// Not thread safe, and good only within the tree section that loaded it.
public final class Inode {
    /// As many hard links as an inode can have.
    public static final int MAX_LINKS = Integer.MAX_VALUE;

    private static final int SETUID = 04000;
    private static final int SETGID = 02000;
    private static final int GROUP_EXECUTE = 010;

    private final long number;
    private final byte[] item;

    private Inode(long number, byte[] item) {
        this.number = number;
        this.item = item;
    }

    /// A new inode that is not in the tree yet, without links.
    public static Inode start(long number, NewInode start, long txg, Timestamp now) {
        Inode inode = new Inode(number, new byte[InodeItem.LAYOUT.sizeBytes()]);
        InodeItem.MODE.set(inode.item, 0, start.mode());
        InodeItem.UID.set(inode.item, 0, start.uid());
        InodeItem.GID.set(inode.item, 0, start.gid());
        InodeItem.DEVICE.set(inode.item, 0, start.device());
        InodeItem.GENERATION.set(inode.item, 0, txg);
        InodeItem.BORN_SECONDS.set(inode.item, 0, now.seconds());
        InodeItem.BORN_NANOS.set(inode.item, 0, now.nanos());
        inode.setAccessed(now);
        inode.contentChanged(now);
        return inode;
    }

    /// A copy of the item at `position`, already checked.
    static Inode of(long number, byte[] page, int position) {
        int end = position + InodeItem.LAYOUT.sizeBytes();
        return new Inode(number, Arrays.copyOfRange(page, position, end));
    }

    /// A new inode with the attributes of this one, without the space that it has.
    Inode copy(long newNumber, long txg, Timestamp now) {
        Inode copy = new Inode(newNumber, item.clone());
        InodeItem.GENERATION.set(copy.item, 0, txg);
        InodeItem.SECTORS.set(copy.item, 0, 0);
        InodeItem.BORN_SECONDS.set(copy.item, 0, now.seconds());
        InodeItem.BORN_NANOS.set(copy.item, 0, now.nanos());
        copy.changed(now);
        return copy;
    }

    /// Notes that it has got its first name: to all that comes later it was made with that, also
    /// where a state in between has it without.
    public void firstLinked(long txg) {
        InodeItem.GENERATION.set(item, 0, txg);
    }

    /// Writes the item: one item change.
    public void put(Change change) throws IOException {
        declareFeatures(change, item);
        change.tree().put(number, ItemKind.INODE.number(), 0, item);
    }

    /// Declares what an inode's item that is put has and not every version knows.
    public static void declareFeatures(Change change, byte[] item) {
        if (InodeItem.COMPRESSION.get(item, 0) != InodeItem.INHERITED) {
            change.needs(Features.COMPRESSION);
        }
    }

    /// Writes the item of an inode that is new: one item change.
    public void putNew(Change change) throws IOException {
        put(change);
        change.addInodes(1);
    }

    /// Removes the item of an inode: one item change.
    void remove(Change change) throws IOException {
        change.tree().remove(number, ItemKind.INODE.number(), 0);
        change.addInodes(-1);
    }

    public Attributes attributes() {
        return attributes(number, item, 0);
    }

    /// The attributes in an inode's item, checked.
    ///
    /// @param where the item's tree, for the message
    public static Attributes attributes(
            long number, byte[] page, int position, int lengthBytes, String where)
            throws CorruptException {
        String damage = InodeItem.check(page, position, lengthBytes);
        if (damage != null) {
            throw new CorruptException("inode item", where + " inode=" + number, damage);
        }
        return attributes(number, page, position);
    }

    /// Whether two items of one number are of the same file, and not of files that two clones have
    /// made under it.
    public static boolean isSameFile(byte[] page, int position, byte[] other, int otherPosition) {
        return InodeItem.GENERATION.get(page, position)
                        == InodeItem.GENERATION.get(other, otherPosition)
                && InodeItem.BORN_SECONDS.get(page, position)
                        == InodeItem.BORN_SECONDS.get(other, otherPosition)
                && InodeItem.BORN_NANOS.get(page, position)
                        == InodeItem.BORN_NANOS.get(other, otherPosition)
                && ((InodeItem.MODE.get(page, position) ^ InodeItem.MODE.get(other, otherPosition))
                                & Attributes.TYPE_MASK)
                        == 0;
    }

    static Attributes attributes(long number, byte[] page, int position) {
        return new Attributes(
                number,
                InodeItem.MODE.get(page, position),
                InodeItem.LINK_COUNT.get(page, position),
                InodeItem.UID.get(page, position),
                InodeItem.GID.get(page, position),
                InodeItem.SIZE_BYTES.get(page, position),
                InodeItem.SECTORS.get(page, position),
                InodeItem.DEVICE.get(page, position),
                new Timestamp(
                        InodeItem.ACCESSED_SECONDS.get(page, position),
                        InodeItem.ACCESSED_NANOS.get(page, position)),
                new Timestamp(
                        InodeItem.MODIFIED_SECONDS.get(page, position),
                        InodeItem.MODIFIED_NANOS.get(page, position)),
                new Timestamp(
                        InodeItem.CHANGED_SECONDS.get(page, position),
                        InodeItem.CHANGED_NANOS.get(page, position)),
                new Timestamp(
                        InodeItem.BORN_SECONDS.get(page, position),
                        InodeItem.BORN_NANOS.get(page, position)),
                InodeItem.FLAGS.get(page, position));
    }

    public long number() {
        return number;
    }

    public int mode() {
        return InodeItem.MODE.get(item, 0);
    }

    void setMode(int mode) {
        InodeItem.MODE.set(item, 0, mode);
    }

    public int type() {
        return mode() & Attributes.TYPE_MASK;
    }

    public boolean isDirectory() {
        return type() == Attributes.DIRECTORY;
    }

    public int gid() {
        return InodeItem.GID.get(item, 0);
    }

    public int linkCount() {
        return InodeItem.LINK_COUNT.get(item, 0);
    }

    public void setLinkCount(int linkCount) {
        InodeItem.LINK_COUNT.set(item, 0, linkCount);
    }

    public void addLinks(int count) {
        setLinkCount(linkCount() + count);
    }

    public long sizeBytes() {
        return InodeItem.SIZE_BYTES.get(item, 0);
    }

    public void setSizeBytes(long sizeBytes) {
        InodeItem.SIZE_BYTES.set(item, 0, sizeBytes);
    }

    public long sectors() {
        return InodeItem.SECTORS.get(item, 0);
    }

    void addSectors(long count) {
        InodeItem.SECTORS.set(item, 0, sectors() + count);
    }

    /// Counts entries of a directory in its size.
    public void addEntries(int count) {
        setSizeBytes(sizeBytes() + count);
    }

    public int flags() {
        return InodeItem.FLAGS.get(item, 0);
    }

    /// How new content is compressed, or null where the subvolume says it.
    public @Nullable Compression compression() {
        return compression(item, 0);
    }

    /// The same of an item, checked.
    static @Nullable Compression compression(byte[] page, int position) {
        return switch (InodeItem.COMPRESSION.get(page, position)) {
            case InodeItem.UNCOMPRESSED -> Compression.OFF;
            case InodeItem.LZ4 -> Compression.LZ4;
            case InodeItem.ZSTD ->
                    new Compression(
                            Algorithm.ZSTD, InodeItem.COMPRESSION_LEVEL.get(page, position));
            default -> null;
        };
    }

    /// @param how null to do as the subvolume says
    public void setCompression(@Nullable Compression how) {
        int number =
                how == null
                        ? InodeItem.INHERITED
                        : switch (how.algorithm()) {
                            case NONE -> InodeItem.UNCOMPRESSED;
                            case LZ4 -> InodeItem.LZ4;
                            case ZSTD -> InodeItem.ZSTD;
                        };
        InodeItem.COMPRESSION.set(item, 0, number);
        InodeItem.COMPRESSION_LEVEL.set(item, 0, how == null ? 0 : how.level());
    }

    /// Whether it has content that can be compressed, or can hold what has.
    public boolean isCompressible() {
        return type() == Attributes.REGULAR || isDirectory();
    }

    /// What is made in a directory compresses as that does.
    public void inheritCompression(Inode directory) {
        if (isCompressible()) {
            setCompression(directory.compression());
        }
    }

    /// Refuses for an inode that is immutable or append-only.
    ///
    /// @throws RequestException `NOT_PERMITTED`
    public void requireChangeable() throws RequestException {
        if (InodeFlags.isFixed(flags())) {
            throw fixed();
        }
    }

    /// Refuses for an inode that is immutable: a directory takes no new names.
    ///
    /// @throws RequestException `NOT_PERMITTED`
    public void requireMutable() throws RequestException {
        if ((flags() & InodeFlags.IMMUTABLE) != 0) {
            throw fixed();
        }
    }

    /// Refuses a change of attributes that the flags forbid. Of an append-only file the times may
    /// follow its content; the flags themselves can always be changed.
    ///
    /// @throws RequestException `NOT_PERMITTED`
    public void requireAllowed(AttributeChange change) throws RequestException {
        Integer flags = change.flags();
        if (flags != null && (flags & ~InodeFlags.ALL) != 0) {
            throw new RequestException(
                    ErrorKind.INVALID, "no such inode flags: " + Integer.toHexString(flags));
        }
        if (change.mode() != null
                || change.uid() != null
                || change.gid() != null
                || change.sizeBytes() != null) {
            requireChangeable();
        } else if (change.accessed() != null || change.modified() != null) {
            requireMutable();
        }
    }

    private RequestException fixed() {
        return new RequestException(
                ErrorKind.NOT_PERMITTED,
                "inode "
                        + number
                        + ((flags() & InodeFlags.IMMUTABLE) != 0
                                ? " is immutable"
                                : " is append-only")
                        + ": see chattr(1)");
    }

    /// What {@link cowfs.file.SetIdBits#CLEAR} does.
    void clearSetIdBits() {
        int gone = (mode() & GROUP_EXECUTE) != 0 ? SETUID | SETGID : SETUID;
        InodeItem.MODE.set(item, 0, mode() & ~gone);
    }

    /// Sets what `change` names but the size; the change time becomes now.
    public void apply(AttributeChange change, Timestamp now) {
        Integer mode = change.mode();
        if (mode != null) {
            InodeItem.MODE.set(item, 0, type() | (mode & 07777));
        }
        Integer uid = change.uid();
        if (uid != null) {
            InodeItem.UID.set(item, 0, uid);
        }
        Integer gid = change.gid();
        if (gid != null) {
            InodeItem.GID.set(item, 0, gid);
        }
        Timestamp accessed = change.accessed();
        if (accessed != null) {
            setAccessed(accessed);
        }
        Timestamp modified = change.modified();
        if (modified != null) {
            setModified(modified);
        }
        Integer flags = change.flags();
        if (flags != null) {
            InodeItem.FLAGS.set(item, 0, flags);
        }
        changed(now);
    }

    /// The content, or the entries of a directory, changed: so did the inode.
    public void contentChanged(Timestamp now) {
        setModified(now);
        changed(now);
    }

    /// The inode changed.
    public void changed(Timestamp now) {
        InodeItem.CHANGED_SECONDS.set(item, 0, now.seconds());
        InodeItem.CHANGED_NANOS.set(item, 0, now.nanos());
    }

    private void setModified(Timestamp time) {
        InodeItem.MODIFIED_SECONDS.set(item, 0, time.seconds());
        InodeItem.MODIFIED_NANOS.set(item, 0, time.nanos());
    }

    private void setAccessed(Timestamp time) {
        InodeItem.ACCESSED_SECONDS.set(item, 0, time.seconds());
        InodeItem.ACCESSED_NANOS.set(item, 0, time.nanos());
    }
}
