package cowfs.fuse.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The bytes of files.
public interface ContentContract extends MountContract {
    private static byte[] random(long seed, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    default void whatIsWrittenIsReadBack() throws IOException {
        byte[] bytes = random(1, 3_000_001);
        Files.write(at("f"), bytes);
        assertEquals(bytes.length, Files.size(at("f")));
        assertArrayEquals(bytes, Files.readAllBytes(at("f")));
        mounted().remount();
        assertArrayEquals(bytes, Files.readAllBytes(at("f")));
    }

    @Test
    default void anEmptyFileIsEmpty() throws IOException {
        Files.createFile(at("empty"));
        assertEquals(0, Files.size(at("empty")));
        assertEquals(0, Files.readAllBytes(at("empty")).length);
    }

    @Test
    default void createNewRefusesAnExistingName() throws IOException {
        Files.writeString(at("f"), "first");
        assertThrows(
                FileAlreadyExistsException.class,
                () -> Files.writeString(at("f"), "second", CREATE_NEW, WRITE));
        assertEquals("first", Files.readString(at("f")));
    }

    @Test
    default void scatteredWritesLandWhereTheyBelong() throws IOException {
        Random random = new Random(42);
        byte[] expected = new byte[1 << 20];
        try (FileChannel file = FileChannel.open(at("f"), CREATE, READ, WRITE)) {
            file.write(ByteBuffer.wrap(expected));
            for (int i = 0; i < 200; i++) {
                byte[] piece = random(i, 1 + random.nextInt(20_000));
                int offset = random.nextInt(expected.length - piece.length);
                System.arraycopy(piece, 0, expected, offset, piece.length);
                file.write(ByteBuffer.wrap(piece), offset);
            }
            file.force(true);
        }
        assertArrayEquals(expected, Files.readAllBytes(at("f")));
        mounted().remount();
        assertArrayEquals(expected, Files.readAllBytes(at("f")), "seed 42, after a remount");
    }

    @Test
    default void aHoleReadsAsZeroAndTakesNoSpace() throws IOException, InterruptedException {
        long offset = 100L << 20;
        try (FileChannel file = FileChannel.open(at("sparse"), CREATE, WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {7}), offset);
        }
        assertEquals(offset + 1, Files.size(at("sparse")));
        try (FileChannel file = FileChannel.open(at("sparse"), READ)) {
            ByteBuffer middle = ByteBuffer.allocate(4096);
            file.read(middle, 50L << 20);
            assertArrayEquals(new byte[4096], middle.array());
            ByteBuffer last = ByteBuffer.allocate(10);
            assertEquals(1, file.read(last, offset));
            assertEquals(7, last.get(0));
        }
        long blocks = Long.parseLong(Shell.in(mounted().root()).run("stat -c %b sparse"));
        assertTrue(blocks <= 64, "blocks of 512 bytes: " + blocks);
    }

    @Test
    default void aFileCanBeLongerThanFourGibibytes() throws IOException {
        long offset = 5L << 30;
        try (FileChannel file = FileChannel.open(at("long"), CREATE, READ, WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), offset);
            ByteBuffer back = ByteBuffer.allocate(3);
            file.read(back, offset);
            assertArrayEquals(new byte[] {1, 2, 3}, back.array());
        }
        assertEquals(offset + 3, Files.size(at("long")));
    }

    @Test
    default void truncatingCutsAndExtendsWithZeros() throws IOException, InterruptedException {
        Files.write(at("f"), random(3, 10_000));
        byte[] head = Arrays.copyOf(Files.readAllBytes(at("f")), 5_001);
        Shell.in(mounted().root()).run("truncate -s 5001 f");
        assertArrayEquals(head, Files.readAllBytes(at("f")));
        Shell.in(mounted().root()).run("truncate -s 9000 f");
        assertArrayEquals(Arrays.copyOf(head, 9_000), Files.readAllBytes(at("f")));
        try (FileChannel file = FileChannel.open(at("f"), WRITE)) {
            file.truncate(10);
        }
        assertEquals(10, Files.size(at("f")));
        Files.write(at("f"), new byte[0], TRUNCATE_EXISTING, WRITE);
        assertEquals(0, Files.size(at("f")));
    }

    @Test
    default void appendersDoNotOverwriteEachOther() throws IOException {
        try (FileChannel one = FileChannel.open(at("log"), CREATE, APPEND);
                FileChannel other = FileChannel.open(at("log"), APPEND)) {
            for (int i = 0; i < 100; i++) {
                one.write(ByteBuffer.wrap("one\n".getBytes(UTF_8)));
                other.write(ByteBuffer.wrap("other\n".getBytes(UTF_8)));
            }
        }
        List<String> lines = Files.readAllLines(at("log"));
        assertEquals(200, lines.size());
        assertEquals(100, lines.stream().filter("other"::equals).count());
    }

    @Test
    default void whatOneProgramWritesAnotherReadsAtOnce() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        try (FileChannel file = FileChannel.open(at("f"), CREATE, READ, WRITE)) {
            file.write(ByteBuffer.wrap("java".getBytes(UTF_8)));
            assertEquals("java", shell.run("cat f"));
            shell.run("printf ' and bash' >> f");
            ByteBuffer back = ByteBuffer.allocate(100);
            assertEquals(13, file.read(back, 0));
            assertEquals("java and bash", new String(back.array(), 0, 13, UTF_8));
        }
    }

    @Test
    default void mappedFilesAreReadAndWritten() throws Exception {
        byte[] bytes = random(5, 100_000);
        Files.write(at("f"), bytes);
        try (MappingProcess mapping = MappingProcess.start(at("f"))) {
            assertEquals(bytes[70_000], (byte) mapping.read(70_000));
            mapping.write(70_000, 99);
            mapping.write(3, 98);
        }
        bytes[70_000] = 99;
        bytes[3] = 98;
        assertArrayEquals(bytes, Files.readAllBytes(at("f")));
        mounted().remount();
        assertArrayEquals(bytes, Files.readAllBytes(at("f")), "after a remount");
    }

    @Test
    default void fallocateReservesPunchesAndZeroes() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        byte[] bytes = random(6, 100_000);
        Path file = at("f");
        Files.write(file, bytes);
        shell.run("fallocate -n -o 100000 -l 50000 f");
        assertEquals(100_000, Files.size(file));
        shell.run("fallocate -p -o 8192 -l 8192 f");
        Arrays.fill(bytes, 8192, 16384, (byte) 0);
        assertArrayEquals(bytes, Files.readAllBytes(file));
        shell.run("fallocate -z -o 20001 -l 10000 f");
        Arrays.fill(bytes, 20_001, 30_001, (byte) 0);
        assertArrayEquals(bytes, Files.readAllBytes(file));
        shell.run("fallocate -l 200000 f");
        assertArrayEquals(Arrays.copyOf(bytes, 200_000), Files.readAllBytes(file));
        shell.fails("fallocate -c -o 4096 -l 4096 f", "not supported");
    }

    @Test
    default void fsyncReturnsForFilesAndDirectories() throws IOException, InterruptedException {
        Files.createDirectory(at("d"));
        try (FileChannel file = FileChannel.open(at("d/f"), CREATE, WRITE)) {
            file.write(ByteBuffer.wrap(random(7, 5000)));
            file.force(false);
            file.force(true);
        }
        Shell.in(mounted().root()).run("sync d/f && sync d && sync -f .");
    }

    @Test
    default void manyThreadsWriteAtTheSameTime() throws Exception {
        List<Thread> threads = new java.util.ArrayList<>();
        List<Throwable> failures =
                java.util.Collections.synchronizedList(new java.util.ArrayList<>());
        for (int t = 0; t < 8; t++) {
            int number = t;
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            Path directory =
                                                    Files.createDirectory(at("t" + number));
                                            for (int i = 0; i < 50; i++) {
                                                byte[] bytes = random(number * 1000L + i, 20_000);
                                                Path made = directory.resolve("f" + i);
                                                Files.write(made, bytes);
                                                Path moved = directory.resolve("g" + i);
                                                Files.move(made, moved);
                                                assertArrayEquals(bytes, Files.readAllBytes(moved));
                                            }
                                        } catch (Throwable e) {
                                            failures.add(e);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
    }
}
