package cowfs.fuse.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Names, directories and links.
public interface NameContract extends MountContract {
    private static Set<String> names(Path directory) throws IOException {
        Set<String> names = new HashSet<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.forEach(
                    entry ->
                            assertTrue(
                                    names.add(entry.getFileName().toString()),
                                    "listed twice: " + entry));
        }
        return names;
    }

    private static Object attribute(Path file, String name) throws IOException {
        return Files.getAttribute(file, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    default void twentyThousandNamesAreListedOnce() throws IOException, InterruptedException {
        Path directory = Files.createDirectory(at("many"));
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            String name = "entry-" + i;
            Files.createFile(directory.resolve(name));
            expected.add(name);
        }
        assertEquals(expected, names(directory));
        mounted().remount();
        assertEquals(expected, names(directory));
        Shell.in(mounted().root()).run("rm -r many");
        assertEquals(Set.of(), names(mounted().root()));
    }

    @Test
    default void listingGoesOnWhileEntriesAreRemoved() throws IOException {
        Path directory = Files.createDirectory(at("d"));
        for (int i = 0; i < 1000; i++) {
            Files.createFile(directory.resolve("f" + i));
        }
        Set<String> seen = new HashSet<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                seen.add(entry.getFileName().toString());
                Files.delete(entry);
            }
        }
        assertEquals(1000, seen.size());
        Files.delete(directory);
    }

    @Test
    default void namesAreBytes() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("printf latin > $'caf\\xe9'; printf utf > 'café'; mkdir $'\\xff\\xfe'");
        assertEquals("latin", shell.run("cat $'caf\\xe9'"));
        assertEquals("utf", shell.run("cat café"));
        assertEquals("3", shell.run("ls -1 | wc -l"));
        mounted().remount();
        assertEquals("latin", shell.run("cat $'caf\\xe9'"));
        shell.run("mv $'caf\\xe9' $'\\xff\\xfe/\\x80' && cat $'\\xff\\xfe/\\x80'");
    }

    @Test
    default void aNameHasAtMost255Bytes() throws IOException {
        Files.createFile(at("n".repeat(255)));
        assertThrows(FileSystemException.class, () -> Files.createFile(at("n".repeat(256))));
        assertEquals(Set.of("n".repeat(255)), names(mounted().root()));
    }

    @Test
    default void onlyEmptyDirectoriesAreRemoved() throws IOException {
        Files.createDirectories(at("a/b/c"));
        assertEquals(3, attribute(at("a"), "nlink"));
        assertThrows(DirectoryNotEmptyException.class, () -> Files.delete(at("a/b")));
        Files.delete(at("a/b/c"));
        Files.delete(at("a/b"));
        assertEquals(2, attribute(at("a"), "nlink"));
        assertEquals(Set.of(), names(at("a")));
        assertThrows(NoSuchFileException.class, () -> Files.delete(at("a/b")));
    }

    @Test
    default void renameReplacesFilesAndEmptyDirectories() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        Files.writeString(at("from"), "from");
        Files.writeString(at("to"), "to");
        Files.move(at("from"), at("to"), ATOMIC_MOVE, REPLACE_EXISTING);
        assertEquals("from", Files.readString(at("to")));
        assertFalse(Files.exists(at("from")));
        shell.run("mkdir d e full && touch d/f full/x && mv -T d e && ls e/f");
        shell.fails("mv -T e full", "not empty");
        shell.fails("mv -T to e", "directory");
        shell.run("mkdir -p p/q/r && ls -d p/q/r");
        shell.fails("mv p p/q/r/s", "subdirectory of itself");
        assertEquals(Set.of("to", "e", "full", "p"), names(mounted().root()));
    }

    @Test
    default void aDirectoryMovesWithAllBelowIt() throws IOException {
        Files.createDirectories(at("a/b/c"));
        Files.writeString(at("a/b/c/f"), "deep");
        Files.createDirectory(at("x"));
        Files.move(at("a/b"), at("x/y"));
        assertEquals("deep", Files.readString(at("x/y/c/f")));
        assertTrue(Files.isSameFile(at("x"), at("x/y/..")));
        assertEquals(2, attribute(at("a"), "nlink"));
        assertEquals(3, attribute(at("x"), "nlink"));
    }

    @Test
    default void anUnlinkedFileLivesWhileItIsOpen() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        try (FileChannel file = FileChannel.open(at("f"), CREATE, READ, WRITE)) {
            file.write(ByteBuffer.wrap("before".getBytes(UTF_8)));
            Files.delete(at("f"));
            assertEquals("", shell.run("ls -A"));
            file.write(ByteBuffer.wrap(" and after".getBytes(UTF_8)));
            assertEquals(16, file.size());
            file.truncate(10);
            file.force(true);
            ByteBuffer back = ByteBuffer.allocate(100);
            assertEquals(10, file.read(back, 0));
            assertEquals("before and", new String(back.array(), 0, 10, UTF_8));
        }
        // What programs do with an open file that has no name: stat, chmod and touch it.
        shell.run(
                "exec 7<> g; rm g; [ $(stat -L -c %h /dev/fd/7) = 0 ]; chmod 600 /dev/fd/7;"
                        + " touch -d @1 /dev/fd/7; [ $(stat -L -c %a%Y /dev/fd/7) = 6001 ];"
                        + " echo text >&7; [ $(stat -L -c %s /dev/fd/7) = 5 ]; ls -A");
    }

    @Test
    default void aReplacedFileLivesWhileItIsOpen() throws IOException {
        Files.writeString(at("f"), "old");
        try (FileChannel old = FileChannel.open(at("f"), READ)) {
            Files.writeString(at("new"), "new");
            Files.move(at("new"), at("f"), ATOMIC_MOVE, REPLACE_EXISTING);
            assertEquals(Set.of("f"), names(mounted().root()));
            ByteBuffer back = ByteBuffer.allocate(10);
            assertEquals(3, old.read(back));
            assertEquals("old", new String(back.array(), 0, 3, UTF_8));
        }
        assertEquals("new", Files.readString(at("f")));
    }

    @Test
    default void hardLinksAreOneFile() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        Files.writeString(at("a"), "one");
        Files.createDirectory(at("d"));
        Files.createLink(at("d/b"), at("a"));
        assertEquals(attribute(at("a"), "ino"), attribute(at("d/b"), "ino"));
        assertEquals(2, attribute(at("a"), "nlink"));
        // Through each name one sees at once what came through the other.
        shell.run("printf ' and two' >> d/b");
        assertEquals(11, Files.size(at("a")));
        assertEquals("one and two", Files.readString(at("a")));
        shell.run("chmod 640 a");
        assertEquals("640", shell.run("stat -c %a d/b"));
        Files.delete(at("a"));
        assertEquals(1, attribute(at("d/b"), "nlink"));
        assertEquals("one and two", Files.readString(at("d/b")));
        shell.fails("ln d e", "directory");
    }

    @Test
    default void symlinksKeepTheirTargets() throws IOException {
        Files.createSymbolicLink(at("dangling"), Path.of("no/such/file"));
        assertEquals(Path.of("no/such/file"), Files.readSymbolicLink(at("dangling")));
        assertFalse(Files.exists(at("dangling")));
        String longTarget = "x/".repeat(2000) + "end";
        Files.createSymbolicLink(at("long"), Path.of(longTarget));
        assertEquals(longTarget, Files.readSymbolicLink(at("long")).toString());
        assertEquals(
                (long) longTarget.length(),
                Files.getAttribute(at("long"), "size", LinkOption.NOFOLLOW_LINKS));
        Files.writeString(at("f"), "text");
        Files.createSymbolicLink(at("good"), Path.of("f"));
        assertEquals("text", Files.readString(at("good")));
    }

    @Test
    default void specialFilesAreMade() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("mkfifo fifo; mknod zero c 1 5; mknod block b 259 70000");
        assertEquals("fifo", shell.run("stat -c %F fifo"));
        assertEquals("character special file 1 5", shell.run("stat -c '%F %t %T' zero"));
        assertEquals("block special file 103 11170", shell.run("stat -c '%F %t %T' block"));
        assertEquals("through", shell.run("(echo through > fifo &) ; cat fifo"));
        assertEquals("00000000", shell.run("head -c 4 zero | od -An -tx1 | tr -d ' '"));
        Shell.in(mounted().root())
                .run("python=0; ls -l fifo zero block && mv fifo f2 && rm f2 zero block");
    }

    @Test
    default void aWorkingDirectoryMayBeRemoved() throws IOException, InterruptedException {
        Files.createDirectory(at("d"));
        Shell.in(at("d")).run("rmdir ../d && [ $(stat -c %h .) = 0 ] && ! touch x 2>/dev/null");
        assertEquals(Set.of(), names(mounted().root()));
    }

    @Test
    default void numbersOfFilesStayAndDiffer() throws IOException {
        Files.createFile(at("a"));
        Files.createFile(at("b"));
        Object before = attribute(at("a"), "ino");
        assertNotEquals(before, attribute(at("b"), "ino"));
        assertEquals(1L, attribute(mounted().root(), "ino"));
        mounted().remount();
        assertEquals(before, attribute(at("a"), "ino"));
    }

    @Test
    default void aNameThatWasMissingIsSeenOnceItIsThere() throws IOException, InterruptedException {
        for (String name : List.of("a", "b", "c")) {
            assertFalse(Files.exists(at(name)));
        }
        Shell.in(mounted().root()).run("touch a; mkdir b; ln -s a c");
        for (String name : List.of("a", "b", "c")) {
            assertTrue(Files.exists(at(name)), name);
        }
        assertArrayEquals(new byte[0], Files.readAllBytes(at("c")));
    }
}
