package cowfs.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NameHashTest {
    private final NameHash hash = new NameHash(counting(16));

    @Test
    void agreesWithThePublishedSipHashVectors() {
        assertEquals(0x726fdb47dd0e0e31L, hash.full(counting(0)));
        assertEquals(0x74f839c593dc67fdL, hash.full(counting(1)));
        assertEquals(0xab0200f58b01d137L, hash.full(counting(7)));
        assertEquals(0x93f5f5799a932462L, hash.full(counting(8)));
        assertEquals(0xa129ca6149be45e5L, hash.full(counting(15)));
    }

    @Test
    void offsetIsAPositiveMultipleOf65536() {
        for (int i = 0; i < 10_000; i++) {
            long offset = hash.offset(("name" + i).getBytes(UTF_8));
            assertTrue(offset >= 1 << 16, "not below the cookies of . and ..: " + offset);
            assertEquals(0, offset & 0xffff);
        }
    }

    @Test
    void hashOfParentAndNameIsTheHashOfBothInARow() {
        byte[] name = "some name".getBytes(UTF_8);
        ByteBuffer joined = ByteBuffer.allocate(8 + name.length).order(ByteOrder.LITTLE_ENDIAN);
        joined.putLong(77).put(name);
        assertEquals(hash.offset(joined.array()), hash.offset(77, name));
        assertNotEquals(hash.offset(78, name), hash.offset(77, name));
    }

    @Test
    void seedChangesWhereNamesLie() {
        byte[] name = "a".getBytes(UTF_8);
        assertNotEquals(new NameHash(new byte[16]).offset(name), hash.offset(name));
    }

    @Test
    void manyNamesSpreadWithoutACollision() {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 50_000; i++) {
            assertTrue(seen.add(hash.offset(Integer.toString(i).getBytes(UTF_8))));
        }
    }

    @Test
    void disambiguatorsShareAHash() {
        long offset = hash.offset("x".getBytes(UTF_8));
        assertTrue(NameHash.sameHash(offset, offset + NameHash.MAX_DISAMBIGUATOR));
        assertFalse(NameHash.sameHash(offset, offset + NameHash.MAX_DISAMBIGUATOR + 1));
    }

    @Test
    void seedOfAnotherLengthIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new NameHash(new byte[15]));
    }

    private static byte[] counting(int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
