package cowfs.fuse.jnr;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// The memory of this process by address: what libfuse hands over is read in place.
final class NativeMemory {
    @SuppressWarnings("restricted") // addresses come from libfuse, which names the length of each
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private NativeMemory() {}

    static int getInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    static void putInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    static void putLong(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    static void putDouble(long address, double value) {
        ALL.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address, value);
    }

    /// A copy of a range.
    static byte[] getBytes(long address, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, bytes, 0, lengthBytes);
        return bytes;
    }

    /// A copy of the bytes before the next NUL.
    static byte[] getName(long address) {
        long end = address;
        while (ALL.get(ValueLayout.JAVA_BYTE, end) != 0) {
            end++;
        }
        return getBytes(address, Math.toIntExact(end - address));
    }

    /// A buffer over a range itself, valid for as long as the memory is.
    static ByteBuffer view(long address, int lengthBytes) {
        return ALL.asSlice(address, lengthBytes).asByteBuffer();
    }
}
