package cowfs.device;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A device in a file or on a block device of the host.
///
/// Open for writing it holds the file's exclusive lock: a second opener for writing, wherever it
/// is, gets a {@link DeviceBusyException}. Readers take no lock and exclude nobody.
///
/// - **Flush** makes content and size durable. Once a flush has failed every later one fails as
///   well: the host drops what it could not write and reports that once, so a flush that succeeded
///   afterwards would say nothing about the bytes that are lost.
/// - **Discard** punches holes of whole 4096-byte blocks, rounded inwards. A host that can't is
///   asked once.
/// - **Interrupts** don't harm: the JDK closes a channel when a thread is interrupted in it, for
///   all threads; the device then opens the same file again, repeats the transfer (each is
///   idempotent) and leaves the thread's interrupt flag set. The lock is not held through that
///   channel. What {@link PortableFile} can't promise on hosts other than Linux is written there.
///
/// Thread safe. Transfers run in parallel; flushes one after the other, because two at once would
/// share one report of a failure.
public final class FileDevice implements BlockDevice {
    private static final int DISCARD_BLOCK_BYTES = 4096;

    /// The JDK copies a heap buffer through a direct one that it keeps for each thread, as large as
    /// the largest transfer so far: larger transfers go in pieces.
    private static final int HEAP_TRANSFER_BYTES = 1 << 20;

    private final String name;
    private final HostFile host;
    private final boolean writable;
    private volatile long sizeBytes;
    private final EarlyWriteback writeback = new EarlyWriteback(this::startWriteback);
    private final Object channelLock = new Object();
    private final Object flushLock = new Object();
    private volatile FileChannel channel;
    private volatile boolean closed;
    private volatile boolean canPunch = true;
    private @Nullable IOException flushFailure;

    /// Takes over `host`, which is closed with the device, also when this constructor throws.
    FileDevice(String name, HostFile host, boolean writable) throws IOException {
        this.name = name;
        this.host = host;
        this.writable = writable;
        try {
            if (writable) {
                // A daemon that was killed may have left writes in the host's memory only.
                host.flush();
            }
            channel = host.openChannel();
            sizeBytes = channel.size(); // of a block device too
        } catch (IOException e) {
            host.close();
            throw e;
        }
    }

    /// Opens an existing file or block device; for writing, flushes what earlier openers left
    /// unflushed.
    ///
    /// @throws DeviceBusyException when `writable` and another opener has it open for writing
    /// @throws DeviceReadOnlyException when `writable` and it can't be written
    /// @throws java.nio.file.FileSystemException when it does not exist, may not be opened, or is
    ///   something else than a regular file or block device
    public static FileDevice open(Path path, boolean writable) throws IOException {
        return new FileDevice(path.toString(), HostFile.open(path, writable), writable);
    }

    /// Creates a sparse file and opens it for writing. The file and its size are durable on return.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException when the name is taken; nothing is changed
    ///   then
    public static FileDevice create(Path path, long sizeBytes) throws IOException {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("size " + sizeBytes);
        }
        Files.createFile(path);
        boolean created = false;
        try {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(sizeBytes);
            }
            HostFile host = HostFile.open(path, true);
            FileDevice device = new FileDevice(path.toString(), host, true);
            try {
                host.flushName();
            } catch (IOException e) {
                device.close();
                throw e;
            }
            created = true;
            return device;
        } finally {
            if (!created) {
                Files.deleteIfExists(path);
            }
        }
    }

    /// Opens an existing regular file for writing and makes it a sparse one of zeros. The file
    /// itself stays, with its owner, its mode and all its names. What it holds is shown once more
    /// to `last`, behind the lock.
    ///
    /// @throws DeviceBusyException when another opener has it open for writing; nothing is changed
    ///   then
    public static FileDevice overwrite(Path path, long sizeBytes, LastUse last) throws IOException {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("size " + sizeBytes);
        }
        FileDevice old = new FileDevice(path.toString(), HostFile.open(path, true), true);
        try {
            last.use(old);
            old.channel.truncate(0);
            old.channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
            old.flush();
            old.channel.close();
            // the same lock: nobody gets in between
            return new FileDevice(path.toString(), old.host, true);
        } catch (IOException | RuntimeException e) {
            old.close();
            throw e;
        }
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        checkOpen();
        DeviceRange.check(name, position, target.remaining(), sizeBytes);
        transfer("read", FileChannel::read, position, target);
    }

    @Override
    public void write(long position, ByteBuffer source) throws IOException {
        checkWritable();
        int lengthBytes = source.remaining();
        DeviceRange.check(name, position, lengthBytes, sizeBytes);
        transfer("write", FileChannel::write, position, source);
        writeback.wrote(lengthBytes);
    }

    /// A regular file gets the size. A block device has the one that it has: it must be large
    /// enough, and may be larger.
    @Override
    public void resizeTo(long newSizeBytes) throws IOException {
        checkWritable();
        // through a channel of its own, which no interrupted transfer closes
        boolean interrupted = Thread.interrupted();
        try (FileChannel resized = host.openChannel()) {
            long has = resized.size();
            if (host.isFixed() && newSizeBytes > has) {
                throw new IOException(
                        name + " has only " + has + " bytes: make the block device larger first");
            }
            if (!host.isFixed() && newSizeBytes > has) {
                resized.write(ByteBuffer.allocate(1), newSizeBytes - 1);
            } else if (!host.isFixed()) {
                resized.truncate(newSizeBytes);
            }
            sizeBytes = newSizeBytes;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        checkOpen();
        if (!writable) {
            return;
        }
        synchronized (flushLock) {
            if (flushFailure != null) {
                throw new IOException(
                        name + ": an earlier flush failed: " + flushFailure.getMessage(),
                        flushFailure);
            }
            try {
                host.flush();
            } catch (IOException e) {
                flushFailure = e;
                throw e;
            }
        }
    }

    @Override
    public void forgetCached(long position, long lengthBytes) throws IOException {
        checkOpen();
        DeviceRange.check(name, position, lengthBytes, sizeBytes);
        host.dropCache(position, lengthBytes);
    }

    @Override
    public boolean isSparse(long position, long lengthBytes) throws IOException {
        checkOpen();
        DeviceRange.check(name, position, lengthBytes, sizeBytes);
        return host.isSparse(position, lengthBytes);
    }

    private void startWriteback() {
        try {
            host.startWriteback();
        } catch (IOException closedMeanwhile) {
            // nothing is owed: what could not be written is reported by the next flush
        }
    }

    @Override
    public void discard(long position, long lengthBytes) throws IOException {
        checkWritable();
        DeviceRange.check(name, position, lengthBytes, sizeBytes);
        long end = Math.floorDiv(position + lengthBytes, DISCARD_BLOCK_BYTES) * DISCARD_BLOCK_BYTES;
        long start = Math.ceilDiv(position, DISCARD_BLOCK_BYTES) * DISCARD_BLOCK_BYTES;
        if (canPunch && start < end && !host.punch(start, end - start)) {
            canPunch = false;
        }
    }

    /// Closes without a flush and lets go of the lock. Calls under way fail or finish.
    @Override
    public void close() throws IOException {
        synchronized (channelLock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try (host) {
            channel.close();
        }
    }

    private void transfer(String what, Transfer call, long position, ByteBuffer buffer)
            throws IOException {
        // A flag that is set already would only close the channel.
        boolean interrupted = Thread.interrupted();
        try {
            long at = position;
            while (buffer.hasRemaining()) {
                ByteBuffer piece = buffer.slice(buffer.position(), pieceBytes(buffer));
                FileChannel current = channel;
                int count;
                try {
                    count = call.run(current, piece, at);
                } catch (ClosedChannelException _) {
                    interrupted |= Thread.interrupted();
                    replace(current);
                    continue;
                }
                if (count <= 0) {
                    throw new IOException("nothing was transferred; has the file shrunk?");
                }
                buffer.position(buffer.position() + count);
                at += count;
            }
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    name + ": " + what + " at " + position + " failed: " + e.getMessage(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static int pieceBytes(ByteBuffer buffer) {
        return buffer.isDirect()
                ? buffer.remaining()
                : Math.min(buffer.remaining(), HEAP_TRANSFER_BYTES);
    }

    private void replace(FileChannel dead) throws IOException {
        synchronized (channelLock) {
            checkOpen();
            if (channel == dead) {
                channel = host.openChannel();
            }
        }
    }

    private void checkWritable() throws IOException {
        checkOpen();
        if (!writable) {
            throw new IOException(name + ": open for reading only");
        }
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /// Told of a device before its content goes.
    @FunctionalInterface
    public interface LastUse {
        void use(BlockDevice device) throws IOException;
    }

    @FunctionalInterface
    private interface Transfer {
        int run(FileChannel channel, ByteBuffer piece, long position) throws IOException;
    }
}
