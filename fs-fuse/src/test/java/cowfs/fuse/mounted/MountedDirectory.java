package cowfs.fuse.mounted;

import static org.awaitility.Awaitility.await;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.fuse.Mount;
import cowfs.fuse.MountOptions;
import cowfs.fuse.Mounts;
import cowfs.fuse.kernel.ChannelKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.apache.commons.io.FileUtils;
import org.awaitility.core.ConditionTimeoutException;

/// A new pool with its `main` mounted on a directory of its own. Closing unmounts in any case, the
/// failure of a test included, and removes both.
public final class MountedDirectory implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path scratch;
    private final Pool pool;
    private final Path root;
    private final MountOptions options;
    private Mount mount;

    public MountedDirectory() throws IOException {
        this(MountOptions.of("test.img"));
    }

    public MountedDirectory(MountOptions options) throws IOException {
        this.options = options;
        scratch = Files.createTempDirectory("cowfs-mounted-").toRealPath();
        pool = TestPools.create(scratch);
        root = Files.createDirectory(scratch.resolve("mnt"));
        mount = mountMain();
    }

    private Mount mountMain() throws IOException {
        if (options.channel() != ChannelKind.URING) {
            return Mounts.mount(pool, Ref.MAIN, root, options);
        }
        try (EnabledRings rings = EnabledRings.now()) {
            Objects.requireNonNull(rings);
            return Mounts.mount(pool, Ref.MAIN, root, options);
        }
    }

    /// The root of the mounted `main`.
    public Path root() {
        return root;
    }

    public Path path(String relative) {
        return root.resolve(relative);
    }

    /// Where a snapshot of `main` shows.
    public Path snapshot(String name) {
        return root.resolve(".snapshots").resolve(name);
    }

    public Pool pool() {
        return pool;
    }

    public Mount mount() {
        return mount;
    }

    /// What the command would call on the mounted pool.
    public PoolOperations operations() {
        return Mounts.operations(pool);
    }

    /// An empty directory outside the mount, gone with it.
    public Path outside(String name) throws IOException {
        return Files.createDirectory(scratch.resolve(name));
    }

    /// Unmounts and mounts again: nothing that the kernel has cached is left.
    public void remount() throws IOException {
        unmount(mount);
        mount = mountMain();
    }

    /// Unmounts as soon as the kernel has closed the files of processes that have just ended.
    public static void unmount(Mount mount) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> {
                            mount.unmount();
                            return true;
                        });
    }

    @Override
    public void close() throws IOException {
        for (Mount live : Mounts.of(pool)) {
            try {
                unmount(live);
            } catch (ConditionTimeoutException e) {
                live.detach();
                throw new AssertionError("something is still open in " + live.directory(), e);
            }
        }
        pool.close();
        TestPools.check(scratch);
        FileUtils.deleteDirectory(scratch.toFile());
    }
}
