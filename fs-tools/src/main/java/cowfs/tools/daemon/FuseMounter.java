package cowfs.tools.daemon;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.fuse.Mount;
import cowfs.fuse.MountOptions;
import cowfs.fuse.Mounts;
import cowfs.fuse.Transport;
import cowfs.fuse.kernel.ChannelKind;
import cowfs.fuse.operation.RequestTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
        return new FuseHandle(Mounts.mount(pool, ref, directory, parse(image, options)));
    }

    @Override
    public PoolOperations operations(Pool pool) {
        return Mounts.operations(pool);
    }

    /// What the words after `-o` mean.
    ///
    /// @throws RequestException `INVALID` for one that means nothing
    public static MountOptions parse(Path image, List<String> words) throws RequestException {
        MountOptions options = MountOptions.of(image.toString());
        for (String word : words) {
            options =
                    switch (word) {
                        case "ro" -> options.withReadOnly(true);
                        case "rw" -> options.withReadOnly(false);
                        case "allow_other" -> options.withAllowOther(true);
                        case "writeback=on" -> options.withWriteback(true);
                        case "writeback=off" -> options.withWriteback(false);
                        case "channel=auto" -> options.withChannel(ChannelKind.AUTO);
                        case "channel=loop" -> options.withChannel(ChannelKind.LOOP);
                        case "channel=uring" -> options.withChannel(ChannelKind.URING);
                        case "transport=kernel" -> options.withTransport(Transport.KERNEL);
                        case "transport=jnr" -> options.withTransport(Transport.JNR);
                        default ->
                                throw new RequestException(
                                        ErrorKind.INVALID,
                                        "mount option '"
                                                + word
                                                + "' is unknown; there are ro, rw, allow_other, writeback=on|off, channel=auto|loop|uring and transport=kernel|jnr");
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
        public String transport() {
            return mount.transport();
        }

        @Override
        public Map<String, Long> requestCounts() {
            return mount.requestCounts();
        }

        @Override
        public Map<String, RequestTime> requestTimes() {
            return mount.requestTimes();
        }

        @Override
        public void awaitUnmounted() throws InterruptedException {
            mount.awaitUnmounted();
        }

        @Override
        public boolean hasFailed() {
            return mount.hasFailed();
        }

        @Override
        public void unmount() throws IOException {
            mount.detach();
        }
    }
}
