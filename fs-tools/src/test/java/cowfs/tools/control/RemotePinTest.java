package cowfs.tools.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume;
import cowfs.file.Volume.SeekTarget;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A state that a daemon keeps, read through the control socket, is what the engine reads.
@Timeout(60)
final class RemotePinTest {
    private static final byte[] ODD = {'a', ' ', -1, '\n'};

    @TempDir Path directory;
    private Pool pool;
    private Volume main;
    private Endpoint endpoint;
    private ControlServer server;
    private long file;
    private final byte[] content = new byte[3_000_000];

    @BeforeEach
    void start() throws IOException {
        MemoryDevice device = new MemoryDevice(64L << 20);
        Images.format(device, FormatOptions.ofSize(64L << 20));
        pool = Images.open(device, OpenOptions.DEFAULTS);
        main = pool.volume(Ref.MAIN);
        new Random(1).nextBytes(content);
        file = main.create(Volume.ROOT_INODE, ODD, NewInode.regular(0640, 1, 2)).inode();
        main.write(file, 1 << 20, ByteBuffer.wrap(content));
        main.setXattr(file, name("user.k"), ODD, XattrMode.CREATE);
        main.symlink(Volume.ROOT_INODE, name("link"), ODD, NewInode.regular(0777, 0, 0));
        for (int i = 0; i < 2500; i++) {
            main.create(Volume.ROOT_INODE, name("n" + i), NewInode.directory(0700, 0, 0));
        }
        Path image = Files.createFile(directory.resolve("image"));
        endpoint = Endpoint.of(image, directory);
        server =
                ControlServer.start(
                        endpoint,
                        () -> new Requests(pool, new NoMounts()),
                        new Log(new PrintStream(OutputStream.nullOutputStream())));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        server.awaitPeers(Duration.ofSeconds(10));
        pool.close();
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private RemotePool connect() throws IOException {
        return new RemotePool(ControlClient.connect(endpoint).orElseThrow());
    }

    @Test
    void everyReadGivesWhatTheEngineGives() throws IOException {
        Attributes attributes = main.getAttributes(file);
        try (ControlClient client = ControlClient.connect(endpoint).orElseThrow();
                PinnedState state = new RemotePool(client).pin()) {
            // what comes later is not seen
            main.write(file, 0, ByteBuffer.wrap(name("later")));
            main.setAttributes(file, AttributeChange.ofMode(0600));
            pool.createSubvolume("later");
            assertEquals(
                    List.of("main"),
                    state.list().stream().map(each -> each.ref().toString()).toList());
            ReadableVolume volume = state.volume(Ref.MAIN);
            assertEquals("main", volume.name());
            assertEquals(main.treeId(), volume.treeId());
            assertEquals(attributes, volume.getAttributes(file));
            assertEquals(attributes, volume.lookup(Volume.ROOT_INODE, ODD));
            assertEquals(Volume.ROOT_INODE, volume.getParent(Volume.ROOT_INODE));
            long link = volume.lookup(Volume.ROOT_INODE, name("link")).inode();
            assertArrayEquals(ODD, volume.readLink(link));
            assertEquals(1 << 20, volume.seek(file, 0, SeekTarget.DATA));
            assertEquals(1, volume.listXattrs(file).size());
            assertArrayEquals(ODD, volume.getXattr(file, name("user.k")));
            ByteBuffer target = ByteBuffer.allocate(5_000_000);
            assertEquals((1 << 20) + content.length, volume.read(file, 0, target));
            byte[] expected = new byte[5_000_000];
            System.arraycopy(content, 0, expected, 1 << 20, content.length);
            assertArrayEquals(expected, target.array());
            assertEquals(names(main), names(volume));
            assertEquals(names(main), namesWithAttributes(volume));
            assertEquals(2504, names(volume).size());
        }
    }

    private static List<String> names(ReadableVolume volume) throws IOException {
        List<String> names = new ArrayList<>();
        volume.readDirectory(
                Volume.ROOT_INODE,
                0,
                (name, inode, type, cookie) ->
                        names.add(new String(name, StandardCharsets.ISO_8859_1) + inode));
        return names;
    }

    private static List<String> namesWithAttributes(ReadableVolume volume) throws IOException {
        List<String> names = new ArrayList<>();
        volume.readDirectoryWithAttributes(
                Volume.ROOT_INODE,
                0,
                300,
                (name, attributes, cookie) ->
                        names.add(
                                new String(name, StandardCharsets.ISO_8859_1)
                                        + attributes.inode()));
        return names;
    }

    @Test
    void failuresKeepTheirKind() throws IOException {
        try (ControlClient client = ControlClient.connect(endpoint).orElseThrow();
                PinnedState state = new RemotePool(client).pin()) {
            ReadableVolume volume = state.volume(Ref.MAIN);
            assertEquals(
                    ErrorKind.NOT_FOUND,
                    kind(() -> volume.lookup(Volume.ROOT_INODE, name("none"))));
            assertEquals(ErrorKind.NO_ATTRIBUTE, kind(() -> volume.getXattr(file, name("user.x"))));
            assertEquals(ErrorKind.NOT_FOUND, kind(() -> state.volume(Ref.parse("none"))));
            assertEquals(
                    ErrorKind.NO_SUCH_OFFSET,
                    kind(() -> volume.seek(file, 1L << 40, SeekTarget.DATA)));
            state.close();
            assertEquals(ErrorKind.INVALID, kind(() -> volume.getAttributes(file)));
        }
    }

    private static ErrorKind kind(org.junit.jupiter.api.function.Executable body) {
        return assertThrows(CowException.class, body).kind();
    }

    @Test
    void theEndOfAConnectionEndsItsPins() throws IOException {
        for (int i = 0; i < 100; i++) {
            ControlClient client = ControlClient.connect(endpoint).orElseThrow();
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .ignoreExceptions()
                    .until(() -> new RemotePool(client).pin().txg() > 0);
            client.close();
        }
        List<ControlClient> open = new ArrayList<>();
        CowException refused =
                assertThrows(
                        CowException.class,
                        () -> {
                            while (true) {
                                ControlClient client =
                                        ControlClient.connect(endpoint).orElseThrow();
                                open.add(client);
                                new RemotePool(client).pin();
                            }
                        });
        assertEquals(ErrorKind.BUSY, refused.kind());
        assertTrue(open.size() > 32, "connections: " + open.size());
        for (ControlClient client : open) {
            client.close();
        }
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .ignoreExceptions()
                .until(
                        () -> {
                            connect().pin();
                            return true;
                        });
    }

    /// A daemon without mounts.
    private static final class NoMounts implements MountService {
        @Override
        public Status status() {
            return new Status(1, Path.of("i"), Path.of("l"), List.of());
        }

        @Override
        public ServedMount mount(Ref ref, Path where, List<String> options) {
            return new ServedMount(ref, where, true, "none", Map.of());
        }

        @Override
        public LogLevel logLevel() {
            return LogLevel.INFO;
        }

        @Override
        public void setLogLevel(LogLevel level) {
            throw new AssertionError("nobody asks for it");
        }

        @Override
        public IoStatistics statistics() {
            throw new AssertionError("nobody asks for it");
        }

        @Override
        public boolean awaitUnmount(Path where) {
            return false;
        }
    }
}
