package cowfs.fuse.operation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.file.Attributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class DirectoryBufferTest {
    @Test
    void entriesHaveTheLayoutOfTheKernel() {
        ByteBuffer target = ByteBuffer.allocate(100);
        DirectoryBuffer entries = new DirectoryBuffer(target);
        assertTrue(entries.add("abc".getBytes(UTF_8), 7, Attributes.DIRECTORY, 99));
        assertEquals(32, target.position());
        assertTrue(entries.add("12345678".getBytes(UTF_8), 8, Attributes.REGULAR, 100));
        assertEquals(64, target.position());

        ByteBuffer written = target.duplicate().order(ByteOrder.nativeOrder()).flip();
        assertEquals(7, written.getLong());
        assertEquals(99, written.getLong());
        assertEquals(3, written.getInt());
        assertEquals(4, written.getInt(), "DT_DIR");
        byte[] name = new byte[8];
        written.get(name);
        assertArrayEquals("abc\0\0\0\0\0".getBytes(UTF_8), name);
        assertEquals(8, written.getLong());
    }

    @Test
    void whatDoesNotFitIsLeftOut() {
        ByteBuffer target = ByteBuffer.allocate(63);
        DirectoryBuffer entries = new DirectoryBuffer(target);
        assertTrue(entries.add("a".getBytes(UTF_8), 1, Attributes.REGULAR, 1));
        assertFalse(entries.add("b".getBytes(UTF_8), 2, Attributes.REGULAR, 2));
        assertEquals(32, target.position());
    }
}
