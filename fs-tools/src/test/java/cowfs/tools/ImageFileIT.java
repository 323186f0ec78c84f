package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command on image files that are not mounted, sound and otherwise.
@Timeout(300)
final class ImageFileIT {
    private static final long MIB = 1L << 20;

    @RegisterExtension final MountedImages images = new MountedImages();

    @Test
    void everyCommandWorksWithoutAMount() throws IOException {
        Path image = images.path("image");
        JsonObject made =
                Command.run(
                                "mkfs",
                                "--json",
                                "--size=1T",
                                "--node-size=16K",
                                "--metadata-copies=1",
                                "--label=my disk",
                                image)
                        .succeeded()
                        .json();
        assertEquals(1L << 40, made.number("size"));
        assertTrue(Command.allocatedBytes(image) < 8 * MIB, "an image takes what is in it");

        Command.run("subvolume", "create", image, "a").succeeded();
        Command.run("subvolume", "rename", image, "a", "b").succeeded();
        Command.run("snapshot", image, "b@1").succeeded();
        Command.run("clone", image, "b@1", "c").succeeded();
        Command.run("sync", image).succeeded();
        JsonObject info = Command.run("info", "--json", image).succeeded().json();
        assertEquals(1L << 40, info.number("size"));
        assertEquals(16384, info.number("node_size"));
        assertEquals(1, info.number("metadata_copies"));
        assertEquals("my disk", info.text("label"));
        assertEquals(3, info.number("subvolumes"));
        assertEquals(1, info.number("snapshots"));
        assertEquals(
                info.number("size"),
                info.number("used")
                        + info.number("free")
                        + info.number("reserved")
                        + info.number("metadata_free"));

        Command.run("delete", image, "b").failed(1, "b");
        Command.run("delete", image, "b", "b@1").succeeded();
        Command.run("subvolume", "delete", image, "c").succeeded();
        String list = Command.run("list", image).succeeded().out();
        assertEquals(2, list.lines().count(), list);
        assertEquals(
                0, Command.run("info", "--json", image).succeeded().json().number("reclaiming"));
        assertEquals(
                1,
                Command.run("du", image, "main", "main").succeeded().out().lines().skip(1).count());
        Command.run("check", image).succeeded();
    }

    @Test
    void commandsAtOnceWaitForEachOther() throws Exception {
        Path image = images.image("image", "256M");
        List<Process> commands = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            commands.add(new ProcessBuilder(Command.words("snapshot", image, "main@" + i)).start());
        }
        for (Process command : commands) {
            assertEquals(0, command.waitFor());
        }
        assertEquals(5, Command.run("list", image).succeeded().out().lines().skip(1).count());
    }

    @Test
    void whoHasAnImageOpenForLongIsNamed() throws IOException {
        Path image = images.image("image", "256M");
        String holder = "process " + ProcessHandle.current().pid();
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            assertEquals(1, pool.list().size());
            Command.run("snapshot", image, "main@1").failed(1, image.toString(), holder);
            Command.run("mount", image, images.mountPoint("mnt")).failed(1, holder);
            Command.run("mkfs", "--force", image).failed(1, "in use");
        }
        Command.run("snapshot", image, "main@1").succeeded();
    }

    @Test
    void aFailedRequestChangesNothing() throws IOException {
        Path image = images.image("image", "256M");
        byte[] before = Files.readAllBytes(image);
        Command.run("snapshot", image, "none@1").failed(1, "no subvolume 'none'");
        Command.run("mkfs", image).failed(1, "exists", "--force");
        Command.run("mkfs", "--size=1K", "--force", image).failed(2, "too small");
        assertEquals(before.length, Files.size(image));
        try (Pool pool = Images.open(image, OpenOptions.READ_ONLY)) {
            assertEquals(List.of(Ref.MAIN), pool.list().stream().map(info -> info.ref()).toList());
        }
    }

    @Test
    void formattingByForceLosesWhatWasThere() throws IOException {
        Path image = images.image("image", "256M");
        Command.run("snapshot", image, "main@1").succeeded();
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(images.path("link"), image);
        Path name = Files.createLink(images.path("name"), image);
        Object inode = Files.getAttribute(image, "unix:ino");
        Command.run("mkfs", "--force", link).succeeded();
        assertTrue(Files.isSymbolicLink(link));
        assertEquals(inode, Files.getAttribute(image, "unix:ino"));
        assertEquals(416, (int) Files.getAttribute(name, "unix:mode") & 0777, "0640 as before");
        assertEquals(
                256 * MIB, Command.run("info", "--json", image).succeeded().json().number("size"));
        assertEquals(1, Command.run("list", image).succeeded().out().lines().skip(1).count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "info", "du", "sync", "check"})
    void whatIsNoImageStaysAsItIs(String command) throws IOException {
        Path file = images.path("file");
        byte[] bytes = new byte[1 << 16];
        new Random(7).nextBytes(bytes);
        Files.write(file, bytes);
        Command.run(command, file).failed(1, file.toString(), "superblock");
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @Test
    void whatIsNoImageIsNotToBeFormatted() throws IOException {
        Path zeros = Files.write(images.path("zeros"), new byte[1 << 20]);
        for (String command : List.of("list", "check")) {
            Run run = Command.run(command, zeros);
            run.failed(1, "1048576 bytes", "fewer than any image has", "wrong file", "cut short");
            assertFalse(run.err().contains("mkfs"), run.err());
        }
    }

    @Test
    void outputThatCanNotBeWrittenIsAFailure() throws IOException {
        Path image = images.image("image", "64M");
        for (String target : List.of("/dev/full", "&-")) {
            List<String> words =
                    new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >" + target, "sh"));
            words.addAll(Command.words("info", "--json", image));
            Command.run(words).failed(1, "can't be written to standard output");
        }
        // a reader that has enough
        List<String> words =
                new ArrayList<>(
                        List.of("bash", "-c", "\"$@\" | true; exit ${PIPESTATUS[0]}", "bash"));
        words.addAll(Command.words("help"));
        Command.run(words).succeeded();
    }

    @Test
    void whatIsNoImageIsNotMounted() throws IOException {
        Path file = Files.writeString(images.path("file"), "text");
        Path dir = images.mountPoint("mnt");
        Command.run("mount", file, dir).failed(1, file.toString(), "superblock");
        Command.run("umount", dir).failed(1, "no cowfs mount point");
    }

    @Test
    void aTruncatedImageIsToldFromOthers() throws IOException {
        Path image = images.image("image", "256M");
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.truncate(100 * MIB);
        }
        for (String command : List.of("list", "check", "sync")) {
            Command.run(command, image)
                    .failed(
                            1,
                            image.toString(),
                            "cut short",
                            "last 156.0M (" + 156 * MIB + " bytes) are missing");
        }
        Command.run("mount", image, images.mountPoint("mnt")).failed(1, "cut short");
        assertEquals(100 * MIB, Files.size(image));
    }

    @Test
    void anImageOfANewerCowfsIsToldFromDamage() throws IOException {
        Path image = images.path("image");
        long blocks = (64 * MIB) >>> Blocks.SHIFT;
        Superblock newer =
                new Superblock(
                        new Superblock.Features(0, 0, 1L << 40),
                        new UUID(1, 2),
                        "",
                        blocks,
                        0,
                        8192,
                        2,
                        new UUID(3, 4),
                        0,
                        BlockPointer.NONE,
                        0,
                        TreeId.FIRST_SUBVOLUME,
                        0,
                        0,
                        true,
                        List.of());
        byte[] bytes = new byte[(int) (64 * MIB)];
        int at = (int) Blocks.toBytes(newer.slot(0, 0));
        System.arraycopy(newer.toBytes(), 0, bytes, at, Blocks.SIZE);
        Files.write(image, bytes);
        for (String command : List.of("list", "du", "sync", "check")) {
            Command.run(command, image).failed(1, image.toString(), "use a newer cowfs");
        }
        Command.run("mount", image, images.mountPoint("mnt")).failed(1, "use a newer cowfs");
        assertArrayEquals(bytes, Files.readAllBytes(image));
    }

    @Test
    void damageIsFoundAndNamed() throws IOException {
        Path image = images.image("image", "64M");
        byte[] content = new byte[(int) MIB];
        new Random(11).nextBytes(content);
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume volume = pool.volume(Ref.MAIN);
            byte[] name = "f".getBytes(StandardCharsets.UTF_8);
            Attributes file = volume.create(Volume.ROOT_INODE, name, NewInode.regular(0644, 0, 0));
            volume.write(file.inode(), 0, ByteBuffer.wrap(content));
        }
        Command.run("check", image).succeeded();
        byte[] bytes = Files.readAllBytes(image);
        bytes[blockOf(content, bytes) + 100] ^= 1;
        Files.write(image, bytes);

        Run check = Command.run("check", "--json", image);
        assertEquals(1, check.exitCode());
        assertEquals("", check.err());
        assertEquals(false, check.json().flag("clean"));
        assertEquals(1, check.json().number("finding_count"));
        Run words = Command.run("check", image);
        assertEquals(1, words.exitCode());
        assertTrue(words.out().startsWith("corrupt "), words.out());
        assertTrue(words.out().contains("damaged: 1 finding, "), words.out());
        assertArrayEquals(bytes, Files.readAllBytes(image), "check changes nothing");
    }

    @Test
    void anImageThatCanNotBeReadIsNamed() throws IOException {
        Path image = images.image("image", "256M");
        Path missing = image.resolveSibling("gone");
        Files.createSymbolicLink(missing, image.resolveSibling("nothing"));
        Command.run("list", missing)
                .failed(1, missing + " is a symbolic link to ", "nothing, which does not exist");
    }

    @Test
    void aReaderThatStopsReadingSeesNoTrace() throws IOException {
        Path image = images.image("image", "256M");
        String words = String.join(" ", Command.words("list", image));
        Run run = Command.run(List.of("bash", "-c", "set -o pipefail; " + words + " | true"));
        assertEquals("", run.err());
    }

    /// Where the block that starts as `content` does lies.
    private static int blockOf(byte[] content, byte[] bytes) {
        for (int at = 0; at < bytes.length; at += Blocks.SIZE) {
            if (Arrays.mismatch(content, 0, 64, bytes, at, at + 64) < 0) {
                return at;
            }
        }
        throw new AssertionError("the file's data is not in the image");
    }
}
