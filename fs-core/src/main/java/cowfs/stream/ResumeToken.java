package cowfs.stream;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Checksum;
import cowfs.format.ReceiveItem;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where a receive that was cut goes on: what `cowfs receive` prints and `cowfs send --resume`
/// takes.
///
/// @param snapshot identity of the snapshot that was being received
/// @param base identity of what it is the difference to, or {@link ReceiveItem#NONE}
/// @param byRanges whether the base was known by a bookmark
/// @param last identity of the stream's last snapshot
/// @param position of the last record that was applied
public record ResumeToken(
        UUID snapshot, UUID base, boolean byRanges, UUID last, Position position) {
    private static final int VERSION = 1;

    /// Of one of a stream that tells ranges of keys: an older sender does not know it.
    private static final int VERSION_OF_RANGES = 2;

    private static final int BYTES = 1 + 3 * 16 + 17 + 4;

    static ResumeToken of(ReceiveItem item) {
        return new ResumeToken(
                item.snapshot(),
                item.base(),
                item.byRanges(),
                item.last(),
                new Position(item.positionInode(), item.positionKind(), item.positionOffset()));
    }

    /// Parses what {@link #toString} gives.
    ///
    /// @throws RequestException `INVALID`
    public static ResumeToken parse(String text) throws RequestException {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text.trim());
        } catch (IllegalArgumentException notBase64) {
            throw invalid(notBase64);
        }
        if (bytes.length != BYTES
                || (bytes[0] != VERSION && bytes[0] != VERSION_OF_RANGES)
                || ByteBuffer.wrap(bytes).getInt(BYTES - 4)
                        != Checksum.crc32c(bytes, 0, BYTES - 4)) {
            throw invalid(null);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, BYTES - 1);
        return new ResumeToken(
                new UUID(in.getLong(), in.getLong()),
                new UUID(in.getLong(), in.getLong()),
                bytes[0] == VERSION_OF_RANGES,
                new UUID(in.getLong(), in.getLong()),
                new Position(in.getLong(), in.get(), in.getLong()));
    }

    private static RequestException invalid(@Nullable Throwable cause) {
        String message =
                "this is no token of a receive, or not all of it: copy what 'cowfs receive --token'"
                        + " prints there";
        return cause == null
                ? new RequestException(ErrorKind.INVALID, message)
                : new RequestException(ErrorKind.INVALID, message, cause);
    }

    /// The token in letters, digits, `-` and `_`.
    @Override
    public String toString() {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.put((byte) (byRanges ? VERSION_OF_RANGES : VERSION));
        for (UUID each : new UUID[] {snapshot, base, last}) {
            out.putLong(each.getMostSignificantBits()).putLong(each.getLeastSignificantBits());
        }
        out.putLong(position.inode()).put((byte) position.kind()).putLong(position.offset());
        out.putInt(Checksum.crc32c(out.array(), 0, BYTES - 4));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(out.array());
    }
}
