package cowfs.tools.daemon;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.fuse.Mount;
import cowfs.fuse.MountOptions;
import cowfs.fuse.Mounts;
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
        return new FuseHandle(Mounts.mount(pool, ref, directory, parse(options)));
    }

    @Override
    public PoolOperations operations(Pool pool) {
        return Mounts.operations(pool);
    }

    /// What the words after `-o` mean.
    MountOptions parse(List<String> words) throws RequestException {
        MountOptions options = MountOptions.of(image.toString());
        for (String word : words) {
            options =
                    switch (word) {
                        case "ro" -> options.withReadOnly(true);
                        case "rw" -> options.withReadOnly(false);
                        case "allow_other" -> options.withAllowOther(true);
                        default ->
                                throw new RequestException(
                                        ErrorKind.INVALID,
                                        "mount option '"
                                                + word
                                                + "' is unknown; there are ro, rw and allow_other");
                    };
        }
        return options;
    }

    private record FuseHandle(Mount mount) implements Handle {
        @Override
        public boolean readOnly() {
            return mount.readOnly();
        }

        @Override
        public void awaitUnmounted() throws InterruptedException {
            mount.awaitUnmounted();
        }

        @Override
        public void unmount() throws IOException {
            mount.detach();
        }
    }
}
