package cowfs.device;

import java.nio.file.FileSystemException;

/// A device was to be opened for writing and can't be: its medium is read-only, or the user may
/// only read it. The reason is that of the host.
public final class DeviceReadOnlyException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    DeviceReadOnlyException(String file, String reason) {
        super(file, null, reason);
    }
}
