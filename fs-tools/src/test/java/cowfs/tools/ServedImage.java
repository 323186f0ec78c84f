package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.fuse.operation.RequestTime;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.Log;
import cowfs.tools.daemon.Daemon;
import cowfs.tools.daemon.Mounter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// An image that a daemon in this process serves, with a fake pool and mounts on paper.
final class ServedImage implements BeforeEachCallback, AfterEachCallback {
    private final FakePool pool = new FakePool();
    private Path directory;
    private Path image;
    private Daemon daemon;
    private CompletableFuture<Void> serving;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("cowfs-served").toRealPath();
        image = Files.writeString(directory.resolve("an image"), "x");
        daemon =
                Daemon.start(
                        image,
                        Endpoint.of(image),
                        pool,
                        new FakeMounter(),
                        new Daemon.FirstMount(Ref.MAIN, Path.of("/mnt/a"), List.of()),
                        new Log(new PrintStream(OutputStream.nullOutputStream())));
        serving =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                daemon.serve();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        daemon.stop();
        serving.join();
        assertTrue(pool.isClosed());
        FileUtils.deleteDirectory(directory.toFile());
    }

    /// The pool that the daemon serves.
    FakePool pool() {
        return pool;
    }

    /// A directory that the image is in.
    Path directory() {
        return directory;
    }

    Path image() {
        return image;
    }

    Daemon daemon() {
        return daemon;
    }

    /// Mounts on paper.
    private static final class FakeMounter implements Mounter {
        @Override
        public Handle mount(Pool pool, Ref ref, Path directory, List<String> options) {
            CountDownLatch up = new CountDownLatch(1);
            return new Handle() {
                @Override
                public boolean readOnly() {
                    return ref.isSnapshot();
                }

                @Override
                public String transport() {
                    return "none";
                }

                @Override
                public Map<String, RequestTime> requestTimes() {
                    return Map.of("READ", new RequestTime(4, 16384, 400, 90, 150, 200, 210));
                }

                @Override
                public Map<String, Long> requestCounts() {
                    return Map.of();
                }

                @Override
                public void awaitUnmounted() throws InterruptedException {
                    up.await();
                }

                @Override
                public boolean hasFailed() {
                    return false;
                }

                @Override
                public void unmount() {
                    up.countDown();
                }
            };
        }

        @Override
        public PoolOperations operations(Pool pool) {
            return pool;
        }
    }
}
