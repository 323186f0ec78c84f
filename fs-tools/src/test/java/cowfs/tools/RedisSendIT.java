package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A database that is written to all the while arrives elsewhere as it was at the snapshot: all
/// that it had acknowledged before, and nothing from later. Needs Debian's redis-server, which
/// `scripts/test` installs.
@Timeout(300)
final class RedisSendIT {
    private static final Path SERVER = Path.of("/usr/bin/redis-server");

    /// How long a path of a socket may be.
    private static final Path SOCKETS = Path.of("/tmp");

    @RegisterExtension final MountedImages images = new MountedImages();

    private final List<Process> servers = new ArrayList<>();

    @BeforeAll
    static void requireRedis() {
        assertTrue(Files.exists(SERVER), "install redis-server, as scripts/test does");
    }

    @AfterEach
    void stopServers() throws InterruptedException {
        for (Process each : servers) {
            each.destroy();
            if (!each.waitFor(20, TimeUnit.SECONDS)) {
                each.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void aReceivedDatabaseIsWhatItWasAtTheSnapshot() throws Exception {
        Path from = images.image("from", "1G");
        Path to = images.image("to", "1G");
        Path source = images.mountPoint("source");
        Path target = images.mountPoint("target");
        images.mount(from, source);
        images.mount(to, target);
        Path data = Files.createDirectory(source.resolve("db"));
        UnixDomainSocketAddress live = start(data);
        AcknowledgedWriter writer = AcknowledgedWriter.begin(() -> new Client(live));
        List<LiveSnapshot> snapshots = LiveSnapshot.sendTwo(writer, source, target);
        writer.end();

        for (LiveSnapshot each : snapshots) {
            Path copy = images.mountPoint("copy-" + each.name());
            Command.run("clone", target, "copy@" + each.name(), "work-" + each.name()).succeeded();
            images.mount(to, copy, "--subvol", "work-" + each.name());
            UnixDomainSocketAddress socket = start(copy.resolve("db"));
            long count;
            try (Client client = new Client(socket)) {
                count = client.ask("DBSIZE");
                for (long i = 1; i <= count; i++) {
                    assertEquals(i, client.ask("GET", "key:" + i), "key " + i + " of " + count);
                }
            }
            each.assertHas(count);
            stopServer();
            Command.run("umount", copy).succeeded();
        }
        stopServers();
        Command.run("umount", source).succeeded();
        Command.run("umount", target).succeeded();
        Command.run("check", to).succeeded();
    }

    private UnixDomainSocketAddress start(Path data) throws IOException {
        Path socket =
                SOCKETS.resolve(
                        "cowfs-redis-" + ProcessHandle.current().pid() + "-" + servers.size());
        Path log = images.path("redis-" + servers.size() + ".log");
        servers.add(
                new ProcessBuilder(
                                SERVER.toString(),
                                "--port",
                                "0",
                                "--unixsocket",
                                socket.toString(),
                                "--dir",
                                data.toString(),
                                "--appendonly",
                                "yes",
                                "--appendfsync",
                                "always",
                                "--save",
                                "")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start());
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(
                        () -> {
                            try (Client client = new Client(address)) {
                                client.ask("DBSIZE");
                                return true;
                            }
                        });
        return address;
    }

    private void stopServer() throws InterruptedException {
        Process last = servers.removeLast();
        last.destroy();
        assertTrue(last.waitFor(20, TimeUnit.SECONDS), "redis stops when it is asked to");
    }

    /// Speaks Redis's protocol, as far as this test needs it. Not thread safe.
    private static final class Client implements AcknowledgedWriter.Connection {
        private final SocketChannel channel;
        private final OutputStream out;
        private final BufferedReader in;

        Client(UnixDomainSocketAddress socket) throws IOException {
            channel = SocketChannel.open(socket);
            out = Channels.newOutputStream(channel);
            in =
                    new BufferedReader(
                            new InputStreamReader(
                                    Channels.newInputStream(channel), StandardCharsets.UTF_8));
        }

        @Override
        public void write(long number) throws IOException {
            ask("SET", "key:" + number, String.valueOf(number));
        }

        /// The number in the answer; 0 for OK.
        long ask(String... words) throws IOException {
            StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
            for (String each : words) {
                request.append('$')
                        .append(each.length())
                        .append("\r\n")
                        .append(each)
                        .append("\r\n");
            }
            out.write(request.toString().getBytes(StandardCharsets.UTF_8));
            String answer = in.readLine();
            if (answer == null || answer.startsWith("-")) {
                throw new IOException("redis says: " + answer);
            }
            return switch (answer.charAt(0)) {
                case '$' -> answer.equals("$-1") ? -1 : Long.parseLong(in.readLine());
                case ':' -> Long.parseLong(answer.substring(1));
                default -> 0;
            };
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
