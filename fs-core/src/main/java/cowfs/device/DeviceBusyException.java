package cowfs.device;

import java.io.IOException;

/// Another opener, in this process or in another one, has the device open for writing.
public final class DeviceBusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;

    DeviceBusyException(String file) {
        super(file + ": in use by another process or mount; unmount it there and try again");
        this.file = file;
    }

    /// The file or block device as it was named by who asked.
    public String file() {
        return file;
    }
}
