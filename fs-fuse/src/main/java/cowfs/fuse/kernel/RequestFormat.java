package cowfs.fuse.kernel;

import cowfs.fuse.kernel.Fields.U32;
import cowfs.fuse.kernel.Fields.U64;

/// The structures that the kernel sends, each declared once. Fields that nobody reads are skipped.
///
/// The reference is `fuse_kernel.h`, protocol 7.31 to 7.45.
final class RequestFormat {
    private RequestFormat() {}

    /// In front of every request.
    static final class Header {
        private static final Fields F = Fields.of("fuse_in_header");
        static final U32 LENGTH = F.u32();
        static final U32 OPCODE = F.u32();
        static final U64 UNIQUE = F.u64();
        static final U64 NODE = F.u64();
        static final U32 UID = F.u32();
        static final U32 GID = F.u32();
        static final U32 THREAD = F.u32();
        static final int BYTES = F.gap(4).size(40);

        private Header() {}
    }

    /// `fuse_init_in`, up to what every kernel sends; {@link #FLAGS_HIGH} only with INIT_EXT.
    static final class Init {
        private static final Fields F = Fields.of("fuse_init_in");
        static final U32 MAJOR = F.u32();
        static final U32 MINOR = F.u32();
        static final U32 MAX_READAHEAD = F.u32();
        static final U32 FLAGS = F.u32();
        static final int SHORT_BYTES = 16;
        static final U32 FLAGS_HIGH = F.u32();
        static final int BYTES = F.gap(44).size(64);

        private Init() {}
    }

    /// `fuse_forget_in`.
    static final class Forget {
        private static final Fields F = Fields.of("fuse_forget_in");
        static final U64 LOOKUPS = F.u64();
        static final int BYTES = F.size(8);

        private Forget() {}
    }

    /// `fuse_batch_forget_in`, before that many of {@link ForgetOne}.
    static final class BatchForget {
        private static final Fields F = Fields.of("fuse_batch_forget_in");
        static final U32 COUNT = F.u32();
        static final int BYTES = F.gap(4).size(8);

        private BatchForget() {}
    }

    /// `fuse_forget_one`.
    static final class ForgetOne {
        private static final Fields F = Fields.of("fuse_forget_one");
        static final U64 NODE = F.u64();
        static final U64 LOOKUPS = F.u64();
        static final int BYTES = F.size(16);

        private ForgetOne() {}
    }

    /// `fuse_getattr_in`: what handle the caller has does not matter here.
    static final class GetAttributes {
        private static final Fields F = Fields.of("fuse_getattr_in");
        static final int BYTES = F.gap(16).size(16);

        private GetAttributes() {}
    }

    /// `fuse_statx_in`.
    static final class Statx {
        private static final Fields F = Fields.of("fuse_statx_in");
        static final U32 MASK = F.gap(20).u32();
        static final int BYTES = F.size(24);

        private Statx() {}
    }

    /// `fuse_setattr_in`.
    static final class SetAttributes {
        private static final Fields F = Fields.of("fuse_setattr_in");
        static final U32 WHICH = F.u32();
        static final U64 HANDLE = F.gap(4).u64();
        static final U64 SIZE = F.u64();
        static final U64 ACCESSED = F.gap(8).u64();
        static final U64 MODIFIED = F.u64();
        static final U64 CHANGED = F.u64();
        static final U32 ACCESSED_NANOS = F.u32();
        static final U32 MODIFIED_NANOS = F.u32();
        static final U32 CHANGED_NANOS = F.u32();
        static final U32 MODE = F.u32();
        static final U32 UID = F.gap(4).u32();
        static final U32 GID = F.u32();
        static final int BYTES = F.gap(4).size(88);

        private SetAttributes() {}
    }

    /// `fuse_mknod_in`, before the name.
    static final class MakeNode {
        private static final Fields F = Fields.of("fuse_mknod_in");
        static final U32 MODE = F.u32();
        static final U32 DEVICE = F.u32();
        static final U32 UMASK = F.u32();
        static final int BYTES = F.gap(4).size(16);

        private MakeNode() {}
    }

    /// `fuse_mkdir_in`, before the name.
    static final class MakeDirectory {
        private static final Fields F = Fields.of("fuse_mkdir_in");
        static final U32 MODE = F.u32();
        static final U32 UMASK = F.u32();
        static final int BYTES = F.size(8);

        private MakeDirectory() {}
    }

    /// `fuse_rename_in`, before both names.
    static final class Rename {
        private static final Fields F = Fields.of("fuse_rename_in");
        static final U64 NEW_PARENT = F.u64();
        static final int BYTES = F.size(8);

        private Rename() {}
    }

    /// `fuse_rename2_in`, before both names.
    static final class RenameWithFlags {
        private static final Fields F = Fields.of("fuse_rename2_in");
        static final U64 NEW_PARENT = F.u64();
        static final U32 FLAGS = F.u32();
        static final int BYTES = F.gap(4).size(16);

        private RenameWithFlags() {}
    }

    /// `fuse_link_in`, before the name.
    static final class Link {
        private static final Fields F = Fields.of("fuse_link_in");
        static final U64 NODE = F.u64();
        static final int BYTES = F.size(8);

        private Link() {}
    }

    /// `fuse_open_in`.
    static final class Open {
        private static final Fields F = Fields.of("fuse_open_in");
        static final U32 FLAGS = F.u32();
        static final U32 OPEN_FLAGS = F.u32();
        static final int BYTES = F.size(8);

        private Open() {}
    }

    /// `fuse_create_in`, before the name; also for a file without one.
    static final class Create {
        private static final Fields F = Fields.of("fuse_create_in");
        static final U32 FLAGS = F.u32();
        static final U32 MODE = F.u32();
        static final U32 UMASK = F.u32();
        static final U32 OPEN_FLAGS = F.u32();
        static final int BYTES = F.size(16);

        private Create() {}
    }

    /// `fuse_release_in`.
    static final class Release {
        private static final Fields F = Fields.of("fuse_release_in");
        static final U32 FLAGS = F.gap(8).u32();
        static final int BYTES = F.gap(12).size(24);

        private Release() {}
    }

    /// `fuse_flush_in`.
    static final class Flush {
        private static final Fields F = Fields.of("fuse_flush_in");
        static final int BYTES = F.gap(24).size(24);

        private Flush() {}
    }

    /// `fuse_read_in`; also for directories.
    static final class Read {
        private static final Fields F = Fields.of("fuse_read_in");
        static final U64 HANDLE = F.u64();
        static final U64 OFFSET = F.u64();
        static final U32 SIZE = F.u32();
        static final int BYTES = F.gap(20).size(40);

        private Read() {}
    }

    /// `fuse_write_in`, before the data.
    static final class Write {
        private static final Fields F = Fields.of("fuse_write_in");
        static final U64 HANDLE = F.u64();
        static final U64 OFFSET = F.u64();
        static final U32 SIZE = F.u32();
        static final U32 WRITE_FLAGS = F.u32();
        static final int BYTES = F.gap(16).size(40);

        private Write() {}
    }

    /// `fuse_fsync_in`; also for directories.
    static final class Sync {
        private static final Fields F = Fields.of("fuse_fsync_in");
        static final U64 HANDLE = F.u64();
        static final U32 FLAGS = F.u32();
        static final int BYTES = F.gap(4).size(16);

        private Sync() {}
    }

    /// `fuse_syncfs_in`.
    static final class SyncFilesystem {
        private static final Fields F = Fields.of("fuse_syncfs_in");
        static final int BYTES = F.gap(8).size(8);

        private SyncFilesystem() {}
    }

    /// `fuse_setxattr_in`, before the name and the value; {@link #EXTENDED_FLAGS} only with
    /// SETXATTR_EXT.
    static final class SetXattr {
        private static final Fields F = Fields.of("fuse_setxattr_in");
        static final U32 SIZE = F.u32();
        static final U32 FLAGS = F.u32();
        static final int SHORT_BYTES = 8;
        static final U32 EXTENDED_FLAGS = F.u32();
        static final int BYTES = F.gap(4).size(16);

        private SetXattr() {}
    }

    /// `fuse_getxattr_in`, before the name; without one for the list of names.
    static final class GetXattr {
        private static final Fields F = Fields.of("fuse_getxattr_in");
        static final U32 SIZE = F.u32();
        static final int BYTES = F.gap(4).size(8);

        private GetXattr() {}
    }

    /// `fuse_interrupt_in`.
    static final class Interrupt {
        private static final Fields F = Fields.of("fuse_interrupt_in");
        static final int BYTES = F.gap(8).size(8);

        private Interrupt() {}
    }

    /// `fuse_ioctl_in`, before the bytes that go in.
    static final class Ioctl {
        private static final Fields F = Fields.of("fuse_ioctl_in");
        static final U32 COMMAND = F.gap(12).u32();
        static final U32 OUT_SIZE = F.gap(12).u32();
        static final int BYTES = F.size(32);

        private Ioctl() {}
    }

    /// `fuse_fallocate_in`.
    static final class Allocate {
        private static final Fields F = Fields.of("fuse_fallocate_in");
        static final U64 HANDLE = F.u64();
        static final U64 OFFSET = F.u64();
        static final U64 LENGTH = F.u64();
        static final U32 MODE = F.u32();
        static final int BYTES = F.gap(4).size(32);

        private Allocate() {}
    }

    /// `fuse_lseek_in`.
    static final class Seek {
        private static final Fields F = Fields.of("fuse_lseek_in");
        static final U64 HANDLE = F.u64();
        static final U64 OFFSET = F.u64();
        static final U32 WHENCE = F.u32();
        static final int BYTES = F.gap(4).size(24);

        private Seek() {}
    }

    /// `fuse_copy_file_range_in`.
    static final class CopyRange {
        private static final Fields F = Fields.of("fuse_copy_file_range_in");
        static final U64 HANDLE_IN = F.u64();
        static final U64 OFFSET_IN = F.u64();
        static final U64 NODE_OUT = F.u64();
        static final U64 HANDLE_OUT = F.u64();
        static final U64 OFFSET_OUT = F.u64();
        static final U64 LENGTH = F.u64();
        static final int BYTES = F.gap(8).size(56);

        private CopyRange() {}
    }
}
