package cowfs.fuse.operation;

/// How requests of one kind have been served since the mount came up. Times are from the moment
/// that the daemon takes a request to its reply, to two digits.
///
/// @param count requests
/// @param bytes of files that were read or written by them
/// @param totalMicros the time for all, in microseconds as the rest
/// @param halfMicros half of them took no longer
/// @param most95Micros nor did 95 of 100
/// @param most99Micros 99 of 100
/// @param longestMicros the longest
public record RequestTime(
        long count,
        long bytes,
        long totalMicros,
        long halfMicros,
        long most95Micros,
        long most99Micros,
        long longestMicros) {}
