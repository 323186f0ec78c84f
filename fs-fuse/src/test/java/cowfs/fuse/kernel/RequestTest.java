package cowfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.fuse.operation.Caller;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Requests, decoded.
final class RequestTest {
    @Test
    void theHeaderSaysWhoAsksForWhat() {
        Request request = Wire.request(1, 42).name("f").taken();
        assertEquals(Opcode.LOOKUP, request.opcode());
        assertEquals(77, request.unique());
        assertEquals(42, request.node());
        assertEquals(new Caller(10, 20), request.caller());
        assertEquals(30, request.thread());
    }

    @Test
    void namesAreTakenOneAfterTheOther() throws ErrnoException {
        Request request = Wire.request(45, 1).u64(5).u32(1).u32(0).name("old").name("new").taken();
        assertEquals(Opcode.RENAME2, request.opcode());
        assertEquals(5, request.get(RequestFormat.RenameWithFlags.NEW_PARENT));
        assertEquals(1, request.get(RequestFormat.RenameWithFlags.FLAGS));
        assertArrayEquals("old".getBytes(UTF_8), request.takeName());
        assertArrayEquals("new".getBytes(UTF_8), request.takeName());
        assertEquals(0, request.remaining());
        assertThrows(ErrnoException.class, request::takeName);
    }

    @Test
    void aNameWithoutItsEndIsRefusedThoughMemoryGoesOn() {
        Request request = Wire.request(1, 1).bytes("name".getBytes(UTF_8)).taken();
        refusesWithEio(request::takeName);
    }

    @Test
    void theDataOfAWriteIsSeenInPlace() throws ErrnoException {
        byte[] data = "0123456789".getBytes(UTF_8);
        Request request =
                Wire.request(16, 9)
                        .u64(0)
                        .u64(4096)
                        .u32(data.length)
                        .u32(4)
                        .u64(0)
                        .u32(0)
                        .u32(0)
                        .bytes(data)
                        .taken();
        assertEquals(4096, request.get(RequestFormat.Write.OFFSET));
        assertEquals(4, request.get(RequestFormat.Write.WRITE_FLAGS));
        ByteBuffer view = request.takeView(request.get(RequestFormat.Write.SIZE));
        byte[] seen = new byte[view.remaining()];
        view.get(seen);
        assertArrayEquals(data, seen);
    }

    @Test
    void aLengthBeyondTheRequestIsRefused() {
        for (int size : new int[] {11, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            Request request = Wire.request(16, 9).bytes(new byte[40]).bytes(new byte[10]).taken();
            refusesWithEio(() -> request.takeView(size));
            refusesWithEio(() -> request.takeBytes(size));
            refusesWithEio(() -> request.takePlace(size));
        }
    }

    @Test
    void aStructureThatIsCutShortIsRefused() {
        for (Opcode opcode : Opcode.values()) {
            int needed = opcode.structureBytes();
            if (needed > 0) {
                Request request =
                        Wire.request(opcode.number(), 1).bytes(new byte[needed - 1]).taken();
                refusesWithEio(() -> request.requireStructure(needed));
            }
        }
    }

    @Test
    void whatIsNoRequestIsNotTaken() {
        byte[] bytes = Wire.request(1, 1).name("f").toBytes();
        for (int length = 0; length < bytes.length; length++) {
            assertFalse(Wire.over(bytes).takeStream(length, true), "length " + length);
        }
        assertFalse(Wire.over(bytes).takeStream(bytes.length + 1, true));
        assertTrue(Wire.over(bytes).takeStream(bytes.length, true));
    }

    @Test
    void unknownOpcodesAreKnownToBeUnknown() {
        for (int opcode : new int[] {0, 7, 19, 54, 63, 64, 4096, 1 << 20, -1}) {
            Request request = Wire.request(opcode, 1).bytes(new byte[8]).taken();
            assertNull(request.opcode());
            assertEquals(opcode, request.opcodeNumber());
        }
        assertEquals(
                Opcode.values().length,
                Arrays.stream(Opcode.values()).map(Opcode::number).distinct().count());
    }

    @Test
    void setxattrIsShorterOnOldKernels() throws ErrnoException {
        byte[] bytes =
                Wire.request(21, 1)
                        .u32(3)
                        .u32(1)
                        .name("user.x")
                        .bytes(new byte[] {1, 2, 3})
                        .toBytes();
        Request request = Wire.over(bytes);
        assertTrue(request.takeStream(bytes.length, false));
        assertEquals(3, request.get(RequestFormat.SetXattr.SIZE));
        assertArrayEquals("user.x".getBytes(UTF_8), request.takeName());
        assertArrayEquals(new byte[] {1, 2, 3}, request.takeBytes(3));
    }

    private static void refusesWithEio(org.junit.jupiter.api.function.Executable action) {
        assertEquals(Errno.EIO, assertThrows(ErrnoException.class, action).errno());
    }
}
