package cowfs.fuse.kernel;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// A request as the kernel would send it, put together by hand: sizes are written out here, so that
/// the declarations are held against something.
final class Wire {
    private static final int HEADER_BYTES = 40;

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final int opcode;
    private final long node;

    private Wire(int opcode, long node) {
        this.opcode = opcode;
        this.node = node;
    }

    static Wire request(int opcode, long node) {
        return new Wire(opcode, node);
    }

    Wire u32(int value) {
        body.writeBytes(
                ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array());
        return this;
    }

    Wire u64(long value) {
        body.writeBytes(
                ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array());
        return this;
    }

    Wire name(String name) {
        body.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        body.write(0);
        return this;
    }

    Wire bytes(byte[] bytes) {
        body.writeBytes(bytes);
        return this;
    }

    byte[] toBytes() {
        int length = HEADER_BYTES + body.size();
        ByteBuffer all = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        all.putInt(length).putInt(opcode).putLong(77).putLong(node);
        all.putInt(10).putInt(20).putInt(30).putInt(0);
        return all.put(body.toByteArray()).array();
    }

    /// A request over a copy of bytes, in memory that is larger.
    ///
    /// @return a request that has not been taken
    static Request over(byte[] bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length + 100L, 8);
        memory.fill((byte) 0x55);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return new Request(memory, 0, memory);
    }

    Request taken() {
        byte[] bytes = toBytes();
        Request request = over(bytes);
        if (!request.takeStream(bytes.length, true)) {
            throw new AssertionError("not taken");
        }
        return request;
    }
}
