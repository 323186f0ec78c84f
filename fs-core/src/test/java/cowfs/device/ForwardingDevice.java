package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A device for tests that hands every call on to another one; who implements it says which, and
/// writes down only what it does otherwise.
public interface ForwardingDevice extends BlockDevice {
    /// The device that gets the calls.
    BlockDevice target();

    @Override
    default long sizeBytes() {
        return target().sizeBytes();
    }

    @Override
    default void read(long position, ByteBuffer into) throws IOException {
        target().read(position, into);
    }

    @Override
    default void write(long position, ByteBuffer source) throws IOException {
        target().write(position, source);
    }

    @Override
    default void resizeTo(long newSizeBytes) throws IOException {
        target().resizeTo(newSizeBytes);
    }

    @Override
    default void flush() throws IOException {
        target().flush();
    }

    @Override
    default void forgetCached(long position, long lengthBytes) throws IOException {
        target().forgetCached(position, lengthBytes);
    }

    @Override
    default boolean isSparse(long position, long lengthBytes) throws IOException {
        return target().isSparse(position, lengthBytes);
    }

    @Override
    default void discard(long position, long lengthBytes) throws IOException {
        target().discard(position, lengthBytes);
    }

    @Override
    default void close() throws IOException {
        target().close();
    }
}
