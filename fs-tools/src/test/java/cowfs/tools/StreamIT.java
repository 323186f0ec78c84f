package cowfs.tools;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.control.Endpoint;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Sending and receiving with the command, through pipes and files, mounted and not.
@Timeout(300)
final class StreamIT {
    private static final String JAVA =
            Command.words().stream().map(StreamIT::quoted).collect(Collectors.joining(" "));

    @RegisterExtension final MountedImages images = new MountedImages();

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /// Runs a line of shell in which `cowfs` is the command.
    private static Run shell(String line, Object... arguments) throws IOException {
        String script = "set -o pipefail; cowfs() { " + JAVA + " \"$@\"; }; " + line;
        List<String> words = new ArrayList<>(List.of("bash", "-c", script, "bash"));
        for (Object each : arguments) {
            words.add(each.toString());
        }
        return Command.run(words);
    }

    private static String tree(Path root) throws IOException {
        return Command.run(
                        List.of(
                                "bash",
                                "-c",
                                "cd \"$1\" && find . -printf '%P %y %m %n %U %G %s %T@ %l\\n' | sort"
                                        + " && find . -type f -print0 | sort -z | xargs -0 sha256sum"
                                        + " && getfattr -Rd -m - . 2>/dev/null",
                                "bash",
                                root.toString()))
                .out();
    }

    private static void fill(Path root) throws IOException {
        byte[] large = new byte[3 << 20];
        new Random(5).nextBytes(large);
        Files.createDirectories(root.resolve("a/b/c"));
        Files.write(root.resolve("a/large"), large);
        Files.writeString(root.resolve("a/b/small"), "small\n");
        Files.createLink(root.resolve("a/b/c/other name"), root.resolve("a/b/small"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("a/b/small"));
        Files.writeString(root.resolve("gone"), "gone\n");
    }

    private static void change(Path root) throws IOException {
        Files.move(root.resolve("a/b/c"), root.resolve("c moved"));
        Files.delete(root.resolve("gone"));
        Files.writeString(root.resolve("new"), "new\n");
        try (FileChannel channel =
                FileChannel.open(root.resolve("a/large"), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("changed".getBytes(StandardCharsets.UTF_8)), 77777);
        }
    }

    @Test
    void mountedImagesSendToEachOtherThroughPipes() throws IOException {
        Path from = images.image("from", "256M");
        Path to = images.image("to", "256M");
        Path source = images.mountPoint("source");
        Path target = images.mountPoint("target");
        images.mount(from, source);
        images.mount(to, target);
        fill(source);
        Command.run("snapshot", source, "main@mon").succeeded();
        change(source);
        Command.run("snapshot", source, "main@tue").succeeded();

        shell("cowfs send $1 main@mon | cowfs receive $2 copy", source, target).succeeded();
        Run second =
                shell(
                        "cowfs send $1 main@tue --from main@mon | tee $3 | cowfs receive --json $2 copy",
                        source,
                        target,
                        images.path("increment"));
        assertEquals("copy@tue", second.succeeded().json().objects("items").getFirst().text("ref"));
        assertTrue(Files.size(images.path("increment")) < 600_000, "an increment is small");

        Path copy = images.mountPoint("copy");
        images.mount(to, copy, "--subvol", "copy@mon");
        assertEquals(tree(source.resolve(".snapshots/mon")), tree(copy));
        Path later = images.mountPoint("later");
        images.mount(to, later, "--subvol", "copy");
        assertEquals(tree(source.resolve(".snapshots/tue")), tree(later));
        assertEquals(tree(source.resolve(".snapshots/mon")), tree(later.resolve(".snapshots/mon")));

        for (Path mount : List.of(source, target, copy, later)) {
            Command.run("umount", mount).succeeded();
        }
        Command.run("check", from).succeeded();
        Command.run("check", to).succeeded();
    }

    @Test
    void streamsInFilesAreLookedIntoAndReceivedWithoutAMount() throws IOException {
        Path from = images.image("from", "256M");
        Path to = images.image("to", "256M");
        Path source = images.mountPoint("source");
        images.mount(from, source);
        fill(source);
        Command.run("snapshot", source, "main@mon").succeeded();
        Command.run("umount", source).succeeded();
        Path stream = images.path("stream");
        Command.run("send", from, "main@mon", "-o", stream).succeeded();
        assertFalse(Files.exists(images.path("stream.part")));

        JsonObject summary = Command.run("stream", "verify", "--json", stream).succeeded().json();
        assertEquals(List.of("main@mon"), summary.texts("snapshots"));
        assertEquals(64, summary.text("sha256").length());
        String dump = Command.run("stream", "dump", stream).succeeded().out();
        assertEquals(summary.number("records"), dump.lines().count());
        assertTrue(dump.contains("name='other name'"), dump);
        JsonObject first =
                JsonObject.parse(
                        Command.run("stream", "dump", "--json", stream)
                                .succeeded()
                                .out()
                                .lines()
                                .findFirst()
                                .orElseThrow());
        assertEquals("header", first.text("kind"));

        Command.run("receive", to, "copy", "-i", stream).succeeded();
        Command.run("receive", to, "copy", "-i", stream).failed(1, "received already");
        Command.run("receive", to, "main", "-i", stream).failed(1, "exists already");
        Command.run("check", to).succeeded();
        Command.run("send", from, "main").failed(2, "names no snapshot");
        Command.run("send", from, "main@none").failed(1, "no snapshot 'main@none'");
        Command.run("send", from).failed(2, "say which snapshot");
        Command.run("send", from, "--resume", "abc").failed(2, "no token");
        Command.run("stream", "verify", from).failed(1, "no send stream");
    }

    @Test
    void aCutStreamGoesOnOrIsGivenUp() throws IOException {
        Path from = images.image("from", "256M");
        Path to = images.image("to", "256M");
        Path source = images.mountPoint("source");
        images.mount(from, source);
        fill(source);
        Command.run("snapshot", source, "main@mon").succeeded();

        Run cut =
                shell(
                        "cowfs send $1 main@mon | head -c 2500000 | cowfs receive $2 copy",
                        source,
                        to);
        assertEquals(1, cut.exitCode());
        assertTrue(cut.err().contains("the stream was cut; what came before is kept"), cut.err());
        Command.run("check", to).succeeded();
        assertEquals(2, Command.run("list", to).succeeded().out().lines().count());
        String token = Command.run("receive", to, "copy", "--token").succeeded().out().strip();
        assertNotEquals("", token);
        shell("cowfs send $1 --resume $3 | cowfs receive $2 copy", source, to, token).succeeded();
        Command.run("check", to).succeeded();
        Path copy = images.mountPoint("copy");
        images.mount(to, copy, "--subvol", "copy@mon");
        assertEquals(tree(source.resolve(".snapshots/mon")), tree(copy));
        Command.run("umount", copy).succeeded();

        byte[] stream = Files.readAllBytes(sent(source));
        Path half = Files.write(images.path("half"), Arrays.copyOf(stream, stream.length / 2));
        Command.run("receive", to, "again", "-i", half)
                .failed(1, "the stream was cut", "'cowfs receive --token " + to + " again'");
        Command.run("receive", to, "again", "-i", half).failed(1, "was cut", "--abort");
        Command.run("receive", to, "again", "--abort").succeeded();
        assertEquals(0, Command.run("info", "--json", to).succeeded().json().number("reclaiming"));
        Command.run("receive", to, "again", "--abort").failed(1, "no receive");
        Command.run("check", to).succeeded();
        Command.run("umount", source).succeeded();
    }

    private Path sent(Path source) throws IOException {
        Path stream = images.path("stream");
        Command.run("send", source, "main@mon", "-o", stream).succeeded();
        return stream;
    }

    @Test
    void anInterruptedSendLeavesNoSocket() throws Exception {
        Path from = images.image("from", "256M");
        Path source = images.mountPoint("source");
        images.mount(from, source);
        fill(source);
        Command.run("snapshot", source, "main@mon").succeeded();
        Set<Path> before = streamSockets(from);
        Process send =
                new ProcessBuilder(Command.interruptible("send", source, "main@mon")).start();
        try (InputStream out = send.getInputStream()) {
            assertTrue(out.read() >= 0, "the stream has begun");
            Command.run(List.of("kill", "-INT", Long.toString(send.pid()))).succeeded();
            assertTrue(send.waitFor(60, TimeUnit.SECONDS));
        } finally {
            send.destroyForcibly();
        }
        await().atMost(30, TimeUnit.SECONDS)
                .until(
                        () -> {
                            Set<Path> left = streamSockets(from);
                            left.removeAll(before);
                            return left.isEmpty(); // those of other sends are there for a moment
                        });
    }

    private static Set<Path> streamSockets(Path image) throws IOException {
        try (Stream<Path> all = Files.list(Endpoint.of(image).socket().getParent())) {
            return all.filter(path -> path.getFileName().toString().startsWith("stream-"))
                    .collect(Collectors.toCollection(HashSet::new));
        }
    }
}
