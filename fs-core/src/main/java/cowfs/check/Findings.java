package cowfs.check;

import cowfs.error.CorruptException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/// What a check has found so far: a list of bounded length and the count of all. Not thread safe.
final class Findings {
    /// The most findings that are kept.
    static final int MAX_LISTED = 1000;

    private final List<Damage> listed = new ArrayList<>();
    private final EnumSet<DamageCode> codes = EnumSet.noneOf(DamageCode.class);
    private long count;

    void add(DamageCode code, String record, String where, String reason) {
        count++;
        codes.add(code);
        if (listed.size() < MAX_LISTED) {
            listed.add(new Damage(code, record, where, reason));
        }
    }

    /// Reports what a reader threw.
    ///
    /// @param record and `where` for a failure that does not say them itself
    void add(DamageCode code, String record, String where, IOException thrown) {
        if (thrown instanceof CorruptException corrupt) {
            add(code, corrupt.record(), corrupt.where(), corrupt.reason());
        } else {
            add(code, record, where, "it can't be read: " + thrown.getMessage());
        }
    }

    List<Damage> listed() {
        return List.copyOf(listed);
    }

    /// The kinds of damage among all findings, listed or not.
    EnumSet<DamageCode> codes() {
        return EnumSet.copyOf(codes);
    }

    long count() {
        return count;
    }
}
