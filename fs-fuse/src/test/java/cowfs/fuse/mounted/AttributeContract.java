package cowfs.fuse.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.fuse.mounted.Xattrs.SystemCallException;
import cowfs.fuse.operation.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Owners, permissions, times, extended attributes, and the size of it all. As root: who else may
/// mount could not change owners.
public interface AttributeContract extends MountContract {
    @Test
    default void modesAndOwnersAreKept() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("touch f; mkdir d; chmod 4751 f; chmod 1777 d; chown 123:456 f; chown :7 d");
        assertEquals("4751 123 456", shell.run("chmod 4751 f; stat -c '%a %u %g' f"));
        assertEquals("1777 0 7", shell.run("stat -c '%a %u %g' d"));
        shell.run("ln -s f l; chown -h 9:9 l");
        assertEquals("9 9", shell.run("stat -c '%u %g' l"));
        mounted().remount();
        assertEquals("4751 123 456", shell.run("stat -c '%a %u %g' f"));
    }

    @Test
    default void theUmaskIsApplied() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("umask 027; touch f; mkdir d; mkfifo p");
        assertEquals("640 750 640", shell.run("echo $(stat -c %a f d p)"));
    }

    @Test
    default void newFilesBelongToWhoMakesThem() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("mkdir d; chmod 777 d");
        shell.run(
                "setpriv --reuid 1234 --regid 77 --clear-groups bash -c 'cd d; touch f; mkdir e; ln -s f l'");
        assertEquals("1234:77", shell.run("stat -c %u:%g d/f d/e d/l | sort -u"));
    }

    @Test
    default void permissionsAreChecked() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("echo secret > f; chmod 600 f; mkdir d; chmod 700 d; touch d/x");
        String stranger = "setpriv --reuid 1234 --regid 77 --clear-groups ";
        shell.fails(stranger + "cat f", "Permission denied");
        shell.fails(stranger + "ls d", "Permission denied");
        shell.fails(stranger + "touch new", "Permission denied");
        shell.fails(stranger + "chmod 777 f", "not permitted");
    }

    @Test
    default void aGroupDirectoryHandsItsGroupOn() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("mkdir shared; chgrp 55 shared; chmod 2775 shared; cd shared; touch f; mkdir d");
        assertEquals("55 55", shell.run("echo $(stat -c %g shared/f shared/d)"));
        assertEquals("2755", shell.run("stat -c %a shared/d"));
    }

    @Test
    default void timesAreKeptToTheNanosecond() throws IOException, InterruptedException {
        Files.createFile(at("f"));
        FileTime time = FileTime.from(Instant.parse("2001-02-03T04:05:06.123456789Z"));
        Files.setLastModifiedTime(at("f"), time);
        assertEquals(time, Files.getLastModifiedTime(at("f")));
        Shell shell = Shell.in(mounted().root());
        shell.run("touch -a -d '1999-12-31 23:59:59.000000001 UTC' f");
        assertEquals(time, Files.getLastModifiedTime(at("f")));
        assertTrue(shell.run("TZ=UTC stat -c %x f").startsWith("1999-12-31 23:59:59.000000001"));
        shell.run("touch -d '1950-01-01 00:00:00.5 UTC' f");
        assertEquals(
                Instant.parse("1950-01-01T00:00:00.5Z"),
                Files.getLastModifiedTime(at("f")).toInstant());
        mounted().remount();
        assertEquals(
                Instant.parse("1950-01-01T00:00:00.5Z"),
                Files.getLastModifiedTime(at("f")).toInstant());
    }

    @Test
    default void touchSetsThePresent() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("touch -d @1000 f");
        Instant before = Instant.now().minusSeconds(2);
        shell.run("touch f");
        assertTrue(Files.getLastModifiedTime(at("f")).toInstant().isAfter(before));
    }

    @Test
    default void changesMoveTheTimesOfFileAndDirectory() throws IOException, InterruptedException {
        Shell shell = Shell.in(mounted().root());
        shell.run("mkdir d; touch d/f; touch -d @1000 d/f d");
        assertEquals("1000 1000", shell.run("echo $(stat -c %Y d d/f)"));
        shell.run("echo x >> d/f");
        assertTrue(Long.parseLong(shell.run("stat -c %Y d/f")) > 1000, "file after a write");
        assertEquals("1000", shell.run("stat -c %Y d"));
        shell.run("mv d/f d/g");
        assertTrue(Long.parseLong(shell.run("stat -c %Y d")) > 1000, "directory after a rename");
    }

    @Test
    default void xattrsAreSetReplacedListedAndRemoved() throws IOException {
        Files.createFile(at("f"));
        byte[] large = new byte[40_000];
        new Random(9).nextBytes(large);
        Xattrs.set(at("f"), "user.small", "value".getBytes(UTF_8), 0);
        Xattrs.set(at("f"), "user.empty", new byte[0], 0);
        Xattrs.set(at("f"), "user.large", large, Xattrs.CREATE);
        Xattrs.set(at("f"), "trusted.t", new byte[] {0, 1, 2}, 0);
        Xattrs.set(at("f"), "security.s", new byte[] {3}, 0);
        assertArrayEquals("value".getBytes(UTF_8), Xattrs.get(at("f"), "user.small"));
        assertArrayEquals(new byte[0], Xattrs.get(at("f"), "user.empty"));
        assertArrayEquals(large, Xattrs.get(at("f"), "user.large"));
        mounted().remount();
        assertArrayEquals(large, Xattrs.get(at("f"), "user.large"));
        assertArrayEquals(new byte[] {0, 1, 2}, Xattrs.get(at("f"), "trusted.t"));
        assertEquals(
                List.of("security.s", "trusted.t", "user.empty", "user.large", "user.small"),
                Xattrs.list(at("f")));
        Xattrs.set(at("f"), "user.small", "other".getBytes(UTF_8), Xattrs.REPLACE);
        assertArrayEquals("other".getBytes(UTF_8), Xattrs.get(at("f"), "user.small"));
        Xattrs.remove(at("f"), "user.large");
        refuses(Errno.ENODATA, () -> Xattrs.get(at("f"), "user.large"));
    }

    @Test
    default void xattrsSayWhyTheyRefuse() throws IOException {
        Files.createFile(at("f"));
        Xattrs.set(at("f"), "user.a", new byte[100], 0);
        refuses(Errno.EEXIST, () -> Xattrs.set(at("f"), "user.a", new byte[1], Xattrs.CREATE));
        refuses(Errno.ENODATA, () -> Xattrs.set(at("f"), "user.b", new byte[1], Xattrs.REPLACE));
        refuses(Errno.ENODATA, () -> Xattrs.remove(at("f"), "user.b"));
        refuses(
                Errno.EOPNOTSUPP,
                () -> Xattrs.set(at("f"), "system.posix_acl_access", new byte[44], 0));
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(100, Xattrs.get(at("f"), "user.a", MemorySegment.NULL));
            refuses(Errno.ERANGE, () -> Xattrs.get(at("f"), "user.a", arena.allocate(99)));
        }
    }

    private static void refuses(Errno errno, Runnable call) {
        assertEquals(errno.number(), assertThrows(SystemCallException.class, call::run).errno());
    }

    @Test
    default void theSizeOfThePoolIsShown() throws IOException, InterruptedException {
        FileStore store = Files.getFileStore(mounted().root());
        assertEquals("fuse.cowfs", store.type());
        assertEquals("test.img", store.name());
        assertTrue(store.getTotalSpace() > 0);
        assertTrue(store.getUsableSpace() > 0);
        assertTrue(store.getUsableSpace() <= store.getUnallocatedSpace());
        assertTrue(store.getUnallocatedSpace() <= store.getTotalSpace());
        assertEquals("4096 255", Shell.in(mounted().root()).run("stat -f -c '%s %l' ."));
    }
}
