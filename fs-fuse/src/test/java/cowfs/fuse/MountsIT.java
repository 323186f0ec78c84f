package cowfs.fuse;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.fuse.kernel.ChannelKind;
import cowfs.fuse.mounted.DyingDaemon;
import cowfs.fuse.mounted.EnabledRings;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.Shell;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Mounting and unmounting.
final class MountsIT {
    private MountedDirectory mounted;

    @BeforeEach
    void mount() throws IOException {
        mounted = new MountedDirectory();
    }

    @AfterEach
    void unmount() throws IOException {
        mounted.close();
    }

    private Mount mount(Ref ref, Path directory) throws IOException {
        return Mounts.mount(mounted.pool(), ref, directory, MountOptions.of("test.img"));
    }

    private static void refuses(ErrorKind kind, String message, Executable action) {
        CowException refusal = assertThrows(CowException.class, action);
        assertEquals(kind, refusal.kind(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
    }

    @Test
    void aSubvolumeIsMountedOnce() throws IOException {
        Path other = mounted.outside("other");
        refuses(ErrorKind.BUSY, "mount --bind", () -> mount(Ref.MAIN, other));
        MountedDirectory.unmount(mounted.mount());
        mount(Ref.MAIN, other);
        assertEquals(1, Mounts.of(mounted.pool()).size());
    }

    @Test
    void severalTreesOfAPoolAreMountedAtOnce() throws IOException {
        Files.writeString(mounted.path("f"), "old");
        mounted.operations().snapshot(Ref.parse("main@s"));
        mounted.operations().cloneSubvolume(Ref.parse("main@s"), "copy");
        Path copy = mount(new Ref("copy", null), mounted.outside("copy")).directory();
        Mount snapshot = mount(Ref.parse("main@s"), mounted.outside("snapshot"));
        mount(Ref.parse("main@s"), mounted.outside("again"));
        Files.writeString(mounted.path("f"), "new");
        Files.writeString(copy.resolve("f"), "copy");
        assertEquals("new", Files.readString(mounted.path("f")));
        assertEquals("copy", Files.readString(copy.resolve("f")));
        assertEquals("old", Files.readString(snapshot.directory().resolve("f")));
        assertTrue(snapshot.readOnly());
        FileSystemException refusal =
                assertThrows(
                        FileSystemException.class,
                        () -> Files.createFile(snapshot.directory().resolve("g")));
        assertTrue(refusal.getMessage().contains("Read-only"), refusal.getMessage());
        assertTrue(Files.isDirectory(snapshot.directory().resolve(".snapshots/s")));
        assertFalse(Files.exists(copy.resolve(".snapshots/s")));
        assertEquals(4, Mounts.of(mounted.pool()).size());
    }

    @Test
    void aReadOnlyMountRefusesChanges() throws IOException, InterruptedException {
        mounted.operations().createSubvolume("other");
        Path directory = mounted.outside("other");
        Mounts.mount(
                mounted.pool(),
                new Ref("other", null),
                directory,
                MountOptions.of("test.img").withReadOnly(true));
        Shell.in(directory).fails("touch f", "Read-only file system");
        Shell.in(directory).fails("mkdir .snapshots/s", "Read-only file system");
    }

    @Test
    void theMountPointMustBeAnEmptyDirectory() throws IOException {
        mounted.operations().createSubvolume("other");
        Ref other = new Ref("other", null);
        Path outside = mounted.outside("outside");
        Path file = Files.createFile(outside.resolve("file"));
        refuses(ErrorKind.NOT_A_DIRECTORY, "is not a directory", () -> mount(other, file));
        refuses(ErrorKind.NOT_EMPTY, "is not empty", () -> mount(other, outside));
        Path missing = outside.resolve("missing");
        refuses(ErrorKind.NOT_FOUND, "mkdir " + missing, () -> mount(other, missing));
        refuses(ErrorKind.BUSY, "is mounted already", () -> mount(other, mounted.root()));
        Ref unknown = new Ref("unknown", null);
        assertThrows(CowException.class, () -> mount(unknown, mounted.outside("empty")));
        assertEquals(1, Mounts.of(mounted.pool()).size());
    }

    @Test
    void oddMountPointsAndSourcesWork() throws IOException, InterruptedException {
        mounted.operations().createSubvolume("other");
        Path odd = mounted.outside("a b\\c,d\te");
        String source = "/some/im,age\\1.img";
        Mount mount =
                Mounts.mount(mounted.pool(), new Ref("other", null), odd, MountOptions.of(source));
        assertEquals(source, Files.getFileStore(odd).name());
        Files.writeString(odd.resolve("f"), "text");
        mounted.operations().createSubvolume("third");
        refuses(ErrorKind.BUSY, "is mounted already", () -> mount(Ref.parse("third"), odd));
        MountedDirectory.unmount(mount);
        assertFalse(Files.exists(odd.resolve("f")));
    }

    @Test
    void aDeadMountIsExplained() throws Exception {
        Path dead = mounted.outside("dead");
        mounted.operations().createSubvolume("other");
        Ref other = new Ref("other", null);
        try (DyingDaemon daemon = DyingDaemon.mountAndKill(dead)) {
            refuses(ErrorKind.BUSY, "fusermount -u " + dead, () -> mount(other, dead));
            Shell.in(mounted.root()).run("fusermount -u " + dead);
            mount(other, dead);
        }
    }

    @Test
    void theLoopCanBeAskedFor() throws Exception {
        assumeTrue(EnabledRings.arePossible(), "Linux 6.14 and root");
        mounted.operations().createSubvolume("other");
        Path directory = mounted.outside("other");
        MountOptions options = MountOptions.of("test.img").withChannel(ChannelKind.LOOP);
        Mount loop;
        try (EnabledRings rings = EnabledRings.now()) {
            Objects.requireNonNull(rings);
            loop = Mounts.mount(mounted.pool(), new Ref("other", null), directory, options);
        }
        assertTrue(loop.transport().endsWith(", loop"), loop.transport());
        Files.writeString(directory.resolve("f"), "text");
        assertEquals("text", Files.readString(directory.resolve("f")));
    }

    @Test
    void aDaemonOnRingsCanBeKilled() throws Exception {
        assumeTrue(EnabledRings.arePossible(), "Linux 6.14 and root");
        Path dead = mounted.outside("dead");
        mounted.operations().createSubvolume("other");
        Ref other = new Ref("other", null);
        try (DyingDaemon daemon = DyingDaemon.mountOnRingsAndKill(dead)) {
            refuses(ErrorKind.BUSY, "fusermount -u " + dead, () -> mount(other, dead));
            Shell.in(mounted.root()).run("fusermount -u " + dead);
            mount(other, dead);
        }
    }

    @Test
    void aMountPointThatIsRemovedEndsTheMount() throws Exception {
        // Where it is no mount point a directory can be removed, which unmounts it everywhere else.
        Shell.in(Path.of("/"))
                .run(
                        "unshare -m --propagation private sh -c 'umount %1$s && rmdir %1$s'"
                                .formatted(mounted.root()));
        mounted.mount().awaitUnmounted();
        assertEquals(List.of(), Mounts.of(mounted.pool()));
    }

    @Test
    void unmountingIsRefusedWhileAFileIsOpen() throws Exception {
        try (var open = Files.newOutputStream(mounted.path("f"))) {
            open.write(1);
            refuses(ErrorKind.BUSY, "close what is open", () -> mounted.mount().unmount());
            assertTrue(mounted.mount().isMounted());
            open.write(2);
        }
        MountedDirectory.unmount(mounted.mount());
        assertFalse(mounted.mount().isMounted());
        mounted.mount().unmount(); // again: nothing to do
    }

    @Test
    void detachingEndsTheMountWhenTheLastFileIsClosed() throws Exception {
        try (var open = Files.newOutputStream(mounted.path("f"))) {
            mounted.mount().detach();
            assertFalse(Files.exists(mounted.path("f")));
            open.write(1);
            assertTrue(mounted.mount().isMounted());
        }
        mounted.mount().awaitUnmounted();
        assertEquals(List.of(), Mounts.of(mounted.pool()));
    }

    @Test
    void unmountingByCommandEndsTheMount() throws Exception {
        Shell shell = Shell.in(Path.of("/"));
        await().ignoreExceptions()
                .until(() -> shell.run("fusermount -u " + mounted.root()).isEmpty());
        mounted.mount().awaitUnmounted();
        assertEquals(List.of(), Mounts.of(mounted.pool()));
        mount(Ref.MAIN, mounted.root());
    }

    @Test
    void anAbortedConnectionEndsTheMount() throws Exception {
        Shell.in(Path.of("/")).run("umount -f %1$s || umount -l %1$s".formatted(mounted.root()));
        mounted.mount().awaitUnmounted();
        assertEquals(List.of(), Mounts.of(mounted.pool()));
    }

    @Test
    void whatIsMountedCannotBeDeleted() throws Exception {
        mounted.operations().snapshot(Ref.parse("main@s"));
        Mount snapshot = mount(Ref.parse("main@s"), mounted.outside("s"));
        String where = snapshot.directory().toString();
        refuses(
                ErrorKind.BUSY,
                where,
                () -> mounted.operations().delete(List.of(Ref.parse("main@s"))));
        Shell.in(mounted.root()).fails("rmdir .snapshots/s", "busy");
        refuses(
                ErrorKind.BUSY,
                mounted.root().toString(),
                () -> mounted.operations().delete(List.of(Ref.MAIN, Ref.parse("main@s"))));
        MountedDirectory.unmount(snapshot);
        mounted.operations().delete(List.of(Ref.parse("main@s")));
    }

    private long referencedBytes() throws IOException {
        mounted.pool().sync();
        return mounted.pool().spaceUsage(List.of(Ref.MAIN)).getFirst().referencedBytes();
    }

    @Test
    void unlinkedOpenFilesLeaveNothingBehind() throws Exception {
        long before = referencedBytes();
        try (var open = Files.newOutputStream(mounted.path("f"))) {
            Files.delete(mounted.path("f"));
            open.write(new byte[100_000]);
            mounted.mount().detach();
        }
        mounted.mount().awaitUnmounted();
        assertEquals(before, referencedBytes());
    }
}
