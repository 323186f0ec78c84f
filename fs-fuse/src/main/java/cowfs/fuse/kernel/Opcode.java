package cowfs.fuse.kernel;

import org.jspecify.annotations.Nullable;

/// What the kernel asks for.
enum Opcode {
    LOOKUP(1, 0),
    FORGET(2, RequestFormat.Forget.BYTES),
    GETATTR(3, RequestFormat.GetAttributes.BYTES),
    SETATTR(4, RequestFormat.SetAttributes.BYTES),
    READLINK(5, 0),
    SYMLINK(6, 0),
    MKNOD(8, RequestFormat.MakeNode.BYTES),
    MKDIR(9, RequestFormat.MakeDirectory.BYTES),
    UNLINK(10, 0),
    RMDIR(11, 0),
    RENAME(12, RequestFormat.Rename.BYTES),
    LINK(13, RequestFormat.Link.BYTES),
    OPEN(14, RequestFormat.Open.BYTES),
    READ(15, RequestFormat.Read.BYTES),
    WRITE(16, RequestFormat.Write.BYTES),
    STATFS(17, 0),
    RELEASE(18, RequestFormat.Release.BYTES),
    FSYNC(20, RequestFormat.Sync.BYTES),
    SETXATTR(21, RequestFormat.SetXattr.BYTES),
    GETXATTR(22, RequestFormat.GetXattr.BYTES),
    LISTXATTR(23, RequestFormat.GetXattr.BYTES),
    REMOVEXATTR(24, 0),
    FLUSH(25, RequestFormat.Flush.BYTES),
    INIT(26, RequestFormat.Init.SHORT_BYTES),
    OPENDIR(27, RequestFormat.Open.BYTES),
    READDIR(28, RequestFormat.Read.BYTES),
    RELEASEDIR(29, RequestFormat.Release.BYTES),
    FSYNCDIR(30, RequestFormat.Sync.BYTES),
    GETLK(31, 0),
    SETLK(32, 0),
    SETLKW(33, 0),
    ACCESS(34, 0),
    CREATE(35, RequestFormat.Create.BYTES),
    INTERRUPT(36, RequestFormat.Interrupt.BYTES),
    BMAP(37, 0),
    DESTROY(38, 0),
    IOCTL(39, RequestFormat.Ioctl.BYTES),
    POLL(40, 0),
    NOTIFY_REPLY(41, 0),
    BATCH_FORGET(42, RequestFormat.BatchForget.BYTES),
    FALLOCATE(43, RequestFormat.Allocate.BYTES),
    READDIRPLUS(44, RequestFormat.Read.BYTES),
    RENAME2(45, RequestFormat.RenameWithFlags.BYTES),
    LSEEK(46, RequestFormat.Seek.BYTES),
    COPY_FILE_RANGE(47, RequestFormat.CopyRange.BYTES),
    SETUPMAPPING(48, 0),
    REMOVEMAPPING(49, 0),
    SYNCFS(50, RequestFormat.SyncFilesystem.BYTES),
    TMPFILE(51, RequestFormat.Create.BYTES),
    STATX(52, RequestFormat.Statx.BYTES),
    COPY_FILE_RANGE_64(53, RequestFormat.CopyRange.BYTES);

    /// All numbers are below.
    static final int NUMBER_LIMIT = 64;

    private static final @Nullable Opcode[] BY_NUMBER = new @Nullable Opcode[NUMBER_LIMIT];

    static {
        for (Opcode opcode : values()) {
            BY_NUMBER[opcode.number] = opcode;
        }
    }

    private final int number;
    private final int structureBytes;

    Opcode(int number, int structureBytes) {
        this.number = number;
        this.structureBytes = structureBytes;
    }

    int number() {
        return number;
    }

    /// The size of the structure that must follow the header; names and data come after it.
    int structureBytes() {
        return structureBytes;
    }

    /// @return null for a number that is not known
    static @Nullable Opcode lookup(int number) {
        return number >= 0 && number < NUMBER_LIMIT ? BY_NUMBER[number] : null;
    }
}
