package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.tools.text.Moment;
import cowfs.tools.text.Times;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A subvolume as it was at some time: its newest snapshot that had been taken by then.
record AsOf(Instant time) {
    static final String DESCRIPTION =
            "The newest snapshot of the subvolume that had been taken by then: 10:42 (the last one),"
                    + " 2026-03-01 (its beginning), '2026-03-01 10:42', or an age such as 2h.";

    static final class Converter implements ITypeConverter<AsOf> {
        @Override
        public AsOf convert(String text) {
            try {
                return new AsOf(Moment.parse(text, Instant.now(), ZoneId.systemDefault()));
            } catch (IllegalArgumentException none) {
                throw new TypeConversionException(none.getMessage());
            }
        }
    }

    /// @throws RequestException `INVALID` for a snapshot, which is as it was
    static void requireLive(Ref ref) throws RequestException {
        if (ref.isSnapshot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + ref + "' is a snapshot: --as-of chooses one of a subvolume");
        }
    }

    /// Finds the snapshot, and says which one it is.
    ///
    /// @throws RequestException `NOT_FOUND`
    Ref snapshot(Ref live, List<SubvolumeInfo> all, Consumer<String> notes)
            throws RequestException {
        if (all.stream().noneMatch(each -> each.ref().equals(live))) {
            return live; // whoever looks for it says that there is none
        }
        List<SubvolumeInfo> snapshots =
                all.stream()
                        .filter(each -> each.ref().isSnapshot())
                        .filter(each -> each.ref().subvolume().equals(live.subvolume()))
                        .sorted(Comparator.comparing(each -> each.created().toInstant()))
                        .toList();
        SubvolumeInfo found = null;
        for (SubvolumeInfo each : snapshots) {
            if (!each.created().toInstant().isAfter(time)) {
                found = each;
            }
        }
        if (found == null) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "'"
                            + live
                            + "' has no snapshot from before "
                            + Times.local(new Timestamp(time.getEpochSecond(), time.getNano()))
                            + (snapshots.isEmpty()
                                    ? ", or any: take one with "
                                            + CommandHint.of(
                                                    "snapshot", CommandHint.POOL, live + "@NAME")
                                    : "; the oldest, '"
                                            + snapshots.getFirst().ref()
                                            + "', was taken "
                                            + Times.local(snapshots.getFirst().created())));
        }
        notes.accept(found.ref() + " was taken " + Times.local(found.created()));
        return found.ref();
    }
}
