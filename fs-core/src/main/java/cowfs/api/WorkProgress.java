package cowfs.api;

import java.io.IOException;

/// Hears how far a long piece of work is, on the thread that does it.
@FunctionalInterface
public interface WorkProgress {
    /// For whom nobody wants to know.
    WorkProgress NONE = (done, total) -> {};

    /// @param doneBytes never less than before
    /// @param totalBytes as far as it is known; more may come
    /// @throws IOException ends the work
    void at(long doneBytes, long totalBytes) throws IOException;
}
