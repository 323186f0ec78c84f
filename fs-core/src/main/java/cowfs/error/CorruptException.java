package cowfs.error;

/// Damage found in an image: bytes that fail their checksum, or that no writer of this format
/// produces. The message follows one grammar: `corrupt <record>: <where as key=value ...>,
/// <reason>`.
public final class CorruptException extends CowException {
    private static final long serialVersionUID = 1L;

    private final String record;
    private final String where;
    private final String reason;

    /// @param record the kind of record that is damaged, such as `leaf` or `superblock`
    /// @param where its place as `key=value` words, such as `tree=4 block=812 slot=3`
    /// @param reason what is wrong, with what was found and what was wanted
    public CorruptException(String record, String where, String reason) {
        super(ErrorKind.CORRUPT, "corrupt " + record + ": " + where + ", " + reason);
        this.record = record;
        this.where = where;
        this.reason = reason;
    }

    /// The kind of record that is damaged.
    public String record() {
        return record;
    }

    /// Where it lies, as `key=value` words.
    public String where() {
        return where;
    }

    /// What is wrong with it.
    public String reason() {
        return reason;
    }
}
