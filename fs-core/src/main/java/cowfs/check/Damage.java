package cowfs.check;

/// One finding: a damage, its place and the reason to call it one.
///
/// @param record the kind of record that is damaged, such as `leaf`
/// @param where its place as `key=value` words
/// @param reason what is wrong, with what was found and what was wanted
public record Damage(DamageCode code, String record, String where, String reason) {
    @Override
    public String toString() {
        return "corrupt " + record + ": " + where + ", " + reason;
    }
}
