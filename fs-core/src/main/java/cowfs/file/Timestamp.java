package cowfs.file;

import java.time.Clock;
import java.time.Instant;

/// A point in time as inodes keep it.
///
/// @param seconds since 1970-01-01T00:00:00Z, any sign
/// @param nanos 0 to 999,999,999
public record Timestamp(long seconds, int nanos) {
    public Timestamp {
        if (nanos < 0 || nanos > 999_999_999) {
            throw new IllegalArgumentException("nanos out of range: " + nanos);
        }
    }

    /// The present.
    public static Timestamp now() {
        Instant now = Clock.systemUTC().instant();
        return new Timestamp(now.getEpochSecond(), now.getNano());
    }

    /// The same point as an {@link Instant}.
    public Instant toInstant() {
        return Instant.ofEpochSecond(seconds, nanos);
    }
}
