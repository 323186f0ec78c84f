package cowfs.tools.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FileChanges;
import cowfs.api.FilePlace;
import cowfs.api.PoolActivity;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.fuse.operation.RequestTime;
import cowfs.tools.FakePool;
import cowfs.tools.FileChangeSamples;
import cowfs.tools.text.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests over a real socket, to a fake pool.
@Timeout(60)
final class ControlSocketTest {
    @TempDir Path directory;

    private final FakePool pool = new FakePool();
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final Log log = new Log(new PrintStream(logged, true, StandardCharsets.UTF_8));
    private final List<String> order = Collections.synchronizedList(new ArrayList<>());
    private Endpoint endpoint;
    private ControlServer server;

    @BeforeEach
    void start() throws IOException {
        Path image = Files.createFile(directory.resolve("image"));
        endpoint = Endpoint.of(image, directory);
        server =
                ControlServer.start(endpoint, () -> new Requests(pool, new FakeMounts(image)), log);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertTrue(server.awaitPeers(Duration.ofSeconds(5)), "no connection was left hanging");
    }

    @Test
    void everyOperationReachesThePool() throws IOException {
        try (ControlClient client = connect()) {
            RemotePool remote = new RemotePool(client);
            assertEquals(pool.info(), remote.info());
            assertEquals(Ref.parse("a"), remote.createSubvolume("a").ref());
            assertEquals(Ref.parse("b"), remote.renameSubvolume("a", "b").ref());
            assertTrue(remote.snapshot(Ref.parse("b@1")).readOnly());
            assertEquals(Ref.parse("b@1"), remote.cloneSubvolume(Ref.parse("b@1"), "c").origin());
            assertEquals(pool.list(), remote.list());
            assertEquals(pool.spaceUsage(List.of(Ref.MAIN)), remote.spaceUsage(List.of(Ref.MAIN)));
            assertEquals(pool.list().size(), remote.spaceUsage(List.of()).size());
            List<FilePlace> places =
                    List.of(new FilePlace(Ref.MAIN, FilePath.of(new byte[] {'/', (byte) 0xff})));
            assertEquals(pool.pathUsage(places), remote.pathUsage(places));
            remote.delete(List.of(Ref.parse("b@1"), Ref.parse("c")));
            remote.sync();
            remote.awaitReclaim();
            assertEquals(
                    List.of(
                            "create a",
                            "rename a b",
                            "snapshot b@1",
                            "clone b@1 c",
                            "sync",
                            "sync",
                            "sync",
                            "delete [b@1, c]",
                            "sync",
                            "awaitReclaim"),
                    pool.calls());
        }
    }

    @Test
    void aDiffComesItemByItemAndEndsWithItsReader() throws IOException {
        pool.changes(Collections.nCopies(100_000, FileChangeSamples.ALL.getFirst()));
        try (ControlClient client = connect()) {
            RemotePool remote = new RemotePool(client);
            int count = 0;
            try (FileChanges changes = remote.diff(Ref.MAIN, Ref.MAIN, FilePath.of("/a b"))) {
                assertEquals(1, remote.list().size(), "other requests go on meanwhile");
                while (changes.next() != null) {
                    count++;
                }
                assertNull(changes.next());
            }
            assertEquals(100_000, count);
            try (FileChanges changes = remote.diff(Ref.MAIN, Ref.MAIN, FilePath.ROOT)) {
                assertEquals(FileChangeSamples.ALL.getFirst(), changes.next());
            }
        }
        assertTrue(server.awaitPeers(Duration.ofSeconds(30)), "the other side has ended too");
        assertEquals(
                List.of("diff main main /a b", "diff closed", "diff main main /", "diff closed"),
                pool.calls());
    }

    @Test
    void aDiffThatFailsHalfWaySaysWhy() throws IOException {
        pool.changes(List.of(FileChangeSamples.ALL.getFirst()));
        pool.failAfterChanges(new RequestException(ErrorKind.NOT_FOUND, "'main@1' was deleted"));
        try (ControlClient client = connect();
                FileChanges changes =
                        new RemotePool(client).diff(Ref.MAIN, Ref.MAIN, FilePath.ROOT)) {
            assertEquals(FileChangeSamples.ALL.getFirst(), changes.next());
            RequestException failure = assertThrows(RequestException.class, changes::next);
            assertEquals(ErrorKind.NOT_FOUND, failure.kind());
            assertEquals("'main@1' was deleted", failure.getMessage());
        }
    }

    @Test
    void aFailureKeepsItsKindAndMessage() throws IOException {
        try (ControlClient client = connect()) {
            RemotePool remote = new RemotePool(client);
            RequestException failure =
                    assertThrows(RequestException.class, () -> remote.createSubvolume("main"));
            assertEquals(ErrorKind.EXISTS, failure.kind());
            assertEquals("main exists already", failure.getMessage());
            assertEquals(1, remote.list().size(), "the connection goes on");
        }
    }

    @Test
    void aDefectIsLoggedWithItsTraceAndAnsweredInOneLine() throws IOException {
        try (ControlClient client = connect()) {
            RequestException failure =
                    assertThrows(
                            RequestException.class,
                            () -> client.call(Verb.MOUNT, mountRequest("/defect")));
            assertTrue(failure.getMessage().contains("IllegalStateException: made up"));
            assertTrue(failure.getMessage().contains(endpoint.log().toString()));
            assertFalse(failure.getMessage().contains("\n"));
        }
        String text = logged.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("at cowfs.tools.control.ControlSocketTest"), text);
    }

    @Test
    void theDaemonsMountsCanBeSeenAndMade() throws IOException {
        try (ControlClient client = connect()) {
            RemoteMounts mounts = new RemoteMounts(client);
            MountService.ServedMount made =
                    mounts.mount(Ref.parse("main@1"), Path.of("/mnt/ä b"), List.of("ro", "a=b"));
            assertEquals(
                    new MountService.ServedMount(
                            Ref.parse("main@1"),
                            Path.of("/mnt/ä b"),
                            true,
                            "none",
                            Map.of("LOOKUP", 3L)),
                    made);
            assertEquals(List.of(made), mounts.status().mounts());
            assertEquals(ProcessHandle.current().pid(), mounts.status().pid());
            assertTrue(mounts.awaitUnmount(Path.of("/mnt/ä b")));
        }
    }

    @Test
    void malformedRequestsAreAnsweredAndEndNothing() throws IOException {
        assertEquals("IO", errorOf("nonsense").text("kind"));
        assertEquals("IO", errorOf("[]").text("kind"));
        assertEquals("IO", errorOf("{}").text("kind"));
        assertEquals("IO", errorOf("{\"version\":1}").text("kind"));
        assertEquals("IO", errorOf("{\"version\":1,\"verb\":\"snapshot\"}").text("kind"));
        assertEquals(
                "INVALID",
                errorOf("{\"version\":1,\"verb\":\"snapshot\",\"refs\":[\"a/b@c\"]}").text("kind"));
        assertEquals(List.of(), pool.calls());
    }

    @Test
    void anotherVersionIsToldWhatToDo() throws IOException {
        JsonObject newer = errorOf("{\"version\":2,\"verb\":\"info\"}");
        assertEquals("UNSUPPORTED", newer.text("kind"));
        assertTrue(newer.text("message").contains("mount again"), newer.text("message"));
        JsonObject unknown = errorOf("{\"version\":1,\"verb\":\"dance\"}");
        assertEquals("UNSUPPORTED", unknown.text("kind"));
        assertTrue(unknown.text("message").contains("'dance'"), unknown.text("message"));
    }

    @Test
    void onlyTheOwnerCanReachTheSocket() throws IOException {
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(endpoint.socket())));
    }

    @Test
    void theSameImageHasTheSameEndpointByAnyPath() throws IOException {
        Path link = Files.createLink(directory.resolve("hard"), directory.resolve("image"));
        Path symlink = Files.createSymbolicLink(directory.resolve("soft"), link);
        assertEquals(endpoint, Endpoint.of(link, directory));
        assertEquals(endpoint, Endpoint.of(symlink, directory));
    }

    @Test
    void aClosedServerLeavesNoSocketButAnswersWhoIsConnected() throws IOException {
        try (ControlClient client = connect()) {
            assertEquals(pool.info(), new RemotePool(client).info());
            server.close();
            assertFalse(Files.exists(endpoint.socket()));
            assertTrue(ControlClient.connect(endpoint).isEmpty());
            assertEquals(pool.info(), new RemotePool(client).info());
        }
    }

    @Test
    void aSocketThatAKilledDaemonLeftIsNoDaemonAndIsReplaced() throws IOException {
        server.close();
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(endpoint.socket()));
        }
        assertTrue(Files.exists(endpoint.socket()), "closing it leaves its file, as a kill does");
        assertTrue(ControlClient.connect(endpoint).isEmpty());

        server =
                ControlServer.start(
                        endpoint, () -> new Requests(pool, new FakeMounts(directory)), log);

        try (ControlClient client = connect()) {
            assertEquals(pool.info(), new RemotePool(client).info());
        }
    }

    @Test
    void whereThereAreNoThreadsOneConnectionAfterTheOtherIsAnswered() throws IOException {
        server.close();
        server =
                ControlServer.start(
                        endpoint,
                        () -> new Requests(pool, new FakeMounts(directory)),
                        log,
                        task -> {
                            throw new OutOfMemoryError("unable to create native thread");
                        });
        for (int i = 0; i < 3; i++) {
            try (ControlClient client = connect()) {
                assertEquals(pool.info(), new RemotePool(client).info());
            }
        }
    }

    @Test
    void aSocketWhereADaemonAnswersIsNotTakenAway() throws IOException {
        assertFalse(endpoint.removeStale());
        ControlClient.connect(endpoint).orElseThrow().close();
        RequestException refused =
                assertThrows(
                        RequestException.class,
                        () ->
                                ControlServer.start(
                                        endpoint,
                                        () -> new Requests(pool, new FakeMounts(directory)),
                                        log));
        assertEquals(ErrorKind.BUSY, refused.kind());
        ControlClient.connect(endpoint).orElseThrow().close();
    }

    @Test
    void theLogOfADaemonThatDidNotEndWellIsSetAsideAndSaysHowItEnded() throws IOException {
        assertEquals("", endpoint.setLogAside());
        Files.writeString(
                endpoint.log(), "2026-01-01 mounted\n2026-01-02 /i FAILED: disk full\nend\n");
        String end = endpoint.setLogAside();
        assertTrue(end.contains("FAILED: disk full; the log"), end);
        assertTrue(end.endsWith(endpoint.previousLog().toString()), end);
        assertFalse(Files.exists(endpoint.log()));
        endpoint.restoreLog();
        assertEquals(end, endpoint.setLogAside());

        Files.writeString(endpoint.log(), "2026-01-03 mounted\n");
        end = endpoint.setLogAside();
        assertTrue(end.contains("ended without closing it"), end);
        assertEquals("2026-01-03 mounted\n", Files.readString(endpoint.previousLog()));
        assertEquals(FileIdentity.of(directory.resolve("image")), endpoint.identity());
    }

    @Test
    void aDaemonThatEndsInTheMiddleIsReportedWithItsLog() throws Exception {
        server.close();
        try (ServerSocketChannel dying = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dying.bind(UnixDomainSocketAddress.of(endpoint.socket()));
            Thread end =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try (SocketChannel peer = dying.accept()) {
                                            peer.read(ByteBuffer.allocate(1000));
                                        } catch (IOException e) {
                                            order.add(e.toString());
                                        }
                                    });
            try (ControlClient client = connect()) {
                RequestException failure =
                        assertThrows(
                                RequestException.class, () -> client.call(Verb.INFO, Map.of()));
                assertTrue(failure.getMessage().contains(endpoint.log().toString()));
            }
            end.join();
        }
        assertEquals(List.of(), order);
    }

    private ControlClient connect() throws IOException {
        return ControlClient.connect(endpoint).orElseThrow();
    }

    private static Map<String, Object> mountRequest(String directory) {
        return Map.of("ref", "main", "dir", directory, "options", List.of());
    }

    private JsonObject errorOf(String request) throws IOException {
        try (SocketChannel channel =
                        SocketChannel.open(UnixDomainSocketAddress.of(endpoint.socket()));
                BufferedReader replies =
                        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            channel.write(ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8)));
            return JsonObject.parse(replies.readLine()).object("error");
        }
    }

    /// Mounts on paper.
    private static final class FakeMounts implements MountService {
        private final Path image;
        private final List<ServedMount> mounts = new ArrayList<>();
        private LogLevel level = LogLevel.INFO;

        FakeMounts(Path image) {
            this.image = image;
        }

        @Override
        public Status status() {
            return new Status(ProcessHandle.current().pid(), image, image, mounts);
        }

        @Override
        public ServedMount mount(Ref ref, Path directory, List<String> options) {
            if (directory.endsWith("defect")) {
                throw new IllegalStateException("made up");
            }
            ServedMount mount =
                    new ServedMount(
                            ref, directory, options.contains("ro"), "none", Map.of("LOOKUP", 3L));
            mounts.add(mount);
            return mount;
        }

        @Override
        public IoStatistics statistics() {
            return new IoStatistics(
                    new PoolActivity(1, 2, 3, 4, 5, 6, 7),
                    List.of(
                            new IoStatistics.MountRequests(
                                    "main",
                                    "/mnt",
                                    Map.of("READ", new RequestTime(1, 2, 3, 4, 5, 6, 7)))));
        }

        @Override
        public LogLevel logLevel() {
            return level;
        }

        @Override
        public void setLogLevel(LogLevel wanted) {
            level = wanted;
        }

        @Override
        public boolean awaitUnmount(Path directory) {
            return mounts.removeIf(mount -> mount.directory().equals(directory));
        }
    }
}
