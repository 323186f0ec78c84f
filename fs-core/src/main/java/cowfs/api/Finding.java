package cowfs.api;

/// One thing that the checker found wrong.
///
/// @param code permanent name of the kind of damage, such as `bad-checksum`
/// @param record kind of record, such as `leaf`
/// @param where its place as `key=value` words
/// @param reason what is wrong
public record Finding(String code, String record, String where, String reason) {
    @Override
    public String toString() {
        return "corrupt " + record + ": " + where + ", " + reason;
    }
}
