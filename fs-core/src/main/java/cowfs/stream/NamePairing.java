package cowfs.stream;

import cowfs.file.FilePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// The names that one file has lost and got: as many as there are of both are renames, in the order
/// in which they come.
///
/// At most {@link #MAX_WAITING} wait for a counterpart; more are what they are without one. Not
/// thread safe; one object serves one file after another.
final class NamePairing {
    /// Of these a file has at least 100 bytes each.
    static final int MAX_WAITING = 4096;

    private final Sink sink;

    /// All lost, or all got.
    private final Deque<FilePath> waiting = new ArrayDeque<>();

    private boolean waitingAreLost;

    NamePairing(Sink sink) {
        this.sink = sink;
    }

    /// Told what became of the names.
    @FunctionalInterface
    interface Sink {
        /// @param lost null when a name was only got
        /// @param got null when a name was only lost
        void name(@Nullable FilePath lost, @Nullable FilePath got) throws IOException;
    }

    void add(FilePath name, boolean lost) throws IOException {
        if (!waiting.isEmpty() && waitingAreLost != lost) {
            FilePath other = waiting.remove();
            sink.name(lost ? name : other, lost ? other : name);
        } else if (waiting.size() == MAX_WAITING) {
            tell(name, lost);
        } else {
            waitingAreLost = lost;
            waiting.add(name);
        }
    }

    /// No more names of this file.
    void end() throws IOException {
        while (!waiting.isEmpty()) {
            tell(waiting.remove(), waitingAreLost);
        }
    }

    private void tell(FilePath name, boolean lost) throws IOException {
        sink.name(lost ? name : null, lost ? null : name);
    }
}
