package cowfs.tools;

import cowfs.api.FileVersion;
import cowfs.api.Ref;
import cowfs.file.Attributes;
import cowfs.file.ByteRange;
import cowfs.file.FileChange;
import cowfs.file.FileChange.Kind;
import cowfs.file.FilePath;
import cowfs.file.InodeFlags;
import cowfs.file.Timestamp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One difference between files of each kind, with names, owners and times that are unusual.
public final class FileChangeSamples {
    private static final byte[] NO_TEXT = {'n', (byte) 0xff, 'w'};

    /// The last two have the same inode and belong to one file.
    public static final List<FileChange> ALL =
            List.of(
                    name(Kind.CREATED, FilePath.of("/new"), null, null, state(040755, 0)),
                    name(Kind.REMOVED, FilePath.of("/gone"), null, state(0100644, 5), null),
                    name(
                            Kind.RENAMED,
                            FilePath.ROOT.resolve(NO_TEXT),
                            FilePath.of("/old -> name\n"),
                            state(0120777, 5),
                            state(0120777, 5)),
                    name(
                            Kind.LINKED,
                            FilePath.of("/twice"),
                            null,
                            state(010644, 0),
                            state(010644, 0)),
                    name(
                            Kind.UNLINKED,
                            FilePath.of("/once"),
                            null,
                            state(0100644, 7),
                            state(0100644, 7)),
                    changed(List.of(new ByteRange(0, 4096), new ByteRange(8192, 1)), true),
                    changed(List.of(new ByteRange(1L << 60, 4095)), false),
                    new FileChange(
                            Kind.ATTRIBUTES,
                            FilePath.of("/attributes"),
                            null,
                            77,
                            state(0100644, 5),
                            unusual(),
                            true,
                            List.of(),
                            false));

    /// Two versions, one of which two have.
    public static final List<FileVersion> VERSIONS =
            List.of(
                    new FileVersion(
                            List.of(
                                    new FileVersion.Holder(
                                            Ref.MAIN,
                                            FilePath.ROOT.resolve(NO_TEXT),
                                            state(0100644, 5)))),
                    new FileVersion(
                            List.of(
                                    new FileVersion.Holder(
                                            new Ref("main", "a"),
                                            FilePath.of("/f"),
                                            state(0100644, 5000)),
                                    new FileVersion.Holder(
                                            new Ref("main", "b"),
                                            FilePath.of("/g"),
                                            state(0100600, 5000)))));

    private FileChangeSamples() {}

    private static FileChange name(
            Kind kind,
            FilePath path,
            @Nullable FilePath from,
            @Nullable Attributes before,
            @Nullable Attributes after) {
        return new FileChange(kind, path, from, 77, before, after, false, List.of(), false);
    }

    private static FileChange changed(List<ByteRange> ranges, boolean more) {
        return new FileChange(
                Kind.CHANGED,
                FilePath.of("/content"),
                null,
                77,
                state(0100644, 10),
                state(0100600, 12),
                false,
                ranges,
                more);
    }

    private static Attributes state(int mode, long sizeBytes) {
        Timestamp time = new Timestamp(1_700_000_000, 123_456_789);
        return new Attributes(77, mode, 1, 0, 0, sizeBytes, 8, 0, time, time, time, time);
    }

    private static Attributes unusual() {
        return new Attributes(
                77,
                0100644,
                1,
                1,
                -1,
                5,
                8,
                0,
                new Timestamp(-1, 1),
                new Timestamp(Long.MIN_VALUE, 999_999_999),
                new Timestamp(Long.MAX_VALUE, 0),
                new Timestamp(-5, 0),
                InodeFlags.IMMUTABLE);
    }
}
