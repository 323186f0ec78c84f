package cowfs.fuse;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
import cowfs.fuse.mounted.MappingProcess;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.Shell;
import cowfs.model.ModelPools;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A mount over files that fail or are slow.
final class FaultsIT {
    private final Pool model = ModelPools.create();

    @TempDir private Path scratch;
    private Path root;
    private Mount mount;

    /// What happens at a call of the volume before it is done.
    private volatile Fault fault = method -> {};

    @BeforeEach
    void mount() throws IOException {
        root = Files.createDirectory(scratch.resolve("mnt"));
        mount = Mounts.mount(faulty(), Ref.MAIN, root, MountOptions.of("test.img"));
    }

    @AfterEach
    void unmount() {
        fault = method -> {};
        MountedDirectory.unmount(mount);
    }

    @FunctionalInterface
    private interface Fault {
        void before(String method) throws Throwable;
    }

    private Pool faulty() {
        return (Pool)
                proxy(
                        Pool.class,
                        model,
                        (method, result) ->
                                method.equals("volume")
                                        ? proxy(Volume.class, result, (name, same) -> same)
                                        : result);
    }

    private Object proxy(Class<?> type, Object target, Wrapper wrapper) {
        return Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> {
                    if (method.getName().equals("equals")) {
                        return self == arguments[0];
                    }
                    if (method.getName().equals("hashCode")) {
                        return System.identityHashCode(self);
                    }
                    fault.before(method.getName());
                    try {
                        method.setAccessible(true);
                        return wrapper.wrap(method.getName(), method.invoke(target, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @FunctionalInterface
    private interface Wrapper {
        Object wrap(String method, Object result);
    }

    private void failing(String method, Throwable failure) {
        fault =
                called -> {
                    if (called.equals(method)) {
                        throw failure;
                    }
                };
    }

    private static void assertFails(String message, FileSystemException failure) {
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void aMistakeInTheEngineIsAnInputOutputErrorAndTheMountLives() throws Exception {
        Files.writeString(root.resolve("f"), "text");
        for (Throwable mistake :
                new Throwable[] {
                    new IllegalStateException("a test's mistake"),
                    new AssertionError("a test's mistake"),
                    new StackOverflowError("a test's mistake"),
                    new IOException("a test's broken disk")
                }) {
            failing("create", mistake);
            assertFails(
                    "Input/output error",
                    assertThrows(
                            FileSystemException.class, () -> Files.createFile(root.resolve("g"))));
            fault = method -> {};
            assertEquals("text", Files.readString(root.resolve("f")));
        }
        Files.createFile(root.resolve("g"));
    }

    @Test
    void aMistakeBeforeARequestIsServedIsAnInputOutputErrorToo() throws Exception {
        Shell.in(root).run("truncate -s 1M f");
        failing("seek", new IllegalStateException("a test's mistake"));
        // Who looks for data in what somebody has open for writing is served apart, if need be.
        Shell.in(root).fails("exec 3<>f; cp f g", "Input/output error");
        fault = method -> {};
        Shell.in(root).run("exec 3<>f; cp f h && cmp f h");
    }

    @Test
    void aFullPoolSaysSo() {
        failing("write", new RequestException(ErrorKind.NO_SPACE, "full"));
        IOException failure =
                assertThrows(
                        IOException.class, () -> Files.write(root.resolve("f"), new byte[100]));
        assertTrue(failure.getMessage().contains("No space left"), failure.getMessage());
    }

    @Test
    void aFailedFsyncIsReported() throws IOException {
        try (FileChannel file = FileChannel.open(root.resolve("f"), CREATE, WRITE)) {
            file.write(ByteBuffer.allocate(100));
            failing("fsync", new RequestException(ErrorKind.POOL_FAILED, "latched"));
            assertThrows(IOException.class, () -> file.force(true));
        }
    }

    @Test
    void aFailedSnapshotIsReportedAndTheNextOneWorks() throws Exception {
        Files.writeString(root.resolve("f"), "text");
        failing("snapshot", new IllegalStateException("a test's mistake"));
        Shell.in(root).fails("mkdir .snapshots/s", "Input/output error");
        fault = method -> {};
        Shell.in(root).run("mkdir .snapshots/s && cat .snapshots/s/f");
    }

    @Test
    void aProgramThatIsKilledWhileItWaitsLeavesTheMountWhole() throws Exception {
        Files.writeString(root.resolve("f"), "text");
        Files.createDirectory(root.resolve("d"));
        for (String method : new String[] {"create", "unlink", "getAttributes", "rename"}) {
            fault =
                    called -> {
                        if (called.equals(method)) {
                            LockSupport.parkNanos(400_000_000);
                        }
                    };
            Shell.in(root)
                    .run(
                            "for s in INT TERM KILL; do ! timeout -s $s 0.1 sh -c"
                                    + " 'echo x > d/$0; mv d/$0 d/b; stat f; rm d/b' $s; done");
            fault = called -> {};
            assertEquals("text", Files.readString(root.resolve("f")), method);
        }
        Shell.in(root).run("rm -rf d");
        assertEquals("f", Shell.in(root).run("ls"));
    }

    @Test
    void aSnapshotWaitsForSlowWritesOfAMapping() throws Exception {
        int size = 2 << 20;
        Files.write(root.resolve("f"), new byte[size]);
        fault =
                method -> {
                    if (method.equals("write")) {
                        LockSupport.parkNanos(30_000_000);
                    }
                };
        for (int round = 1; round <= 5; round++) {
            try (var mapping = MappingProcess.start(root.resolve("f"))) {
                for (int offset = 0; offset < size; offset += 4096) {
                    mapping.write(offset, round);
                }
                Files.createDirectory(root.resolve(".snapshots/s" + round));
            }
            try (FileChannel kept =
                    FileChannel.open(root.resolve(".snapshots/s" + round + "/f"), READ)) {
                ByteBuffer bytes = ByteBuffer.allocate(size);
                while (kept.read(bytes) > 0) {
                    // until all is there
                }
                for (int offset = 0; offset < size; offset += 4096) {
                    assertEquals(round, bytes.get(offset), "offset " + offset);
                }
            }
        }
    }
}
