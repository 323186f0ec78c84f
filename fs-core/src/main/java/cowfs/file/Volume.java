package cowfs.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The files of one subvolume or snapshot, by inode number: what a FUSE transport serves.
///
/// Names are raw bytes, 1 to 255 of them, without `/` and NUL; `.` and `..` are not stored and not
/// looked up by {@link #lookup} (the kernel resolves them), but {@link #readDirectory} reports
/// them. Permissions are not checked here: mounts use `default_permissions`.
///
/// Each call is atomic towards all others and towards a crash, except that a `write` longer than 1
/// MiB and a `setAttributes` that cuts off more than a bounded number of extents may be seen, after
/// a crash, done in part from one end. A snapshot's volume refuses changes with `READ_ONLY`.
///
/// Thread safe. Failures are `CowException`s, or a plain `IOException` from the device.
public interface Volume extends ReadableVolume {
    /// The inode number of the root directory.
    long ROOT_INODE = 1;

    /// The largest size of a file: 2^63 less 4096, the last whole block that a signed offset
    /// reaches.
    long MAX_FILE_BYTES = Long.MAX_VALUE - 4095;

    /// The longest name in bytes.
    int MAX_NAME_BYTES = 255;

    /// The longest symlink target in bytes.
    int MAX_TARGET_BYTES = 4095;

    /// The longest value of an extended attribute in bytes.
    int MAX_XATTR_BYTES = 65536;

    boolean readOnly();

    /// Changes attributes and returns them as they are then.
    ///
    /// @throws IOException `NOT_PERMITTED` when a flag of the inode forbids it, see {@link
    ///   InodeFlags}; `INVALID` for flags that there are not
    Attributes setAttributes(long inode, AttributeChange change) throws IOException;

    /// Makes a regular file, directory, fifo, socket or device node and returns its attributes.
    Attributes create(long directory, byte[] name, NewInode start) throws IOException;

    /// Makes a regular file without a name, as `O_TMPFILE` does, and takes a hold of it. It can get
    /// a name by {@link #link}, once, while it is held; without one it is gone with its last hold,
    /// or at the latest when the image is opened next.
    ///
    /// @param directory where it would be, whose group and access lists it inherits
    Attributes createUnlinked(long directory, NewInode start) throws IOException;

    /// Makes a symlink. Its mode is 0777 whatever `start` says.
    Attributes symlink(long directory, byte[] name, byte[] target, NewInode start)
            throws IOException;

    /// Adds a name to an inode that is no directory. One that has lost its last name gets no other.
    Attributes link(long inode, long directory, byte[] name) throws IOException;

    /// Removes a name. The inode goes with its last name, or, while it is held, with its last hold.
    void unlink(long directory, byte[] name) throws IOException;

    /// Removes an empty directory.
    void removeDirectory(long directory, byte[] name) throws IOException;

    /// Moves a name. What it replaces must be a directory exactly if the source is one, and empty.
    ///
    /// @throws IOException `INVALID` when a directory would come below itself
    void rename(long directory, byte[] name, long newDirectory, byte[] newName, RenameMode mode)
            throws IOException;

    /// Moves a name and leaves a whiteout in its old place, as `RENAME_WHITEOUT` does: a character
    /// device 0/0, by which an overlay filesystem hides what lies below. One operation.
    ///
    /// @param mode `REPLACE` or `NO_REPLACE`
    /// @param uid owner of the whiteout, with `gid`
    void renameLeavingWhiteout(
            long directory,
            byte[] name,
            long newDirectory,
            byte[] newName,
            RenameMode mode,
            int uid,
            int gid)
            throws IOException;

    /// Writes all of `source` at `offset`.
    ///
    /// Every change of a file's content, also by `allocate`, `copyRange` and a change of its size,
    /// takes its capabilities away (`security.capability`), and its set-id bits when `bits` says
    /// so, in the same step.
    void write(long inode, long offset, ByteBuffer source, SetIdBits bits) throws IOException;

    /// The same; the set-id bits stay.
    default void write(long inode, long offset, ByteBuffer source) throws IOException {
        write(inode, offset, source, SetIdBits.KEEP);
    }

    /// Allocates, zeroes or frees a range.
    void allocate(long inode, AllocateMode mode, long offset, long lengthBytes, SetIdBits bits)
            throws IOException;

    /// The same; the set-id bits stay.
    default void allocate(long inode, AllocateMode mode, long offset, long lengthBytes)
            throws IOException {
        allocate(inode, mode, offset, lengthBytes, SetIdBits.KEEP);
    }

    /// Copies a range of a file into a file of this volume, as `copy_file_range(2)` does, up to the
    /// end of the source. Whole blocks at equal positions within their blocks are shared and not
    /// copied: holes stay holes, and unwritten ranges unwritten. The file grows as needed.
    ///
    /// The source may have been changed a moment ago and need not be committed. The copy is one
    /// change when source and target range have few pieces and no more than 1 MiB has to be copied
    /// as bytes; otherwise it goes in steps from its beginning on, each of which is whole. No space
    /// for a later step means that fewer bytes than asked for are copied.
    ///
    /// @param source this volume, or a snapshot of the same pool
    /// @return how many bytes; 0 at and past the end of the source
    /// @throws IOException `INVALID` when the ranges overlap in one file; `UNSUPPORTED` when the
    ///   source is another volume that can change
    long copyRange(
            Volume source,
            long sourceInode,
            long sourceOffset,
            long inode,
            long offset,
            long lengthBytes,
            SetIdBits bits)
            throws IOException;

    /// Gives a file the length and the content of another by sharing it, as `FICLONE` does. What it
    /// held before is gone. In steps like {@link #copyRange}: after a crash the file may have been
    /// cloned in part, from its beginning.
    ///
    /// @throws IOException as {@link #copyRange}; `NO_SPACE` when it could not be cloned to the end
    void cloneFile(Volume source, long sourceInode, long inode, SetIdBits bits) throws IOException;

    /// Sets an extended attribute.
    ///
    /// `system.posix_acl_access` and `system.posix_acl_default` hold POSIX access control lists in
    /// the form that Linux passes: a list sets the permissions of the mode, a mode that is set
    /// changes the list, new inodes inherit, and a list that says no more than a mode is not kept.
    /// Whether they allow an access is for the kernel to say. Other `system.` names are refused.
    ///
    /// @param bits with `CLEAR` an access list takes the set-group-id bit away, as
    ///   `FUSE_SETXATTR_ACL_KILL_SGID` asks for
    /// @throws IOException `EXISTS`, `NO_ATTRIBUTE`, `ATTRIBUTE_TOO_LARGE`, `UNSUPPORTED`;
    ///   `INVALID` for what is no access control list
    void setXattr(long inode, byte[] name, byte[] value, XattrMode mode, SetIdBits bits)
            throws IOException;

    /// The same; the set-group-id bit stays.
    default void setXattr(long inode, byte[] name, byte[] value, XattrMode mode)
            throws IOException {
        setXattr(inode, name, value, mode, SetIdBits.KEEP);
    }

    void removeXattr(long inode, byte[] name) throws IOException;

    /// Keeps an inode, unlinked or not, until {@link #release} has been called as often. For each
    /// open file and each inode that the kernel knows.
    void hold(long inode) throws IOException;

    /// Gives back `count` holds. The last one of an unlinked inode frees it.
    void release(long inode, long count) throws IOException;

    /// Makes an inode durable with everything that was changed before the call.
    ///
    /// @param dataOnly attributes that are not needed to read the data may be left out
    void fsync(long inode, boolean dataOnly) throws IOException;

    /// Sizes for `statfs`.
    VolumeStatus status() throws IOException;

    /// Whether a rename may or must replace.
    enum RenameMode {
        REPLACE,
        NO_REPLACE,
        EXCHANGE
    }

    /// What {@link #allocate} does, after `fallocate(2)`.
    enum AllocateMode {
        /// Reserves space and lets the file grow.
        ALLOCATE,
        /// Reserves space without changing the size.
        ALLOCATE_KEEP_SIZE,
        /// Frees the range; it reads as zero; the size stays.
        PUNCH_HOLE,
        /// The range reads as zero, with space reserved; the file may grow.
        ZERO_RANGE,
        ZERO_RANGE_KEEP_SIZE
    }

    /// What {@link #seek} looks for.
    enum SeekTarget {
        DATA,
        HOLE
    }

    /// Whether {@link #setXattr} may or must replace.
    enum XattrMode {
        CREATE_OR_REPLACE,
        CREATE,
        REPLACE
    }

    /// Receives directory entries.
    @FunctionalInterface
    interface DirectoryVisitor {
        /// @param type file type bits of the entry's inode
        /// @param cookie resumes after this entry; 1 to 2^63 - 1
        /// @return false to stop; the entry then counts as not reported
        boolean entry(byte[] name, long inode, int type, long cookie) throws IOException;
    }

    /// Receives directory entries with their attributes.
    @FunctionalInterface
    interface AttributeVisitor {
        /// @param cookie resumes after this entry; 1 to 2^63 - 1
        /// @return false to stop; the entry then counts as not reported
        boolean entry(byte[] name, Attributes attributes, long cookie) throws IOException;
    }

    /// Where the volume has a quota, that bounds what its sizes say.
    ///
    /// @param blockCount of 4096 bytes each
    /// @param unusedBlockCount holds nothing, whoever may take it
    /// @param freeBlockCount of these, what new data can still take
    /// @param usedInodeCount of this volume; 0 where inodes are not counted
    /// @param freeInodeCount how many more there can be; an estimate where space alone limits them
    record VolumeStatus(
            long blockCount,
            long unusedBlockCount,
            long freeBlockCount,
            long usedInodeCount,
            long freeInodeCount) {
        /// Used and free together, as `statfs` has it.
        public long inodeCount() {
            return usedInodeCount + freeInodeCount;
        }
    }
}
