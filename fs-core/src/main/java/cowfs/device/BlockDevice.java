package cowfs.device;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A fixed-size array of bytes that survives a power cut once it has been flushed.
///
/// What the engine assumes of every implementation, and what the contract suite tests:
///
/// - a read returns the bytes of the latest write that finished before it, or zeros where nothing
///   was ever written;
/// - a write that has returned is durable only after a later {@link #flush} has returned; until
///   then a power cut may keep it, drop it, or tear it at 512-byte boundaries, in any order;
/// - a discarded range holds arbitrary bytes or zeros until it is written again;
/// - after a failed flush nothing is known about writes since the flush before it.
///
/// Positions and lengths are in bytes and need no alignment. Thread safe: any number of calls at
/// once; overlapping concurrent writes have no defined outcome.
public interface BlockDevice extends Closeable {
    /// The size in bytes; only {@link #resizeTo} changes it while the device is open.
    long sizeBytes();

    /// Gives the device another size; what is added reads as zeros, or is as good as discarded. Not
    /// durable before a flush. Nobody may use the range that goes, or has come, meanwhile.
    ///
    /// @throws IOException when it can't have that size; it has the one before, then
    default void resizeTo(long newSizeBytes) throws IOException {
        throw new IOException("a device of this kind keeps its size");
    }

    /// Fills `target` from `position` on.
    ///
    /// @throws IOException when the range lies outside the device or the device fails; the content
    ///   of `target` is then undefined
    void read(long position, ByteBuffer target) throws IOException;

    /// Writes all of `source` at `position`; never a part of it without an exception.
    ///
    /// @throws IOException when the range lies outside the device, the device is read-only or it
    ///   fails
    void write(long position, ByteBuffer source) throws IOException;

    /// Makes every write that has returned durable.
    void flush() throws IOException;

    /// Lets later reads of a range come from the medium and not from what the host remembers of it,
    /// where that is possible. What was not flushed stays. A device that has no such memory does
    /// nothing.
    default void forgetCached(long position, long lengthBytes) throws IOException {}

    /// Whether a write somewhere in a range would make the host find space for it first.
    default boolean isSparse(long position, long lengthBytes) throws IOException {
        return false;
    }

    /// Tells the device that the bytes of a range are no longer needed, so that it may give the
    /// space back. A device that can't do so does nothing.
    void discard(long position, long lengthBytes) throws IOException;
}
