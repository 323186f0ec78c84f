package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.file.PathUtils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// PostgreSQL, written to all the while, recovers elsewhere from a snapshot that was sent: with all
/// transactions that it had acknowledged before, none from later, and none by half. Needs Debian's
/// postgresql, which `scripts/test` installs, and root: the server refuses to run as root itself.
@Timeout(300)
final class PostgresSendIT {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
    private static final String USER = "postgres";

    @RegisterExtension final MountedImages images = new MountedImages();

    private final List<Process> servers = new ArrayList<>();
    private Path programs;
    private Path sockets;

    @BeforeEach
    void prepare() throws IOException {
        assertTrue(Files.exists(VERSIONS), "install postgresql, as scripts/test does");
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(VERSIONS)) {
            programs = versions.iterator().next().resolve("bin");
        }
        // short, as paths of sockets must be
        sockets = Files.createTempDirectory(Path.of("/tmp"), "cowfs-pg");
        give(sockets);
        Files.setPosixFilePermissions(
                images.path("any").getParent(), PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void cleanUp() throws IOException, InterruptedException {
        stopServers();
        PathUtils.deleteDirectory(sockets);
    }

    private void stopServers() throws IOException, InterruptedException {
        while (!servers.isEmpty()) {
            stop(servers.removeLast());
        }
    }

    private static void give(Path path) throws IOException {
        Files.setOwner(
                path,
                path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
    }

    private List<String> asPostgres(String program, Object... arguments) {
        List<String> words =
                new ArrayList<>(
                        List.of("setpriv", "--reuid", USER, "--regid", USER, "--init-groups"));
        words.add(programs.resolve(program).toString());
        for (Object each : arguments) {
            words.add(each.toString());
        }
        return words;
    }

    @Test
    void aReceivedDatabaseRecoversToTheSnapshot() throws Exception {
        Path from = images.image("from", "1G");
        Path to = images.image("to", "1G");
        Path source = images.mountPoint("source");
        Path target = images.mountPoint("target");
        images.mount(from, source);
        images.mount(to, target);
        Path data = Files.createDirectory(source.resolve("db"));
        give(data);
        Run made = Command.run(asPostgres("initdb", "-k", "-A", "trust", "-D", data));
        assertEquals(0, made.exitCode(), made.err());
        start(data, "live");
        query("live", "create table t (n int primary key); create table u (n int)");
        AcknowledgedWriter writer = AcknowledgedWriter.begin(Client::new);
        List<LiveSnapshot> snapshots = LiveSnapshot.sendTwo(writer, source, target);
        writer.end();

        for (LiveSnapshot each : snapshots) {
            Path copy = images.mountPoint("copy-" + each.name());
            String work = "work-" + each.name();
            Command.run("clone", target, "copy@" + each.name(), work).succeeded();
            images.mount(to, copy, "--subvol", work);
            start(copy.resolve("db"), each.name());
            String[] found =
                    query(
                                    each.name(),
                                    "select count(*), coalesce(max(n), 0), (select count(*) from u),"
                                            + " (select sum(n) from u) - sum(n) from t")
                            .split("\\|", -1);
            each.assertHas(Long.parseLong(found[0]));
            assertEquals(found[0], found[1], "no record is missing");
            assertEquals(found[0], found[2], "no transaction is there by half");
            assertEquals("0", found[3]);
            stop(servers.removeLast());
            Command.run("umount", copy).succeeded();
        }
        stopServers();
        Command.run("umount", source).succeeded();
        Command.run("umount", target).succeeded();
        Command.run("check", to).succeeded();
    }

    private void start(Path data, String name) throws IOException {
        Path socket = Files.createDirectory(sockets.resolve(name));
        give(socket);
        Files.deleteIfExists(data.resolve("postmaster.pid")); // of a server on another host
        Path log = images.path("postgres-" + name + ".log");
        servers.add(
                new ProcessBuilder(
                                asPostgres(
                                        "postgres",
                                        "-D",
                                        data,
                                        "-k",
                                        socket,
                                        "-c",
                                        "listen_addresses=",
                                        "-c",
                                        "jit=off"))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start());
        Awaitility.await("PostgreSQL, whose log is " + log)
                .atMost(Duration.ofMinutes(1))
                .until(() -> Command.run(psql(name, "-c", "select 1")).exitCode() == 0);
    }

    /// A fast shutdown, which waits for no client.
    private static void stop(Process server) throws IOException, InterruptedException {
        Command.run(List.of("kill", "-INT", String.valueOf(server.pid())));
        if (!server.waitFor(20, TimeUnit.SECONDS)) {
            server.destroyForcibly().waitFor();
        }
    }

    private List<String> psql(String name, Object... arguments) {
        List<String> words = asPostgres("psql", "-h", sockets.resolve(name), "-XAtq");
        for (Object each : arguments) {
            words.add(each.toString());
        }
        words.add(USER);
        return words;
    }

    private String query(String name, String sql) throws IOException {
        return Command.run(psql(name, "-c", sql)).succeeded().out().strip();
    }

    /// A client that commits a transaction in two tables for each record.
    private final class Client implements AcknowledgedWriter.Connection {
        private final PrintWriter in;
        private final BufferedReader out;

        Client() throws IOException {
            Process client = new ProcessBuilder(psql("live")).redirectErrorStream(true).start();
            in = new PrintWriter(client.getOutputStream(), false, StandardCharsets.UTF_8);
            out = client.inputReader(StandardCharsets.UTF_8);
        }

        @Override
        public void write(long number) throws IOException {
            in.println(
                    "with x as (insert into t values ("
                            + number
                            + ") returning n) insert into u select n from x returning n;");
            in.flush();
            assertEquals(String.valueOf(number), out.readLine());
        }

        @Override
        public void close() throws IOException {
            in.close();
            out.close();
        }
    }
}
