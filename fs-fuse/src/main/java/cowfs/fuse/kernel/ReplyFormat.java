package cowfs.fuse.kernel;

import cowfs.fuse.kernel.Fields.U16;
import cowfs.fuse.kernel.Fields.U32;
import cowfs.fuse.kernel.Fields.U64;

/// The structures that the kernel is sent, each declared once.
final class ReplyFormat {
    private ReplyFormat() {}

    /// In front of every reply and notice.
    static final class Header {
        private static final Fields F = Fields.of("fuse_out_header");
        static final U32 LENGTH = F.u32();
        static final U32 ERROR = F.u32();
        static final U64 UNIQUE = F.u64();
        static final int BYTES = F.size(16);

        private Header() {}
    }

    /// `fuse_init_out`.
    static final class Init {
        private static final Fields F = Fields.of("fuse_init_out");
        static final U32 MAJOR = F.u32();
        static final U32 MINOR = F.u32();
        static final U32 MAX_READAHEAD = F.u32();
        static final U32 FLAGS = F.u32();
        static final U16 MAX_BACKGROUND = F.u16();
        static final U16 CONGESTION_THRESHOLD = F.u16();
        static final U32 MAX_WRITE = F.u32();
        static final U32 TIME_GRANULARITY = F.u32();
        static final U16 MAX_PAGES = F.u16();
        static final U32 FLAGS_HIGH = F.gap(2).u32();
        static final int BYTES = F.gap(28).size(64);

        private Init() {}
    }

    /// `fuse_attr`.
    static final class Attr {
        private static final Fields F = Fields.of("fuse_attr");
        static final U64 NODE = F.u64();
        static final U64 SIZE = F.u64();
        static final U64 BLOCKS = F.u64();
        static final U64 ACCESSED = F.u64();
        static final U64 MODIFIED = F.u64();
        static final U64 CHANGED = F.u64();
        static final U32 ACCESSED_NANOS = F.u32();
        static final U32 MODIFIED_NANOS = F.u32();
        static final U32 CHANGED_NANOS = F.u32();
        static final U32 MODE = F.u32();
        static final U32 LINKS = F.u32();
        static final U32 UID = F.u32();
        static final U32 GID = F.u32();
        static final U32 DEVICE = F.u32();
        static final U32 BLOCK_SIZE = F.u32();
        static final U32 FLAGS = F.u32();
        static final int BYTES = F.size(88);

        private Attr() {}
    }

    /// `fuse_entry_out`.
    static final class Entry {
        private static final Fields F = Fields.of("fuse_entry_out");
        static final U64 NODE = F.u64();
        static final U64 GENERATION = F.u64();
        static final U64 ENTRY_SECONDS = F.u64();
        static final U64 ATTR_SECONDS = F.u64();
        static final U32 ENTRY_NANOS = F.u32();
        static final U32 ATTR_NANOS = F.u32();
        static final int ATTR = F.nested(Attr.BYTES);
        static final int BYTES = F.size(128);

        private Entry() {}
    }

    /// `fuse_attr_out`.
    static final class AttrReply {
        private static final Fields F = Fields.of("fuse_attr_out");
        static final U64 SECONDS = F.u64();
        static final U32 NANOS = F.u32();
        static final int ATTR = F.gap(4).nested(Attr.BYTES);
        static final int BYTES = F.size(104);

        private AttrReply() {}
    }

    /// `fuse_statx_out` with the `fuse_statx` in it.
    static final class Statx {
        private static final Fields F = Fields.of("fuse_statx_out");
        static final U64 SECONDS = F.u64();
        static final U32 NANOS = F.u32();
        static final U32 MASK = F.gap(20).u32();
        static final U32 BLOCK_SIZE = F.u32();
        static final U64 ATTRIBUTES = F.u64();
        static final U32 LINKS = F.u32();
        static final U32 UID = F.u32();
        static final U32 GID = F.u32();
        static final U16 MODE = F.u16();
        static final U64 NODE = F.gap(2).u64();
        static final U64 SIZE = F.u64();
        static final U64 BLOCKS = F.u64();
        static final U64 ATTRIBUTES_MASK = F.u64();
        static final Time ACCESSED = Time.in(F);
        static final Time BORN = Time.in(F);
        static final Time CHANGED = Time.in(F);
        static final Time MODIFIED = Time.in(F);
        static final U32 DEVICE_MAJOR = F.u32();
        static final U32 DEVICE_MINOR = F.u32();
        static final int BYTES = F.gap(8 + 14 * 8).size(288);

        private Statx() {}

        /// `fuse_sx_time`.
        record Time(U64 seconds, U32 nanos) {
            static Time in(Fields fields) {
                Time time = new Time(fields.u64(), fields.u32());
                fields.gap(4);
                return time;
            }
        }
    }

    /// `fuse_open_out`.
    static final class Open {
        private static final Fields F = Fields.of("fuse_open_out");
        static final U64 HANDLE = F.u64();
        static final U32 FLAGS = F.u32();
        static final U32 BACKING = F.u32();
        static final int BYTES = F.size(16);

        private Open() {}
    }

    /// `fuse_write_out`, and the same as `fuse_getxattr_out`.
    static final class Size {
        private static final Fields F = Fields.of("fuse_write_out");
        static final U32 SIZE = F.u32();
        static final U32 PADDING = F.u32();
        static final int BYTES = F.size(8);

        private Size() {}
    }

    /// `fuse_lseek_out`, and the same as `fuse_copy_file_range_out`.
    static final class Offset {
        private static final Fields F = Fields.of("fuse_lseek_out");
        static final U64 OFFSET = F.u64();
        static final int BYTES = F.size(8);

        private Offset() {}
    }

    /// `fuse_statfs_out`.
    static final class Status {
        private static final Fields F = Fields.of("fuse_statfs_out");
        static final U64 BLOCKS = F.u64();
        static final U64 FREE = F.u64();
        static final U64 AVAILABLE = F.u64();
        static final U64 FILES = F.u64();
        static final U64 FREE_FILES = F.u64();
        static final U32 BLOCK_SIZE = F.u32();
        static final U32 NAME_LENGTH = F.u32();
        static final U32 FRAGMENT_SIZE = F.u32();
        static final int BYTES = F.gap(28).size(80);

        private Status() {}
    }

    /// `fuse_ioctl_out`, before the bytes that go out.
    static final class Ioctl {
        private static final Fields F = Fields.of("fuse_ioctl_out");
        static final U32 RESULT = F.u32();
        static final U32 FLAGS = F.u32();
        static final U32 IN_VECTORS = F.u32();
        static final U32 OUT_VECTORS = F.u32();
        static final int BYTES = F.size(16);

        private Ioctl() {}
    }

    /// `fuse_dirent`, before the name.
    static final class Dirent {
        private static final Fields F = Fields.of("fuse_dirent");
        static final U64 NODE = F.u64();
        static final U64 COOKIE = F.u64();
        static final U32 NAME_LENGTH = F.u32();
        static final U32 TYPE = F.u32();
        static final int BYTES = F.size(24);

        private Dirent() {}
    }

    /// `fuse_notify_inval_inode_out`.
    static final class InvalidateInode {
        private static final Fields F = Fields.of("fuse_notify_inval_inode_out");
        static final U64 NODE = F.u64();
        static final U64 OFFSET = F.u64();
        static final U64 LENGTH = F.u64();
        static final int BYTES = F.size(24);

        private InvalidateInode() {}
    }

    /// `fuse_notify_inval_entry_out`, before the name and a NUL.
    static final class InvalidateEntry {
        private static final Fields F = Fields.of("fuse_notify_inval_entry_out");
        static final U64 PARENT = F.u64();
        static final U32 NAME_LENGTH = F.u32();
        static final U32 FLAGS = F.u32();
        static final int BYTES = F.size(16);

        private InvalidateEntry() {}
    }
}
