package cowfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.Volume;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.Shell;
import cowfs.model.ModelPools;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel forgets when the whole content of a mounted subvolume is replaced: here by that
/// of a clone, which has the same inode numbers.
final class InvalidationIT {
    private final Pool model = ModelPools.create();

    @TempDir private Path scratch;
    private Path root;
    private Mount mount;
    private volatile Volume current;

    @BeforeEach
    void mount() throws IOException {
        current = model.volume(Ref.MAIN);
        root = Files.createDirectory(scratch.resolve("mnt"));
        mount = Mounts.mount(switching(), Ref.MAIN, root, MountOptions.of("test.img"));
        assumeTrue(mount.canInvalidateAll(), "Linux 6.16");
    }

    @AfterEach
    void unmount() {
        MountedDirectory.unmount(mount);
    }

    private Pool switching() {
        return proxy(
                Pool.class,
                (self, method, arguments) ->
                        method.getName().equals("volume")
                                ? proxy(
                                        Volume.class,
                                        (volume, call, given) -> call(call, current, given))
                                : call(method, model, arguments));
    }

    private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Method method, Object target, Object[] arguments) throws Throwable {
        try {
            method.setAccessible(true);
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /// What is there now comes back with {@link #goBack}.
    private void remember() throws IOException {
        mount.barrier();
        model.cloneSubvolume(Ref.MAIN, "before");
    }

    private void goBack() throws IOException {
        mount.barrier();
        current = model.volume(new Ref("before", null));
        mount.invalidateAll();
    }

    @Test
    void everythingIsAskedForAnew() throws Exception {
        Shell shell = Shell.in(root);
        shell.run(
                "umask 022; mkdir -p d/e gone; echo old > f; echo deep > d/e/deep; ln -s old link; chmod 600 f");
        remember();
        shell.run(
                "echo much longer > f; chmod 644 f; rm -r gone; echo new > new; ln -sfn new link");
        shell.run("echo deeper > d/e/deep; mkdir d/made; mv d/e d/moved; chmod 700 d");
        shell.run(
                "find . | xargs -d '\\n' stat > /dev/null; ls -l . d d/moved; cat f d/moved/deep; ! cat d/e/deep");
        assertTrue(Files.notExists(root.resolve("gone")));
        goBack();
        assertEquals("d f gone link", shell.run("echo $(ls)"));
        assertEquals("old", shell.run("cat f"));
        assertEquals("600 4", shell.run("stat -c '%a %s' f"));
        assertEquals("old", shell.run("readlink link"));
        assertEquals("deep", shell.run("cat d/e/deep"));
        assertEquals("e", shell.run("echo $(ls d)"));
        assertEquals("755", shell.run("stat -c %a d"));
        assertFalse(Files.exists(root.resolve("new")));
        shell.run("echo again > new; echo more >> f; rm -r gone d");
        assertEquals("f link new", shell.run("echo $(ls)"));
        assertEquals("old\nmore", shell.run("cat f"));
    }

    @Test
    void whatWasOpenIsStale() throws Exception {
        Path file = root.resolve("f");
        Files.writeString(file, "old");
        remember();
        Files.writeString(file, "new content");
        FileChannel before = FileChannel.open(file, READ, WRITE);
        goBack();
        ByteBuffer part = ByteBuffer.wrap("lost".getBytes(UTF_8));
        assertThrows(IOException.class, () -> before.write(part, 0));
        before.write(ByteBuffer.allocate(1 << 16), 0); // whole pages stay with the kernel at first
        assertThrows(IOException.class, () -> before.force(true));
        assertEquals("old", Files.readString(file));
        // By then the kernel knows that the number means another inode, and says so once more.
        assertThrows(IOException.class, before::close);
        assertEquals("old", Files.readString(file));
        Files.writeString(file, "newer");
        mount.barrier();
        assertEquals("newer", Files.readString(file));
    }

    /// Also of what the kernel has read already, whether anybody has looked for the name since or
    /// not.
    @Test
    void whatWasOpenIsNotReadFromTheKernelsCache() throws Exception {
        Path file = root.resolve("f");
        Files.writeString(file, "old");
        remember();
        Files.writeString(file, "new content");
        ByteBuffer read = ByteBuffer.allocate(100);
        FileChannel before = FileChannel.open(file, READ);
        assertEquals(11, before.read(read, 0));
        goBack();
        IOException stale = assertThrows(IOException.class, () -> before.read(read.clear(), 0));
        assertEquals("Stale file handle", stale.getMessage());
        assertEquals("old", Files.readString(file));
        assertThrows(IOException.class, () -> before.read(read.clear(), 0));
        assertThrows(IOException.class, before::close); // but it is closed
    }

    @Test
    void itCanBeReplacedAgainAndAgain() throws Exception {
        Path file = root.resolve("f");
        Files.writeString(file, "");
        remember();
        for (int round = 0; round < 20; round++) {
            Files.writeString(file, "x".repeat(round + 1));
            assertEquals(round + 1, Files.size(file));
            Ref next = new Ref("round" + round, null);
            model.cloneSubvolume(new Ref("before", null), "round" + round);
            mount.barrier();
            current = model.volume(next);
            mount.invalidateAll();
            assertEquals("", Files.readString(file), "round " + round);
        }
    }
}
