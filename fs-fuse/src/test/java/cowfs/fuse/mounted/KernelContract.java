package cowfs.fuse.mounted;

import static com.sun.nio.file.ExtendedOpenOption.DIRECT;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Ref;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What only the transport `kernel` carries, and how few requests it takes.
public interface KernelContract extends MountContract {
    int BLOCK = 4096;

    private long requests(String... opcodes) {
        long sum = 0;
        for (String opcode : opcodes) {
            sum += mounted().mount().requestCounts().getOrDefault(opcode, 0L);
        }
        return sum;
    }

    @Test
    default void holesAndDataAreFound() throws IOException {
        try (FileChannel file = FileChannel.open(at("f"), CREATE, WRITE)) {
            file.write(ByteBuffer.wrap(new byte[BLOCK]), 0);
            file.write(ByteBuffer.wrap(new byte[BLOCK]), 10 * BLOCK);
            file.force(false);
        }
        assertEquals(0, SystemCalls.seek(at("f"), 0, SystemCalls.SEEK_DATA));
        assertEquals(BLOCK, SystemCalls.seek(at("f"), 0, SystemCalls.SEEK_HOLE));
        assertEquals(10 * BLOCK, SystemCalls.seek(at("f"), BLOCK, SystemCalls.SEEK_DATA));
        assertEquals(11 * BLOCK, SystemCalls.seek(at("f"), 10 * BLOCK, SystemCalls.SEEK_HOLE));
        assertEquals(
                "errno 6", // ENXIO
                assertThrows(
                                IOException.class,
                                () -> SystemCalls.seek(at("f"), 11 * BLOCK, SystemCalls.SEEK_DATA))
                        .getMessage());
    }

    @Test
    default void dataAreFoundWithoutMakingTheKernelWrite() throws IOException {
        try (FileChannel file = FileChannel.open(at("f"), CREATE, WRITE)) {
            file.write(ByteBuffer.wrap(new byte[10 * BLOCK]));
            file.force(false);
            long before = requests("STATFS");
            for (int i = 0; i < 10; i++) {
                assertEquals(
                        i * BLOCK, SystemCalls.seek(at("f"), i * BLOCK, SystemCalls.SEEK_DATA));
            }
            assertEquals(before, requests("STATFS"), "the barrier asks for it");
        }
    }

    @Test
    default void dataThatTheKernelStillHasIsNoHole() throws IOException {
        try (FileChannel file = FileChannel.open(at("f"), CREATE, WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1}), 100 * BLOCK);
            assertEquals(100 * BLOCK, SystemCalls.seek(at("f"), 0, SystemCalls.SEEK_DATA));
        }
    }

    @Test
    default void aRenameReplacesOnlyWhatItMay() throws IOException {
        Files.writeString(at("a"), "a");
        Files.writeString(at("b"), "b");
        assertEquals(
                "errno 17", // EEXIST
                assertThrows(
                                IOException.class,
                                () -> SystemCalls.rename(at("a"), at("b"), SystemCalls.NO_REPLACE))
                        .getMessage());
        SystemCalls.rename(at("a"), at("c"), SystemCalls.NO_REPLACE);
        assertEquals("a", Files.readString(at("c")));
        assertEquals("b", Files.readString(at("b")));
    }

    @Test
    default void namesChangePlaces() throws IOException {
        Files.writeString(at("a"), "file");
        Files.createDirectory(at("d"));
        Files.writeString(at("d/inside"), "inside");
        SystemCalls.rename(at("a"), at("d"), SystemCalls.EXCHANGE);
        assertEquals("file", Files.readString(at("d")));
        assertEquals("inside", Files.readString(at("a/inside")));
        mounted().remount();
        assertEquals("file", Files.readString(at("d")));
        assertEquals("inside", Files.readString(at("a/inside")));
    }

    @Test
    default void directReadsAndWritesPassTheCache() throws IOException {
        byte[] bytes = new byte[64 * BLOCK];
        new Random(1).nextBytes(bytes);
        ByteBuffer aligned = ByteBuffer.allocateDirect(65 * BLOCK).alignedSlice(BLOCK);
        try (FileChannel file = FileChannel.open(at("f"), CREATE, READ, WRITE, DIRECT)) {
            file.write(aligned.put(bytes).flip());
            assertArrayEquals(bytes, Files.readAllBytes(at("f")), "read through the cache");
            ByteBuffer page = ByteBuffer.allocateDirect(2 * BLOCK).alignedSlice(BLOCK);
            file.read(page.limit(BLOCK), 5L * BLOCK);
            for (int i = 0; i < BLOCK; i++) {
                assertEquals(bytes[5 * BLOCK + i], page.get(i), "byte " + i);
            }
        }
    }

    @Test
    default void aDirectReadSeesWhatIsStillInTheCache() throws IOException {
        byte[] bytes = new byte[2 * BLOCK];
        new Random(2).nextBytes(bytes);
        try (FileChannel cached = FileChannel.open(at("f"), CREATE, WRITE);
                FileChannel direct = FileChannel.open(at("f"), READ, DIRECT)) {
            cached.write(ByteBuffer.wrap(bytes));
            ByteBuffer aligned = ByteBuffer.allocateDirect(3 * BLOCK).alignedSlice(BLOCK);
            assertEquals(2 * BLOCK, direct.read(aligned.limit(2 * BLOCK), 0));
            byte[] seen = new byte[2 * BLOCK];
            aligned.flip().get(seen);
            assertArrayEquals(bytes, seen);
        }
    }

    @Test
    default void largeWritesComeInLargeRequests() throws IOException {
        long before = requests("WRITE");
        Files.write(at("f"), new byte[16 << 20]);
        long sent = requests("WRITE") - before;
        assertTrue(sent <= 64, sent + " requests for 16 MiB");
    }

    @Test
    default void whatHasBeenReadStaysInTheKernel() throws IOException {
        Files.write(at("f"), new byte[100_000]);
        mounted().remount();
        Files.readAllBytes(at("f"));
        long before = requests("READ");
        assertTrue(before > 0);
        for (int i = 0; i < 5; i++) {
            Files.readAllBytes(at("f"));
        }
        assertEquals(before, requests("READ"));
    }

    @Test
    default void aListingStaysInTheKernelUntilTheDirectoryChanges() throws Exception {
        Shell shell = Shell.in(mounted().root());
        shell.run("mkdir d; touch d/a d/b");
        mounted().remount();
        assertEquals("a\nb", shell.run("ls d; ls d > ../ignored; rm ../ignored"));
        long before = requests("READDIR", "READDIRPLUS", "OPENDIR", "RELEASEDIR");
        assertEquals("a\nb", shell.run("ls d"));
        assertEquals(before, requests("READDIR", "READDIRPLUS", "OPENDIR", "RELEASEDIR"));
        shell.run("touch d/c");
        assertEquals("a\nb\nc", shell.run("ls d"));
    }

    @Test
    default void theListOfSnapshotsFollowsTheCommand() throws Exception {
        Shell shell = Shell.in(mounted().root());
        String list = "echo $(ls .snapshots); cd .snapshots; echo $(ls)";
        for (int i = 0; i < 5; i++) {
            assertEquals("", shell.run(list));
            mounted().operations().snapshot(Ref.parse("main@a"));
            assertEquals("a\na", shell.run(list));
            mounted().operations().snapshot(Ref.parse("main@b"));
            assertEquals("a b\na b", shell.run(list));
            mounted().operations().delete(List.of(Ref.parse("main@a")));
            assertEquals("b\nb", shell.run(list));
            mounted().operations().delete(List.of(Ref.parse("main@b")));
        }
    }

    @Test
    default void aListingWithAttributesSparesTheLookups() throws Exception {
        Shell shell = Shell.in(mounted().root());
        shell.run("mkdir d; for i in $(seq 200); do echo $i > d/f$i; done");
        mounted().remount();
        long before = requests("LOOKUP", "GETATTR");
        shell.run("ls -l --color=never d");
        long asked = requests("LOOKUP", "GETATTR") - before;
        assertTrue(requests("READDIRPLUS") > 0);
        assertTrue(asked < 50, asked + " requests for attributes of 200 files");
    }

    @Test
    default void aSymlinkIsReadOnce() throws IOException {
        Files.createSymbolicLink(at("link"), Path.of("somewhere"));
        mounted().remount();
        for (int i = 0; i < 5; i++) {
            assertEquals(Path.of("somewhere"), Files.readSymbolicLink(at("link")));
        }
        assertEquals(1, requests("READLINK"));
    }

    @Test
    default void writesAskForNoAttributeEachTime() throws IOException {
        long before = requests("GETXATTR");
        try (FileChannel file = FileChannel.open(at("f"), CREATE, WRITE)) {
            for (int i = 0; i < 100; i++) {
                file.write(ByteBuffer.wrap(new byte[100]));
            }
        }
        long asked = requests("GETXATTR") - before;
        assertTrue(asked <= 2, asked + " requests");
    }

    @Test
    default void setIdBitsGoWithAWriteByAnotherUser() throws Exception {
        Shell shell = Shell.in(mounted().root());
        String other = "setpriv --reuid 1234 --regid 77 --clear-groups ";
        shell.run("echo x > f; chmod 6777 f; " + other + "bash -c 'echo y >> f'");
        assertEquals("777", shell.run("stat -c %a f"));
        shell.run("chmod 6777 f; " + other + "truncate -s 1 f");
        assertEquals("777", shell.run("stat -c %a f"));
        shell.run("chmod 6777 f; echo z >> f");
        assertEquals("6777", shell.run("stat -c %a f"), "root may");
        shell.run("chown 5:5 f");
        assertEquals("777", shell.run("stat -c %a f"));
        mounted().remount();
        assertEquals("777", shell.run("stat -c %a f"));
    }

    @Test
    default void theTimesThatTheKernelKeepsReachTheFile() throws Exception {
        Shell shell = Shell.in(mounted().root());
        Files.writeString(at("f"), "text");
        String written = shell.run("stat -c %y f");
        mounted().remount();
        assertEquals(written, shell.run("stat -c %y f"));
        shell.run("touch -d '2001-02-03 04:05:06.123456789 UTC' f");
        mounted().remount();
        assertEquals("981173106.123456789", shell.run("stat -c %.9Y f"));
        Files.writeString(at("f"), "more");
        assertTrue(Long.parseLong(shell.run("stat -c %Y f")) > 981173106);
    }

    @Test
    default void birthTimesAreShown() throws Exception {
        Shell shell = Shell.in(mounted().root());
        Files.writeString(at("f"), "text");
        String born = shell.run("stat -c %.9W f");
        assertTrue(Double.parseDouble(born) > 1e9, born);
        shell.run("touch f; chmod 600 f");
        mounted().remount();
        assertEquals(born, shell.run("stat -c %.9W f"));
    }

    @Test
    default void aCopySharesItsBlocks() throws Exception {
        byte[] bytes = new byte[8 << 20];
        new Random(3).nextBytes(bytes);
        Files.write(at("f"), bytes);
        mounted().operations().sync();
        long before = mounted().pool().info().usedBytes();
        Shell.in(mounted().root()).run("cp f g");
        mounted().operations().sync();
        long copied = mounted().pool().info().usedBytes() - before;
        assertTrue(requests("COPY_FILE_RANGE", "COPY_FILE_RANGE_64") > 0);
        assertTrue(copied < 1 << 20, copied + " bytes for a copy of 8 MiB");
        assertArrayEquals(bytes, Files.readAllBytes(at("g")));
        mounted().remount();
        assertArrayEquals(bytes, Files.readAllBytes(at("g")));
    }

    @Test
    default void aCopyHasWhatTheKernelHadNotHandedOver() throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(4).nextBytes(bytes);
        Shell shell = Shell.in(mounted().root());
        try (FileChannel file = FileChannel.open(at("f"), CREATE, WRITE)) {
            file.write(ByteBuffer.wrap(bytes));
            shell.run("cp f g");
            assertArrayEquals(bytes, Files.readAllBytes(at("g")));
        }
        shell.run("mkdir .snapshots/s; cp .snapshots/s/f h");
        assertArrayEquals(bytes, Files.readAllBytes(at("h")), "out of a snapshot");
    }

    @Test
    default void aFileIsMadeWithoutANameAndGivenOne() throws IOException {
        SystemCalls.makeUnlinked(
                mounted().root(),
                file -> {
                    Files.writeString(file, "text");
                    try (var names = Files.list(mounted().root())) {
                        assertEquals(0, names.count());
                    }
                },
                at("f"));
        assertEquals("text", Files.readString(at("f")));
        mounted().remount();
        assertEquals("text", Files.readString(at("f")));
    }

    @Test
    default void aRenameCanLeaveAWhiteout() throws Exception {
        Files.writeString(at("f"), "text");
        SystemCalls.rename(at("f"), at("g"), SystemCalls.WHITEOUT);
        assertEquals("text", Files.readString(at("g")));
        assertEquals(
                "character special file 0 0",
                Shell.in(mounted().root()).run("stat -c '%F %t %T' f"));
    }

    @Test
    default void flagsProtectFiles() throws Exception {
        Shell shell = Shell.in(mounted().root());
        shell.run("echo x > f; chattr +i f");
        assertTrue(shell.run("lsattr f").startsWith("----i"), shell.run("lsattr f"));
        shell.fails("echo y >> f", "not permitted");
        shell.fails("rm f", "not permitted");
        shell.run("chattr -i +a f; echo y >> f");
        shell.fails("echo z > f", "not permitted");
        shell.run("chattr -a f; rm f");
    }

    @Test
    default void newFilesInheritAccessControlLists() throws Exception {
        Shell shell = Shell.in(mounted().root());
        Files.createDirectory(at("d"));
        // u::rwx u:1234:rwx g::--- m::rwx o::---
        shell.run(
                "setfattr -n system.posix_acl_default -v 0x02000000"
                        + "01000700ffffffff02000700d204000004000000ffffffff10000700ffffffff20000000ffffffff d");
        shell.run("umask 077; touch d/f; chmod 711 .; chmod 777 d");
        String user = "setpriv --reuid 1234 --regid 77 --clear-groups ";
        String other = "setpriv --reuid 1235 --regid 77 --clear-groups ";
        shell.run(user + "bash -c 'echo x >> d/f'");
        shell.fails(other + "cat d/f", "Permission denied");
        mounted().remount();
        assertEquals("x", shell.run(user + "cat d/f"));
        shell.run("umask 027; touch g");
        assertEquals("640", shell.run("stat -c %a g"));
    }
}
