package cowfs.model;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One random operation, which does the same to either side of a run.
///
/// @param text what it does, for the log
/// @param needsSpace whether a full image may refuse it
/// @param pin the pin that it reads through, which lack of space may have ended; -1 for none
record Step(String text, boolean needsSpace, int pin, Action action) {
    /// Does it and returns what there is to compare.
    @FunctionalInterface
    interface Action {
        String run(Side side) throws IOException;
    }

    /// What came of a step: a value, or the kind of its failure.
    record Outcome(String value, @Nullable ErrorKind failure) {
        @Override
        public String toString() {
            return failure == null ? value : "failed with " + failure;
        }
    }

    static Step growing(String text, Action action) {
        return new Step(text, true, -1, action);
    }

    /// A step that needs no space.
    static Step free(String text, Action action) {
        return new Step(text, false, -1, action);
    }

    /// A step that reads through a pin.
    static Step pinned(String text, int pin, Action action) {
        return new Step(text, false, pin, action);
    }

    Outcome apply(Side side) throws IOException {
        try {
            return new Outcome(action.run(side), null);
        } catch (CowException e) {
            return new Outcome("", e.kind());
        }
    }

    /// What is the same on both sides of an inode's attributes.
    static String text(Attributes attributes) {
        return String.format(
                "mode=%o links=%d uid=%d gid=%d size=%d device=%d flags=%x",
                attributes.mode(),
                attributes.linkCount(),
                attributes.uid(),
                attributes.gid(),
                attributes.sizeBytes(),
                attributes.device(),
                attributes.flags());
    }

    /// Bytes as a length and a hash.
    static String text(byte[] bytes) {
        return bytes.length + " bytes, hash " + Arrays.hashCode(bytes);
    }
}
