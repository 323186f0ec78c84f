package cowfs.fuse.kernel;

import java.io.IOException;

/// What handlers ask of the kernel while they serve a request.
interface Kernel {
    /// Tells that attributes have changed which the answer does not carry.
    void attributesChanged(long node);

    /// Makes the kernel hand over what programs have written, and waits for it; only for requests
    /// that are served {@link Dispatcher.Patience#APART}.
    void writeBack() throws IOException;
}
