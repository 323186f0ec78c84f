package cowfs.bench.peers;

/// What one load came to on one peer.
///
/// @param name what was done, the same for all peers
/// @param unit of the value; seconds are better when there are fewer, everything else when more
/// @param value the measured value
record Figure(String name, String unit, double value) {
    /// So many of something in so many nanoseconds.
    static Figure rate(String name, String unit, double count, long nanos) {
        return new Figure(name, unit, count * 1e9 / nanos);
    }

    /// A duration.
    static Figure time(String name, long nanos) {
        return new Figure(name, "s", nanos / 1e9);
    }

    /// How many times better a value of this unit is than another one.
    static double advantage(String unit, double value, double other) {
        return unit.equals("s") ? other / value : value / other;
    }
}
