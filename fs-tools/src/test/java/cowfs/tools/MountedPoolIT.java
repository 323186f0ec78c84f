package cowfs.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a user does with a mounted image, with the real command and a real mount.
@Timeout(300)
final class MountedPoolIT {
    private static final int MIB = 1 << 20;

    @RegisterExtension final MountedImages images = new MountedImages();

    @Test
    void theMainJobIsDone() throws IOException {
        Path image = images.image("image", "1G");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        FileUtils.copyDirectory(Path.of("src").toFile(), dir.resolve("src").toFile());
        Files.write(dir.resolve("big"), new byte[8 * MIB]);

        Command.run("snapshot", dir, "main@monday").succeeded();
        FileUtils.deleteDirectory(dir.resolve("src/main").toFile());
        Files.writeString(dir.resolve("big"), "small now");
        Command.run("clone", dir.resolve("src"), "main@monday", "work").succeeded();

        Path old = dir.resolve(".snapshots/monday");
        assertEquals(8 * MIB, Files.size(old.resolve("big")));
        assertSameTree(Path.of("src/main"), old.resolve("src/main"));
        assertEquals(
                List.of("main", "main@monday", "work"),
                Command.run("list", "--json", dir).succeeded().refs().stream().sorted().toList());
        JsonObject monday =
                Command.run("du", "--json", image, "main@monday")
                        .succeeded()
                        .json()
                        .objects("items")
                        .getFirst();
        assertTrue(monday.number("referenced") >= 8 * MIB, monday.toString());
        assertEquals(
                Command.run("list", "--json", image).succeeded().json().objects("items").stream()
                        .filter(item -> "main@monday".equals(item.members().get("ref")))
                        .map(item -> item.members().get("referenced"))
                        .map(number -> ((Number) number).longValue())
                        .toList(),
                List.of(monday.number("referenced")));
        assertEquals(
                monday.number("referenced") - monday.number("exclusive"), monday.number("shared"));

        Command.run("umount", dir).succeeded();
        assertFalse(Files.exists(dir.resolve("src")));
        assertTrue(Command.run("check", "--json", image).succeeded().json().flag("clean"));
        assertTrue(Command.run("check", image).succeeded().out().startsWith("clean"));
    }

    @Test
    void aCloneIsMountedBesideItsOriginAndGoesItsOwnWay() throws IOException {
        Path image = images.image("an image, with a comma", "256M");
        Path first = images.mountPoint("first place");
        Path second = images.mountPoint("second");
        ProcessHandle daemon = images.mount(image, first);
        Files.writeString(first.resolve("f"), "common");
        Command.run("clone", first, "main", "work").succeeded();

        assertEquals(daemon.pid(), images.mount(image, second, "--subvol=work").pid());
        Files.writeString(second.resolve("f"), "changed");

        assertEquals("common", Files.readString(first.resolve("f")));
        JsonObject info = Command.run("info", "--json", second).succeeded().json();
        assertEquals(image.toString(), info.text("image"));
        assertEquals(2, info.objects("mounts").size());

        Command.run("umount", first).succeeded();
        assertEquals("changed", Files.readString(second.resolve("f")));
        assertTrue(daemon.isAlive());
        Command.run("umount", second).succeeded();
    }

    @Test
    void aDiffSaysWhatProgramsHaveDone() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.createDirectories(dir.resolve("docs/old"));
        Files.write(dir.resolve("docs/big"), new byte[3 * MIB]);
        Files.writeString(dir.resolve("docs/old/gone"), "x");
        Files.writeString(dir.resolve("a"), "a");
        Command.run("snapshot", dir, "main@1").succeeded();

        Files.delete(dir.resolve("docs/old/gone"));
        Files.move(dir.resolve("docs/old"), dir.resolve("docs/new"));
        Files.createLink(dir.resolve("b"), dir.resolve("a"));
        Files.writeString(dir.resolve("docs/é"), "é");
        // closing the arena unmaps: a mapping that is left to the collector keeps the mount busy
        try (Arena arena = Arena.ofConfined();
                FileChannel file =
                        FileChannel.open(
                                dir.resolve("docs/big"),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE)) {
            file.map(FileChannel.MapMode.READ_WRITE, 0, 3 * MIB, arena)
                    .set(ValueLayout.JAVA_BYTE, MIB, (byte) 1);

            List<String> expected =
                    List.of(
                            "+ /b (hard link)",
                            "+ /docs/é",
                            "- /docs/old/gone",
                            "M /docs/big [1048576+4096] 4.0K",
                            "R /docs/old -> /docs/new");
            assertEquals(expected, linesOfDiff(dir, "main@1", "main"));
            assertEquals(expected, linesOfDiff(image, "main@1", "main", "/"));
            assertEquals(
                    List.of("M /docs/big [1048576+4096] 4.0K"),
                    linesOfDiff(image, "main@1", "main", "docs/big"));
        }
        Command.run("diff", dir, "main@1", "main@2").failed(1, "main@2");
        Command.run("diff", dir, "main@1", "main", "/none").failed(1, "/none");
        Command.run("umount", dir).succeeded();
        assertEquals(5, linesOfDiff(image, "main@1", "main").size());
    }

    /// Without the times of directories.
    private static List<String> linesOfDiff(Object... arguments) throws IOException {
        List<Object> all = new ArrayList<>(List.of("diff"));
        all.addAll(List.of(arguments));
        return Command.run(all.toArray())
                .succeeded()
                .out()
                .lines()
                .filter(line -> !line.matches("m .*/ \\(times\\)"))
                .sorted()
                .toList();
    }

    @Test
    void aMountedSubvolumeIsRolledBackUnderItsPrograms() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.createDirectories(dir.resolve("d/e"));
        Files.writeString(dir.resolve("f"), "old");
        Command.run("snapshot", dir, "main@1").succeeded();
        Files.writeString(dir.resolve("f"), "new and longer");
        Files.move(dir.resolve("d"), dir.resolve("moved"));
        Command.run("snapshot", dir, "main@2").succeeded();
        Files.writeString(dir.resolve("last"), "written just before");
        try (FileChannel open =
                FileChannel.open(
                        dir.resolve("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            String kept =
                    Command.run("rollback", "--json", dir, "main@1")
                            .succeeded()
                            .json()
                            .text("kept");

            assertEquals("old", Files.readString(dir.resolve("f")));
            assertEquals(List.of("d", "f"), Arrays.stream(dir.toFile().list()).sorted().toList());
            assertTrue(Files.isDirectory(dir.resolve("d/e")));
            assertThrows(
                    IOException.class,
                    () -> {
                        open.write(ByteBuffer.wrap("lost".getBytes(UTF_8)), 0);
                        open.force(true);
                    });
            assertEquals("old", Files.readString(dir.resolve("f")));
            String name = kept.substring(kept.indexOf('@') + 1);
            assertEquals(
                    "written just before",
                    Files.readString(dir.resolve(".snapshots").resolve(name).resolve("last")));
        } catch (FileSystemException staleAtItsClose) {
            assertTrue(staleAtItsClose.getMessage().contains("tale"), staleAtItsClose.toString());
        } catch (IOException staleAtItsClose) {
            // the kernel hands over what it has of the old content once more
        }
        Files.writeString(dir.resolve("f"), "goes on");
        Files.writeString(dir.resolve("d/e/new"), "new");
        Command.run("rollback", "--discard", image, "main@2").succeeded();
        assertEquals("new and longer", Files.readString(dir.resolve("f")));
        assertTrue(Files.isDirectory(dir.resolve("moved/e")));
        assertFalse(Files.exists(dir.resolve("d")));
        Command.run("rollback", dir, "main@3").failed(1, "main@3");
        Command.run("umount", dir).succeeded();
        assertTrue(Command.run("check", "--json", image).succeeded().json().flag("clean"));
        Command.run("rollback", image, "main@1").succeeded();
        images.mount(image, dir);
        assertEquals("old", Files.readString(dir.resolve("f")));
        Command.run("umount", dir).succeeded();
    }

    @Test
    void whatWasDeletedComesBackUnderTheProgramsAndWhatIsPurgedIsGone() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.createDirectories(dir.resolve("d/e"));
        Files.writeString(dir.resolve("d/e/f"), "one");
        Command.run("snapshot", dir, "main@1").succeeded();
        Files.writeString(dir.resolve("d/e/f"), "two");
        Command.run("snapshot", dir, "main@2").succeeded();
        FileUtils.deleteDirectory(dir.resolve("d").toFile());
        assertFalse(Files.exists(dir.resolve("d")));
        assertEquals(List.of(), List.of(dir.toFile().list()));

        Command.run("undelete", dir, "main:/d/e/f").failed(1, "/d/e");
        assertEquals(
                "restored from main@2\n",
                Command.run("undelete", dir, "main:/d").succeeded().out());
        assertEquals(List.of("d"), List.of(dir.toFile().list()));
        assertEquals("two", Files.readString(dir.resolve("d/e/f")));
        Command.run("undelete", image, "main:d").failed(1, "move it away");

        JsonObject history =
                Command.run("history", "--json", image, "main:/d/e/f").succeeded().json();
        assertEquals(2, history.objects("versions").size());
        assertEquals(
                List.of("main@2", "main"),
                history.objects("versions").getFirst().objects("holders").stream()
                        .map(holder -> holder.members().get("ref"))
                        .toList());

        Path old = dir.resolve(".snapshots/1/d/e");
        assertEquals("one", Files.readString(old.resolve("f")));
        Command.run("purge", dir, "/d/e/f", "--from", "main@1").failed(1, "--yes");
        Command.run("hold", dir, "keep", "main@2").succeeded();
        Command.run("purge", dir, "/d/e/f", "--all-snapshots", "--yes").failed(1, "main@2");
        assertEquals("one", Files.readString(old.resolve("f")));
        Command.run("purge", dir, "/d/e/f", "--from", "main@1", "--yes").succeeded();
        assertFalse(Files.exists(old.resolve("f")));
        assertEquals(List.of(), List.of(old.toFile().list()));
        assertEquals("two", Files.readString(dir.resolve(".snapshots/2/d/e/f")));
        assertTrue(
                Command.run("get", dir, "main@1").succeeded().out().contains("/d/e/f"),
                "the purge is logged");
        Command.run("umount", dir).succeeded();
        assertTrue(Command.run("check", "--json", image).succeeded().json().flag("clean"));
    }

    @Test
    void whatWasWrittenThroughAMappingIsInTheSnapshot() throws IOException {
        Path image = images.image("image", "256M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        try (FileChannel file =
                FileChannel.open(
                        dir.resolve("f"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MappedByteBuffer mapping = file.map(FileChannel.MapMode.READ_WRITE, 0, MIB);
            mapping.put(MIB - 4, "last".getBytes(UTF_8));

            Command.run("snapshot", dir, "main@1").succeeded();
            mapping.put(MIB - 4, "next".getBytes(UTF_8));
            Command.run("clone", image, "main", "copy").succeeded();

            assertEquals("last", lastFourOf(dir.resolve(".snapshots/1/f")));
        }
        Path copy = images.mountPoint("copy");
        images.mount(image, copy, "--subvol", "copy");
        assertEquals("next", lastFourOf(copy.resolve("f")));
    }

    @Test
    void theManualsWayBackToASnapshot() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        Files.writeString(dir.resolve("f"), "monday");
        Command.run("snapshot", dir, "main@monday").succeeded();
        Files.writeString(dir.resolve("f"), "tuesday");
        Command.run("umount", dir).succeeded();

        Command.run("clone", image, "main@monday", "restored").succeeded();
        Command.run("subvolume", "rename", image, "main", "old").succeeded();
        Command.run("subvolume", "rename", image, "restored", "main").succeeded();
        images.mount(image, dir);
        Command.run("delete", image, "old", "old@monday").succeeded();

        assertEquals("monday", Files.readString(dir.resolve("f")));
        assertEquals(List.of("main"), Command.run("list", "--json", dir).refs());
    }

    @Test
    void aFullImageStillDeletes() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        images.mount(image, dir);
        IOException full =
                assertThrows(
                        IOException.class,
                        () -> {
                            for (int i = 0; i < 200; i++) {
                                Files.write(dir.resolve("f" + i), new byte[MIB]);
                            }
                        });
        assertTrue(full.getMessage().contains("No space left"), full.getMessage());
        for (int i = 0; Files.exists(dir.resolve("f" + i)); i++) {
            Files.delete(dir.resolve("f" + i));
        }
        // what the kernel had taken and could not store is told once, and is no failure
        Run told = Command.run("sync", dir);
        assertEquals(0, told.exitCode(), told.err());
        Command.run("sync", dir).succeeded();
        Files.write(dir.resolve("again"), new byte[MIB]);
    }

    private static String lastFourOf(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return new String(bytes, bytes.length - 4, 4, UTF_8);
    }

    private static void assertSameTree(Path one, Path other) throws IOException {
        Run diff = Command.run(List.of("diff", "-r", one.toString(), other.toString()));
        assertEquals(0, diff.exitCode(), diff.out() + diff.err());
    }
}
