package cowfs.damage;

import cowfs.api.CheckReport;
import cowfs.api.Finding;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.ThrowingSupplier;

/// What opening, reading and checking of one image came to.
///
/// Anything but a `CowException` (or an error of the device) that comes out of the engine fails at
/// once, and so does what {@link VolumeDump} forbids.
///
/// @param refused why the image could not be opened, or null
/// @param dump what its files say; null when it could not be opened
/// @param note what recovery announced
/// @param findings what the checker says; one that can't begin is a finding too
record Trial(
        @Nullable String refused, @Nullable VolumeDump dump, String note, List<String> findings) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final OpenOptions READ_ONLY = new OpenOptions(true, 1 << 20, Duration.ZERO);

    /// Opens an image for reading, reads all that is in it, and checks it. The image stays as it
    /// is.
    static Trial of(MemoryDevice image) throws IOException {
        List<String> findings = findings(image);
        try (Pool pool = Images.open(image.copy(), READ_ONLY)) {
            String note = pool.info().recoveryNote();
            return new Trial(null, VolumeDump.of(pool), note, findings);
        } catch (CowException known) {
            return new Trial(known.kind() + ": " + known.getMessage(), null, "", findings);
        }
    }

    /// The same for an image that is still to be made, cut off when it takes too long.
    static Trial withPatience(ThrowingSupplier<MemoryDevice> image) throws IOException {
        return Patience.within(PATIENCE, () -> of(image.get()));
    }

    /// {@link Abuse} of a damaged image, cut off when it takes too long.
    static List<String> abuse(ThrowingSupplier<MemoryDevice> image) throws IOException {
        return Patience.within(PATIENCE, () -> Abuse.of(image.get()));
    }

    /// {@link Readers} of a damaged image, cut off when they take too long.
    static List<String> readers(ThrowingSupplier<MemoryDevice> image) throws IOException {
        return Patience.within(PATIENCE, () -> Readers.of(image.get()));
    }

    /// One line for what came out of the engine and should not have, with where it began.
    static String text(Throwable escaped) {
        StringBuilder text = new StringBuilder(String.valueOf(escaped));
        Throwable root = escaped;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        int end = text.length() + 1500;
        for (StackTraceElement each : root.getStackTrace()) {
            if (each.getClassName().startsWith("cowfs.") && text.length() < end) {
                text.append(" < ").append(each);
            }
        }
        return text.toString();
    }

    private static List<String> findings(MemoryDevice image) throws IOException {
        List<String> lines = new ArrayList<>();
        try {
            CheckReport report = Images.check(image.copy(), (done, total) -> {});
            for (Finding each : report.findings()) {
                lines.add(
                        each.code()
                                + ": corrupt "
                                + each.record()
                                + ": "
                                + each.where()
                                + ", "
                                + each.reason());
            }
        } catch (CowException known) {
            lines.add("unopenable: " + known.getMessage());
        }
        return lines;
    }

    /// One line for what is wrong with an image that nothing was reported of.
    String difference(Trial sound) {
        return dump == null || sound.dump == null
                ? "refused: " + refused
                : "lies: " + dump.lies(sound.dump).stream().limit(2).toList() + " " + dump.errors();
    }

    boolean isReported() {
        return !findings.isEmpty();
    }

    /// Whether everything reads as in the sound image.
    boolean isEqualTo(Trial sound) {
        return dump != null && sound.dump != null && dump.lines().equals(sound.dump.lines());
    }
}
