package cowfs.device;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// What a {@link FileDevice} needs of the host's file besides positional reads and writes: the
/// lock, the flush, the holes, and a channel that can be had again after an interrupt has closed
/// it.
///
/// An open one for writing holds the exclusive lock of its file until it is closed. Thread safe.
interface HostFile extends Closeable {
    /// @throws DeviceBusyException when another opener holds the lock of a file asked for writing
    static HostFile open(Path path, boolean writable) throws IOException {
        if (!LinuxFile.isSupported()) {
            return PortableFile.open(path, writable);
        }
        return writable ? LinuxFile.open(path) : LinuxReader.open(path);
    }

    /// A new channel to this very file, even if its name means another file by now.
    FileChannel openChannel() throws IOException;

    /// Whether its size can't be changed through it: that of a block device.
    boolean isFixed();

    /// Makes content and size durable. Must not be repeated after it has thrown: the host reports a
    /// lost write once.
    void flush() throws IOException;

    /// Lets the host begin to write to the medium what it has only taken note of. May wait while
    /// the host has much under way; makes nothing durable and reports no failed write, which is
    /// left to {@link #flush}.
    void startWriteback() throws IOException;

    /// Makes the file's entry in its directory durable.
    void flushName() throws IOException;

    /// Lets reads of a range come from the medium and not from what the host remembers of it, where
    /// that is possible.
    void dropCache(long position, long lengthBytes) throws IOException;

    /// Whether a range has a place that takes no space of the host; false where it can't be told.
    boolean isSparse(long position, long lengthBytes) throws IOException;

    /// Gives the space of a range, whole 4096-byte blocks, back to the host.
    ///
    /// @return false when the host can't do this for this file, now or later
    boolean punch(long position, long lengthBytes) throws IOException;
}
