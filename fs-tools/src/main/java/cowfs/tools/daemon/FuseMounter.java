package cowfs.tools.daemon;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Mounts through the FUSE adapter.
public final class FuseMounter implements Mounter {
    private final Path image;

    /// @param image shown as the source of the mount
    public FuseMounter(Path image) {
        this.image = image;
    }

    @Override
    public Handle mount(Pool pool, Ref ref, Path directory, List<String> options)
            throws IOException {
        throw new RequestException(ErrorKind.UNSUPPORTED, "no FUSE adapter yet: " + image + options);
    }
}
