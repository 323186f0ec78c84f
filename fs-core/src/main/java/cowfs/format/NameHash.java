package cowfs.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/// The seeded hash of names that places dirents, inode refs and extended attributes in the key
/// space: SipHash-2-4, cut to 47 bits.
///
/// The seed is drawn per image and kept secret from its users, so that nobody can prepare names
/// that all collide. A hash is 1 to 2^47 - 1: shifted left by 16 bits it leaves room for a
/// disambiguator, stays below 2^63 and never meets the offsets below 2^16, which serve as readdir
/// cookies of `.` and `..`.
///
/// Immutable and thread safe; allocates nothing.
public final class NameHash {
    /// The length of a seed.
    public static final int SEED_BYTES = 16;

    /// How many low bits of an item's offset tell names of equal hash apart.
    public static final int DISAMBIGUATOR_BITS = 16;

    /// The highest disambiguator.
    public static final int MAX_DISAMBIGUATOR = (1 << DISAMBIGUATOR_BITS) - 1;

    private static final VarHandle U64 =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long key0;
    private final long key1;

    /// @param seed {@link #SEED_BYTES} bytes
    public NameHash(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException(
                    "seed has " + seed.length + " bytes, want " + SEED_BYTES);
        }
        key0 = (long) U64.get(seed, 0);
        key1 = (long) U64.get(seed, 8);
    }

    /// The hash of an image with this seed.
    public static NameHash of(UUID seed) {
        return new NameHash(
                ByteBuffer.allocate(SEED_BYTES)
                        .putLong(seed.getMostSignificantBits())
                        .putLong(seed.getLeastSignificantBits())
                        .array());
    }

    /// The lowest item offset for a name in a directory, or of an extended attribute: the hash with
    /// disambiguator 0.
    public long offset(byte[] name) {
        return cut(sip(false, 0, name)) << DISAMBIGUATOR_BITS;
    }

    /// The lowest item offset for the pair of a parent and a name in it.
    public long offset(long parent, byte[] name) {
        return cut(sip(true, parent, name)) << DISAMBIGUATOR_BITS;
    }

    /// Whether two item offsets belong to names of equal hash.
    public static boolean sameHash(long offset, long otherOffset) {
        return offset >>> DISAMBIGUATOR_BITS == otherOffset >>> DISAMBIGUATOR_BITS;
    }

    private static long cut(long hash) {
        return Math.max(1, hash >>> 17);
    }

    /// The whole 64-bit hash of a name, or of any bytes.
    public long full(byte[] name) {
        return sip(false, 0, name);
    }

    private long sip(boolean prefixed, long prefix, byte[] name) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int words = name.length >>> 3;
        int at = prefixed ? -1 : 0;
        // Two rounds for each word, four after the last one; the last word holds what is left of
        // the
        // name below the total length.
        for (; at <= words + 1; at++) {
            long word;
            int rounds = 2;
            if (at < 0) {
                word = prefix;
            } else if (at < words) {
                word = (long) U64.get(name, at << 3);
            } else if (at == words) {
                word = (long) (name.length + (prefixed ? 8 : 0)) << 56;
                for (int i = words << 3, shift = 0; i < name.length; i++, shift += 8) {
                    word |= (name[i] & 0xffL) << shift;
                }
            } else {
                word = 0;
                v2 ^= 0xff;
                rounds = 4;
            }
            v3 ^= word;
            for (int round = 0; round < rounds; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= word;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
