package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.FileDevice;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `ls`, `cat`, `stat`, `tree` and `extract` on an image that is not mounted.
final class OfflineReadingTest {
    private static final int BLOCK = 4096;
    private static final byte[] ODD = {(byte) 0xff, ' ', '\n', 'x'};
    private static final Timestamp TIME = new Timestamp(1_600_000_000, 123_456_789);

    @TempDir Path directory;
    private Path image;
    private final byte[] content = new byte[10 * BLOCK + 77];

    @BeforeEach
    void fill() throws IOException {
        image = directory.resolve("an image");
        Images.format(image, new FormatOptions(64L << 20, 4096, 1, ""), false);
        new Random(3).nextBytes(content);
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long dir = main.create(1, name("dir"), NewInode.directory(0750, 0, 0)).inode();
            long file = main.create(dir, name("file"), NewInode.regular(0640, 0, 0)).inode();
            main.write(file, 0, ByteBuffer.wrap(content));
            main.link(file, 1, name("hard"));
            pool.snapshot(Ref.parse("main@old"));
            long sparse = main.create(1, name("sparse"), NewInode.regular(0600, 0, 0)).inode();
            main.write(sparse, 8L << 20, ByteBuffer.wrap(name("end")));
            main.setAttributes(sparse, AttributeChange.ofSize(16L << 20));
            main.symlink(1, name("up"), name("../../dir/file"), NewInode.regular(0777, 0, 0));
            main.symlink(dir, name("abs"), name("/dir"), NewInode.regular(0777, 0, 0));
            main.symlink(1, name("loop"), name("loop"), NewInode.regular(0777, 0, 0));
            main.symlink(1, name("out"), name("/etc"), NewInode.regular(0777, 0, 0));
            long odd = main.create(1, ODD, NewInode.regular(04711, 0, 0)).inode();
            main.write(odd, 0, ByteBuffer.wrap(name("odd")));
            main.setAttributes(odd, AttributeChange.ofTimes(TIME, TIME));
            main.create(1, name("fifo"), new NewInode(Attributes.FIFO | 0600, 0, 0, 0));
            main.setXattr(file, name("user.k"), name("v"), Volume.XattrMode.CREATE);
        }
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void aDirectoryIsListedAndNothingIsWritten() throws IOException {
        byte[] before = Files.readAllBytes(image);
        List<String> lines =
                Run.inProcess("ls", image, "main:/").succeeded().out().lines().toList();
        assertTrue(lines.get(0).matches("MODE +LINKS +UID +GID +SIZE +MODIFIED +NAME"));
        assertEquals(9, lines.size(), lines.toString());
        assertTrue(lines.get(1).startsWith("drwxr-x---  "), lines.get(1));
        assertTrue(lines.stream().anyMatch(line -> line.endsWith(" up -> ../../dir/file")));
        assertTrue(lines.getLast().startsWith("-rws--x--x "), lines.getLast());
        assertTrue(lines.getLast().endsWith(" \\xff \\x0ax"), lines.getLast());
        assertArrayEquals(before, Files.readAllBytes(image));
        assertTrue(
                Run.inProcess("ls", "-d", image, "main:/dir").succeeded().out().contains("dir\n"));
        assertFalse(Run.inProcess("ls", image, "main@old:/").succeeded().out().contains("up"));
    }

    @Test
    void jsonHasStableKeys() throws IOException {
        JsonObject list = Run.inProcess("ls", "--json", image, "main:/").succeeded().json();
        assertEquals("main", list.text("ref"));
        assertEquals("/", list.text("path"));
        assertEquals(List.of(), list.texts("missing"));
        JsonObject odd =
                list.objects("items").stream()
                        .filter(item -> item.has("name_hex"))
                        .findFirst()
                        .orElseThrow();
        assertEquals(
                List.of(
                        "name",
                        "name_hex",
                        "type",
                        "inode",
                        "readable",
                        "mode",
                        "links",
                        "uid",
                        "gid",
                        "size",
                        "allocated",
                        "accessed",
                        "modified",
                        "changed",
                        "born"),
                List.copyOf(odd.members().keySet()));
        assertEquals("ff200a78", odd.text("name_hex"));
        assertEquals("4711", odd.text("mode"));
        assertEquals("2020-09-13T12:26:40.123456789Z", odd.text("modified"));
        JsonObject stat = Run.inProcess("stat", "--json", image, "main:/hard").succeeded().json();
        assertEquals(2, stat.number("links"));
        assertEquals("user.k", stat.objects("xattrs").getFirst().text("name"));
        assertEquals("v", stat.objects("xattrs").getFirst().text("value"));
        JsonObject tree = Run.inProcess("tree", "--json", image, "main:/").succeeded().json();
        assertEquals(10, tree.objects("items").size());
        assertEquals("/dir/abs", tree.objects("items").get(1).text("path"));
        assertEquals(1, tree.number("directories"));
    }

    @Test
    void contentComesOutAsItWentIn() {
        assertEquals(
                latin(content), Run.inProcess("cat", image, "main:/dir/file").succeeded().out());
        assertEquals(latin(content), Run.inProcess("cat", image, "main:/hard").succeeded().out());
        assertEquals("odd", Run.inProcess("cat", image, "main:/\\xff \\x0ax").succeeded().out());
        String sparse = Run.inProcess("cat", image, "main:/sparse").succeeded().out();
        assertEquals(16 << 20, sparse.length());
        assertEquals("end\0", sparse.substring(8 << 20, (8 << 20) + 4));
    }

    @Test
    void linksAreFollowedWithinTheSubvolumeOnly() {
        assertEquals(latin(content), Run.inProcess("cat", image, "main:/up").succeeded().out());
        assertEquals(
                latin(content),
                Run.inProcess("cat", image, "main:/../../dir/abs/abs/file").succeeded().out());
        Run.inProcess("cat", image, "main:/out/passwd").failed(1, "does not exist");
        Run.inProcess("cat", image, "main:/loop").failed(1, "in a circle");
        assertTrue(
                Run.inProcess("stat", image, "main:/loop").succeeded().out().contains("symlink"));
    }

    @Test
    void aTreeIsShown() {
        String tree = Run.inProcess("tree", image, "main:/").succeeded().out();
        assertTrue(tree.startsWith("main:/\n├── dir/\n│   ├── abs -> /dir\n│   └── file\n"), tree);
        assertTrue(tree.endsWith("1 directory, 9 others, 16.1M\n"), tree);
        assertFalse(
                Run.inProcess("tree", "--depth", 1, image, "main")
                        .succeeded()
                        .out()
                        .contains("abs"));
        Run.inProcess("tree", "--depth", 0, image, "main").failed(1, "at least 1");
        Run.inProcess("tree", image, "main:/hard").failed(1, "no directory");
    }

    @Test
    void aTreeIsExtractedWithAllThatItHas() throws IOException {
        Path copy = directory.resolve("copy");
        JsonObject result =
                Run.inProcess("extract", "--json", image, "main:/", copy).succeeded().json();
        assertEquals(copy.toString(), result.text("dest"));
        assertEquals(9, result.number("files"));
        assertEquals(2, result.number("directories"));
        assertEquals(List.of(), result.texts("left_out"));
        assertArrayEquals(content, Files.readAllBytes(copy.resolve("dir/file")));
        assertEquals(
                Files.getAttribute(copy.resolve("hard"), "unix:ino"),
                Files.getAttribute(copy.resolve("dir/file"), "unix:ino"));
        assertEquals(2, Files.getAttribute(copy.resolve("hard"), "unix:nlink"));
        assertEquals(0100640, Files.getAttribute(copy.resolve("hard"), "unix:mode"));
        assertEquals("../../dir/file", Files.readSymbolicLink(copy.resolve("up")).toString());
        assertEquals(
                0010600,
                Files.getAttribute(copy.resolve("fifo"), "unix:mode", LinkOption.NOFOLLOW_LINKS));
        assertEquals(16L << 20, Files.size(copy.resolve("sparse")));
        JsonObject stat = Run.inProcess("stat", "--json", image, "main:/sparse").succeeded().json();
        assertTrue(stat.number("allocated") < 100_000);
        try (Stream<Path> files = Files.list(copy)) {
            Path odd =
                    files.filter(each -> each.toString().endsWith("x")).findFirst().orElseThrow();
            assertEquals(
                    FileTime.from(Instant.ofEpochSecond(TIME.seconds(), TIME.nanos())),
                    Files.getLastModifiedTime(odd));
            assertEquals(0104711, Files.getAttribute(odd, "unix:mode"));
        }
        assertEquals(List.of("an image", "copy"), names(directory));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileGoesIntoADirectoryUnderItsNameOrBecomesWhatIsNamed() throws IOException {
        Path into = Files.createDirectory(directory.resolve("into"));
        Run.inProcess("extract", image, "main:/dir/file", into).succeeded();
        assertArrayEquals(content, Files.readAllBytes(into.resolve("file")));
        Run.inProcess("extract", image, "main:/dir/file", into.resolve("other")).succeeded();
        Run.inProcess("extract", image, "main@old", into).succeeded();
        Run.inProcess("extract", image, "main:/dir", into).succeeded();
        assertEquals(List.of("dir", "file", "main@old", "other"), names(into));
    }

    @Test
    void nothingIsWrittenOverOrThroughWhatIsThere() throws IOException {
        Path there = Files.writeString(directory.resolve("there"), "precious");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), elsewhere);
        Run.inProcess("extract", image, "main:/hard", there).failed(1, "exists already");
        Run.inProcess("extract", image, "main:/hard", link).failed(1, "symbolic link");
        Run.inProcess("extract", image, "main:/hard", directory.resolve("no/where"))
                .failed(1, "there is no directory", "mkdir -p");
        Run.inProcess("extract", image, "main:/nope", directory.resolve("new"))
                .failed(1, "does not exist");
        Run.inProcess("extract", image, "main:/..", elsewhere).failed(1, "a name of your own");
        assertEquals("precious", Files.readString(there));
        assertEquals(List.of(), names(elsewhere));
        assertEquals(List.of("an image", "elsewhere", "link", "there"), names(directory));
    }

    @Test
    void badPlacesAreOneLine() throws IOException {
        for (String command : List.of("ls", "cat", "stat", "tree")) {
            Run.inProcess(command, image, "/dir").failed(2, "write REF:/path", "main:/dir");
            Run.inProcess(command, image, "main:dir").failed(2, "main:/dir");
            Run.inProcess(command, image, "mian:/").failed(1, "near: main");
            Run.inProcess(command, image, "main@new:/").failed(1, "no snapshot 'main@new'");
            Run.inProcess(command, image, "main:/none").failed(1, "there is no 'none'");
            Run.inProcess(command, image, "main:/hard/x").failed(1, "no directory");
            Run.inProcess(command, image, "main:/" + "x".repeat(300)).failed(2, "300 bytes");
            Run.inProcess(command, image, "main:/a\\b").failed(2, "lone backslash");
            Run.inProcess(command, image).failed(2, "REF:/path");
            Run.inProcess(command, directory, "main:/").failed(1, "outside of any cowfs mount");
            Run.inProcess(command, directory.resolve("none"), "main:/").failed(1, "does not exist");
            assertTrue(
                    Run.inProcess(command, "--help")
                            .succeeded()
                            .out()
                            .contains("\n  cowfs " + command));
        }
        Run.inProcess("cat", image, "main:/dir").failed(1, "is a directory");
        Run.inProcess("cat", image, "main:/fifo").failed(1, "no regular file");
        Path empty = Files.createFile(directory.resolve("empty"));
        Run.inProcess("ls", empty, "main:/").failed(1, "is empty");
        Path other = Files.writeString(directory.resolve("other"), "x".repeat(100_000));
        Run.inProcess("ls", other, "main:/").failed(1, "no cowfs superblock");
        Path cut = directory.resolve("cut");
        Files.copy(image, cut);
        try (FileChannel file = FileChannel.open(cut, StandardOpenOption.WRITE)) {
            file.truncate(40L << 20);
        }
        Run.inProcess("ls", cut, "main:/").failed(1, "cut short");
    }

    @Test
    void anImageThatSomebodyWritesToIsRefused() throws IOException {
        try (FileDevice writer = FileDevice.open(image, true)) {
            assertTrue(writer.sizeBytes() > 0);
            Run.inProcess("ls", image, "main:/").failed(1, "is in use by process");
        }
        Run.inProcess("ls", image, "main:/").succeeded();
    }

    @Test
    void whatHasRottedIsToldAndTheRestIsThere() throws IOException {
        spoil(Arrays.copyOfRange(content, 2 * BLOCK, 3 * BLOCK));
        Run cat = Run.inProcess("cat", image, "main:/dir/file");
        assertEquals(1, cat.exitCode());
        assertEquals(1, cat.err().lines().count(), cat.err());
        assertTrue(
                cat.err().startsWith("cowfs: missing: bytes 8192 to 12288 of main:/dir/file: "),
                cat.err());
        byte[] expected = content.clone();
        Arrays.fill(expected, 2 * BLOCK, 3 * BLOCK, (byte) 0);
        assertEquals(latin(expected), cat.out());

        Path copy = directory.resolve("copy");
        Run extract = Run.inProcess("extract", "--json", image, "main:/", copy);
        assertEquals(1, extract.exitCode());
        assertEquals(1, extract.json().texts("missing").size(), extract.out());
        assertArrayEquals(expected, Files.readAllBytes(copy.resolve("hard")));
        assertEquals(16L << 20, Files.size(copy.resolve("sparse")));
    }

    @Test
    void aLostLeafIsToldAndTheRestIsThere() throws IOException {
        String target = "a-target-that-will-be-lost";
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long many = main.create(1, name("many"), NewInode.directory(0700, 0, 0)).inode();
            for (int i = 0; i < 200; i++) {
                main.create(many, name("f" + i), NewInode.regular(0600, 0, 0));
            }
            main.symlink(many, name("last"), name(target), NewInode.regular(0777, 0, 0));
        }
        byte[] all = Files.readAllBytes(image);
        int at = latin(all).indexOf(target);
        assertTrue(at > 0);
        while (at > 0) {
            all[at]++;
            at = latin(all).indexOf(target, at + 1);
        }
        Files.write(image, all);
        assertEquals(latin(content), Run.inProcess("cat", image, "main:/hard").succeeded().out());
        Run ls = Run.inProcess("ls", image, "main:/many");
        assertEquals(1, ls.exitCode(), ls.err());
        assertTrue(ls.err().contains("cowfs: missing: a leaf of tree "), ls.err());
        assertTrue(ls.err().contains("the inode of main:/many/last"), ls.err());
        assertTrue(ls.out().contains("l?????????"), ls.out());
        assertEquals(202, ls.out().lines().count());
        Path copy = directory.resolve("copy");
        JsonObject extract = Run.inProcess("extract", "--json", image, "main:/", copy).json();
        assertFalse(extract.texts("missing").isEmpty());
        assertTrue(Files.exists(copy.resolve("many/f0")));
        assertFalse(Files.exists(copy.resolve("many/last"), LinkOption.NOFOLLOW_LINKS));
    }

    private void spoil(byte[] block) throws IOException {
        String all = latin(Files.readAllBytes(image));
        int at = all.indexOf(latin(block));
        assertTrue(at > 0);
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), at + 100);
        }
    }
}
