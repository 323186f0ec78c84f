package cowfs.fuse.jnr;

import cowfs.file.SetIdBits;
import cowfs.fuse.operation.Opening;

/// The fields of `struct fuse_file_info` that are used here, on 64-bit Linux: `int flags`,
/// `unsigned long fh_old`, `int writepage`, the one-bit fields, `uint64_t fh`, `uint64_t
/// lock_owner`. (jnr-fuse's class declares the one-bit fields as bytes.)
final class FileInfo {
    private static final int FLAGS = 0;
    private static final int BITS = 20;
    private static final int KEEP_CACHE = 1 << 1;

    private static final int ACCESS_MASK = 3;
    private static final int READ_ONLY = 0;
    private static final int TRUNCATE = 01000;
    private static final int EXCLUSIVE = 0200;
    private static final int APPEND = 02000;

    private FileInfo() {}

    /// Whether the file is opened for writing, or for writing and reading.
    static boolean forWriting(long fileInfo) {
        return (NativeMemory.getInt(fileInfo + FLAGS) & ACCESS_MASK) != READ_ONLY;
    }

    /// How the file is opened. The kernel itself sees to its set-id bits.
    static Opening opening(long fileInfo) {
        int flags = NativeMemory.getInt(fileInfo + FLAGS);
        return new Opening(
                forWriting(fileInfo),
                (flags & APPEND) != 0,
                (flags & TRUNCATE) != 0,
                SetIdBits.KEEP);
    }

    /// `O_EXCL`.
    static boolean mustBeNew(long fileInfo) {
        return (NativeMemory.getInt(fileInfo + FLAGS) & EXCLUSIVE) != 0;
    }

    /// Lets the kernel keep the pages that it has: nothing but this mount writes to the file.
    static void keepCache(long fileInfo) {
        NativeMemory.putInt(fileInfo + BITS, NativeMemory.getInt(fileInfo + BITS) | KEEP_CACHE);
    }
}
