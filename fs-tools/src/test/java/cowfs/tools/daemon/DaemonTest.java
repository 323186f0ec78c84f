package cowfs.tools.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.fuse.operation.RequestTime;
import cowfs.tools.FakePool;
import cowfs.tools.control.ControlClient;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.Log;
import cowfs.tools.control.MountService;
import cowfs.tools.control.RemoteMounts;
import cowfs.tools.control.RemotePool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A daemon in this process, whose mounts are latches.
@Timeout(60)
final class DaemonTest {
    private static final Path MNT = Path.of("/mnt/a");

    @TempDir Path directory;

    private final FakePool pool = new FakePool();
    private final FakeMounter mounter = new FakeMounter();
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private Endpoint endpoint;
    private Path image;
    private Daemon daemon;
    private CompletableFuture<Void> serving;

    @BeforeEach
    void start() throws IOException {
        image = Files.createFile(directory.resolve("image"));
        endpoint = new Endpoint(directory.resolve("sock"), directory.resolve("log"));
        Files.createFile(endpoint.log());
        daemon = start(Ref.MAIN);
        serving = CompletableFuture.runAsync(this::serve);
    }

    @AfterEach
    void stop() {
        daemon.stop();
        assertTrue(pool.isClosed());
        assertFalse(Files.exists(endpoint.socket()));
    }

    @Test
    void theLastUnmountClosesThePoolAndEndsTheDaemon() throws Exception {
        daemon.mount(Ref.parse("main@1"), Path.of("/mnt/b"), List.of());
        mounter.unmount(MNT);
        assertFalse(daemon.awaitUnmount(MNT));
        assertFalse(pool.isClosed());

        mounter.unmount(Path.of("/mnt/b"));

        assertTrue(daemon.awaitUnmount(Path.of("/mnt/b")), "it was the last");
        assertTrue(pool.isClosed());
        serving.get(5, TimeUnit.SECONDS);
        assertFalse(Files.exists(endpoint.log()), "a daemon that ended well leaves no log");
    }

    @Test
    void whoConnectedBeforeTheLastUnmountHearsOfTheClosedPool() throws Exception {
        try (ControlClient client = ControlClient.connect(endpoint).orElseThrow()) {
            RemoteMounts mounts = new RemoteMounts(client);
            assertEquals(1, mounts.status().mounts().size());
            mounter.unmount(MNT);
            assertTrue(mounts.awaitUnmount(MNT));
            assertTrue(pool.isClosed());
            assertKind(ErrorKind.BUSY, mounts::status);
            assertKind(ErrorKind.BUSY, () -> new RemotePool(client).list());
        }
        serving.get(5, TimeUnit.SECONDS);
    }

    @Test
    void aMountThatEndsForADefectKeepsTheLogAndTellsTheNextMount() throws Exception {
        mounter.hasFailed = true;
        mounter.unmount(MNT);
        serving.get(5, TimeUnit.SECONDS);
        assertTrue(pool.isClosed());
        assertTrue(Files.exists(endpoint.log()));
        Files.write(endpoint.log(), logged.toByteArray());
        String end = endpoint.setLogAside();
        assertTrue(end.contains("had FAILED: a thread that served it has failed"), end);
    }

    @Test
    void aPoolThatFailsToCloseFailsTheUnmountAndKeepsTheLog() throws IOException {
        pool.failingToClose(new IOException("device gone"));
        mounter.unmount(MNT);
        IOException failure = assertThrows(IOException.class, () -> daemon.awaitUnmount(MNT));
        assertTrue(failure.getMessage().contains("device gone"), failure.getMessage());
        ExecutionException end =
                assertThrows(ExecutionException.class, () -> serving.get(5, TimeUnit.SECONDS));
        assertEquals("device gone", end.getCause().getCause().getMessage());
        assertTrue(Files.exists(endpoint.log()));
    }

    @Test
    void everyUnmountOfAFailedPoolFailsAndSaysWhatIsLost() throws Exception {
        mount("main@1", "/mnt/b");
        pool.fail("disk full; all changes after txg 7 are lost");
        for (Path directory : List.of(Path.of("/mnt/b"), MNT)) {
            mounter.unmount(directory);
            String message =
                    assertKind(ErrorKind.POOL_FAILED, () -> daemon.awaitUnmount(directory));
            assertTrue(message.startsWith(directory + " is unmounted, but " + image), message);
            assertTrue(message.contains("FAILED: disk full; all changes after txg 7"), message);
        }
        assertThrows(ExecutionException.class, () -> serving.get(5, TimeUnit.SECONDS));
        assertTrue(pool.isClosed());
        assertTrue(Files.exists(endpoint.log()), "the next mount tells of it");
        assertTrue(
                logged.toString(StandardCharsets.UTF_8)
                        .contains(image + " FAILED: disk full; all changes after txg 7"));
    }

    @Test
    void ofTheOptionsRoAndRwTheLastOneCounts() {
        assertTrue(new Daemon.FirstMount(Ref.MAIN, MNT, List.of("rw", "ro")).readOnly());
        assertFalse(new Daemon.FirstMount(Ref.MAIN, MNT, List.of("ro", "rw")).readOnly());
        assertFalse(new Daemon.FirstMount(Ref.MAIN, MNT, List.of()).readOnly());
        assertTrue(new Daemon.FirstMount(new Ref("main", "1"), MNT, List.of()).readOnly());
    }

    @Test
    void aRenamedSubvolumeIsMountedByItsNewName() throws IOException {
        try (ControlClient client = ControlClient.connect(endpoint).orElseThrow()) {
            RemotePool remote = new RemotePool(client);
            remote.renameSubvolume("main", "first");
            assertEquals(Ref.parse("first"), daemon.status().mounts().getFirst().ref());
        }
    }

    @Test
    void stoppingUnmountsAllAndClosesThePool() throws Exception {
        mount("main@1", "/mnt/b");
        daemon.stop();
        assertTrue(pool.isClosed());
        assertTrue(mounter.mounted.isEmpty());
        assertKind(ErrorKind.BUSY, () -> mount("main", "/mnt/c"));
        serving.get(5, TimeUnit.SECONDS);
    }

    @Test
    void aMountThatCanNotBeUnmountedDoesNotKeepThePoolOpen() throws Exception {
        mounter.refusal = new IOException("target is busy");
        daemon.stop();
        assertTrue(pool.isClosed());
        assertTrue(logged.toString(StandardCharsets.UTF_8).contains("target is busy"));
        serving.get(5, TimeUnit.SECONDS);
        mounter.unmount(MNT);
    }

    @Test
    void aFirstMountThatFailsClosesThePool() throws IOException {
        mounter.unmount(MNT);
        assertTrue(daemon.awaitUnmount(MNT));
        FakePool second = new FakePool();
        mounter.failure = new RequestException(ErrorKind.NOT_FOUND, "unknown");
        Daemon.FirstMount mian = new Daemon.FirstMount(Ref.parse("mian"), MNT, List.of());
        String message =
                assertKind(
                        ErrorKind.NOT_FOUND,
                        () -> Daemon.start(image, endpoint, second, mounter, mian, log()));
        assertTrue(message.contains("near: main"), message);
        assertTrue(second.isClosed());
        assertFalse(Files.exists(endpoint.socket()));
    }

    @Test
    void whatFuseSaysOfARefusalIsInTheMessage() throws IOException {
        Files.writeString(endpoint.log(), "fusermount: of an earlier mount\n");
        mounter.failure = new RequestException(ErrorKind.IO, "can't mount");
        mounter.beforeFailure =
                () ->
                        Files.writeString(
                                endpoint.log(),
                                "2026-01-01 no line of fuse\nfusermount: allow_other is forbidden\n",
                                StandardOpenOption.APPEND);
        String message = assertKind(ErrorKind.IO, () -> mount("main", "/mnt/b"));
        assertEquals("can't mount (fusermount: allow_other is forbidden)", message);
    }

    @Test
    void theHeapOfADaemonIsBoundByItsCache() {
        DaemonSettings settings =
                new DaemonSettings(
                        image,
                        new Daemon.FirstMount(Ref.MAIN, MNT, List.of("ro", "allow_other")),
                        64L << 20,
                        java.time.Duration.ofMillis(500));
        assertEquals(384L << 20, settings.heapBytes());
        assertEquals(
                List.of(
                        "--subvol=main",
                        "--cache=67108864",
                        "--commit=500ms",
                        "-o",
                        "ro,allow_other",
                        "--",
                        image.toString(),
                        MNT.toString()),
                settings.toArguments());
    }

    private Daemon start(Ref ref) throws IOException {
        return Daemon.start(
                image, endpoint, pool, mounter, new Daemon.FirstMount(ref, MNT, List.of()), log());
    }

    private Log log() {
        return new Log(new PrintStream(logged, true, StandardCharsets.UTF_8));
    }

    private void serve() {
        try {
            daemon.serve();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private MountService.ServedMount mount(String ref, String directory) throws IOException {
        return daemon.mount(Ref.parse(ref), Path.of(directory), List.of());
    }

    private static String assertKind(
            ErrorKind kind, org.junit.jupiter.api.function.Executable request) {
        CowException failure = assertThrows(CowException.class, request);
        assertEquals(kind, failure.kind(), failure.getMessage());
        return failure.getMessage();
    }

    private interface Step {
        void run() throws IOException;
    }

    /// Mounts that last until they are unmounted.
    private static final class FakeMounter implements Mounter {
        final Map<Path, CountDownLatch> mounted = new ConcurrentHashMap<>();
        volatile IOException failure;
        volatile Step beforeFailure = () -> {};
        volatile IOException refusal;
        volatile boolean hasFailed;

        @Override
        public Handle mount(Pool pool, Ref ref, Path directory, List<String> options)
                throws IOException {
            if (failure != null) {
                beforeFailure.run();
                throw failure;
            }
            CountDownLatch up = new CountDownLatch(1);
            mounted.put(directory, up);
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
                    return hasFailed;
                }

                @Override
                public void unmount() throws IOException {
                    if (refusal != null) {
                        throw refusal;
                    }
                    FakeMounter.this.unmount(directory);
                }
            };
        }

        @Override
        public PoolOperations operations(Pool pool) {
            return pool;
        }

        void unmount(Path directory) {
            mounted.remove(directory).countDown();
        }
    }
}
