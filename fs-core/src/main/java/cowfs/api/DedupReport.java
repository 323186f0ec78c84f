package cowfs.api;

/// What sharing equal content came to.
///
/// @param files regular files that were looked at; one with two names counts twice
/// @param scannedBytes what they hold in blocks
/// @param sharedBytes what shares its blocks now and did not before
/// @param leftOutBytes content that later content was not compared with, because there was too much
/// @param usedBytesBefore what was in use in the pool
/// @param usedBytesAfter what is in use when all freed space is back; with what others did
///   meanwhile
public record DedupReport(
        long files,
        long scannedBytes,
        long sharedBytes,
        long leftOutBytes,
        long usedBytesBefore,
        long usedBytesAfter) {}
