package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.FileDevice;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `cowfs inspect` on images that are not mounted.
final class InspectCommandsTest {
    @TempDir Path directory;
    private Path image;

    @BeforeEach
    void fill() throws IOException {
        image = directory.resolve("image");
        Images.format(image, new FormatOptions(64L << 20, 4096, 1, ""), false);
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long file =
                    main.create(
                                    1,
                                    "a file".getBytes(StandardCharsets.US_ASCII),
                                    NewInode.regular(0600, 0, 0))
                            .inode();
            main.write(file, 0, ByteBuffer.wrap(new byte[100_000]));
            pool.snapshot(Ref.parse("main@s"));
        }
    }

    @Test
    void eachIsATableForPeopleAndJsonForScripts() throws IOException {
        byte[] before = Files.readAllBytes(image);
        String ring = Run.inProcess("inspect", "super", image).succeeded().out();
        assertTrue(ring.contains("why:"), ring);
        assertTrue(ring.contains("AREA  SLOT  BLOCK  TXG"), ring);
        JsonObject slots = Run.inProcess("inspect", "super", "--json", image).succeeded().json();
        assertEquals(64, slots.objects("slots").size());
        JsonObject extents =
                Run.inProcess("inspect", "file", "--json", image, "main:/a file")
                        .succeeded()
                        .json();
        long block = extents.objects("extents").getFirst().number("block");
        String owners = Run.inProcess("inspect", "refs", image, block).succeeded().out();
        assertTrue(owners.contains("main@s"), owners);
        assertTrue(owners.contains("/a file"), owners);
        String trees = Run.inProcess("inspect", "tree", image).succeeded().out();
        assertTrue(trees.contains("refcount"), trees);
        JsonObject tree = Run.inProcess("inspect", "tree", "--json", image, "main").json();
        long root = tree.objects("nodes").getFirst().number("block");
        String node = Run.inProcess("inspect", "node", image, root).succeeded().out();
        assertTrue(node.contains("kind=dirent"), node);
        assertTrue(node.contains("name=a file"), node);
        String dot = Run.inProcess("inspect", "tree", "--dot", image, "main").succeeded().out();
        assertTrue(dot.startsWith("digraph \"main\" {\n"), dot);
        assertTrue(dot.contains("peripheries=2"), dot);
        String way =
                Run.inProcess("inspect", "tree", "--key", "1/inode/0", image, "main")
                        .succeeded()
                        .out();
        assertTrue(way.contains("found:  yes"), way);
        assertTrue(Run.inProcess("inspect", "space", image).succeeded().out().contains("metadata"));
        assertTrue(Run.inProcess("inspect", "txg", image, 2).succeeded().out().contains("node"));
        assertTrue(
                Run.inProcess("inspect", "stats", image)
                        .succeeded()
                        .out()
                        .contains("pieces on disk"));
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @ParameterizedTest
    @ValueSource(strings = {"super", "tree", "space", "stats"})
    void badImagesAreOneLine(String command) throws IOException {
        Path empty = Files.createFile(directory.resolve("empty"));
        Run.inProcess("inspect", command, empty).failed(1, "is empty");
        Path text = Files.writeString(directory.resolve("text"), "no image");
        Run.inProcess("inspect", command, text)
                .failed(1, text.toString(), "no cowfs superblock found in its 8 bytes");
        Path zeros = directory.resolve("zeros");
        Files.write(zeros, new byte[40 << 20]);
        Run.inProcess("inspect", command, zeros).failed(1, zeros.toString(), "the wrong file");
        Run.inProcess("inspect", command, directory).failed(1, "is a directory");
        Run.inProcess("inspect", command, directory.resolve("no")).failed(1, "does not exist");
        try (FileDevice writer = FileDevice.open(image, true)) {
            assertTrue(writer.sizeBytes() > 0);
            Run.inProcess("inspect", command, image).failed(1, "is in use by process");
        }
        assertTrue(
                Run.inProcess("inspect", command, "--help")
                        .succeeded()
                        .out()
                        .contains("\n  cowfs inspect " + command));
    }

    @Test
    void badArgumentsAreOneLine() {
        Run.inProcess("inspect").failed(2, "cowfs inspect --help");
        Run.inProcess("inspect", "node", image).failed(2, "BLOCK");
        Run.inProcess("inspect", "node", image, "x").failed(2, "BLOCK");
        Run.inProcess("inspect", "node", image, 1 << 30).failed(1, "is not in the image");
        Run.inProcess("inspect", "refs", image, -1).failed(1, "there is no block -1");
        Run.inProcess("inspect", "refs", image, 1 << 30).failed(1, "there is no block");
        Run.inProcess("inspect", "tree", image, "nope").failed(1, "there is no tree 'nope'");
        Run.inProcess("inspect", "tree", "--key", "1/x/0", image, "main").failed(1, "no kind");
        Run.inProcess("inspect", "tree", "--key", "1", image, "main").failed(2, "no key");
        Run.inProcess("inspect", "tree", "--dot", image).failed(2, "name the tree");
        Run.inProcess("inspect", "txg", image, 99_999).failed(1, "there is no txg");
        Run.inProcess("inspect", "space", "--group", 99_999, image).failed(1, "no group");
        Run.inProcess("inspect", "file", image, "main:/none").failed(1, "does not exist");
        Run.inProcess("inspect", "file", image, "main").succeeded();
    }

    @Test
    void damageMakesTheExitCodeOne() throws IOException {
        JsonObject tree = Run.inProcess("inspect", "tree", "--json", image, "main@s").json();
        long block = tree.objects("nodes").getFirst().number("block");
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), block * 4096 + 100);
        }
        for (String command : List.of("tree", "stats")) {
            Run run =
                    command.equals("tree")
                            ? Run.inProcess("inspect", command, image, "main@s")
                            : Run.inProcess("inspect", command, image);
            assertEquals(1, run.exitCode(), run.out());
            assertTrue(run.err().startsWith("cowfs: damaged: "), run.err());
        }
        Run node = Run.inProcess("inspect", "node", image, block);
        assertEquals(0, node.exitCode());
        assertTrue(node.out().contains("header:"), node.out());
    }
}
