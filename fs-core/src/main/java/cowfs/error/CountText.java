package cowfs.error;

/// Counted things in messages: `1 snapshot`, `2 snapshots`.
public final class CountText {
    private CountText() {}

    /// A number of things whose plural ends in `s` or, behind a consonant, `ies` for `y`.
    public static String of(long count, String one) {
        boolean ies =
                one.endsWith("y")
                        && one.length() > 1
                        && "aeiou".indexOf(one.charAt(one.length() - 2)) < 0;
        return of(count, one, ies ? one.substring(0, one.length() - 1) + "ies" : one + "s");
    }

    /// A number of things with a plural of their own.
    public static String of(long count, String one, String several) {
        return count + " " + (count == 1 ? one : several);
    }
}
