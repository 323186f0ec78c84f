package cowfs.format;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/// The checksum kinds of the format.
///
/// Data blocks carry a CRC32C (polynomial 0x1EDC6F41, RFC 3720). Nodes and superblocks carry 64
/// bits: a CRC32C in the low half and a CRC32 (0x04C11DB7, IEEE 802.3) in the high half. The two
/// polynomials have no common factor, so the pair detects what a 64-bit CRC with their product as
/// polynomial detects, and the JDK computes both with processor instructions.
public final class Checksum {
    private Checksum() {}

    /// CRC32C of a range.
    public static int crc32c(byte[] bytes, int from, int lengthBytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, lengthBytes);
        return (int) crc.getValue();
    }

    /// The 64-bit checksum of a range.
    public static long of(byte[] bytes, int from, int lengthBytes) {
        CRC32 high = new CRC32();
        high.update(bytes, from, lengthBytes);
        return (crc32c(bytes, from, lengthBytes) & 0xffff_ffffL) | high.getValue() << 32;
    }

    /// Folds the CRC32C of one more block into the checksum of a run of blocks; a run starts with
    /// 0.
    public static int extendRun(int runChecksum, int blockCrc) {
        byte[] both = new byte[8];
        PAIR_FIRST.set(both, 0, runChecksum);
        PAIR_SECOND.set(both, 0, blockCrc);
        return crc32c(both, 0, both.length);
    }

    private static final Layout.U32Field PAIR_FIRST = new Layout.U32Field(0);
    private static final Layout.U32Field PAIR_SECOND = new Layout.U32Field(4);
}
