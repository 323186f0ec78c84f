package cowfs.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The filesystems that can be measured, by name.
///
/// The programs behind them are found by environment variables that `scripts/bench` sets: `COWFS`,
/// `ZFS_FUSE` (the directory of `zfs-fuse`, `zpool` and `zfs`) and `PASSTHROUGH_LL` (libfuse's
/// example, the limit of what FUSE can do over another filesystem).
final class Peers {
    static final List<String> NAMES =
            List.of("cowfs", "cowfs-jnr", "passthrough", "fuse2fs", "zfs-fuse", "btrfs");

    /// @param home where images and mount points go
    static Peer of(String name, Path home) throws IOException {
        return switch (name) {
            case "cowfs" -> new Cowfs(name, home, "kernel");
            case "cowfs-jnr" -> new Cowfs(name, home, "jnr");
            case "passthrough" -> new Passthrough(name, home);
            case "fuse2fs" -> new Fuse2fs(name, home);
            case "zfs-fuse" -> new ZfsFuse(name, home);
            case "btrfs" -> new Btrfs(name, home);
            default ->
                    throw new IllegalArgumentException(
                            "'" + name + "' is no peer; there are " + String.join(", ", NAMES));
        };
    }

    private static String program(String variable) {
        String value = System.getenv(variable);
        if (value == null) {
            throw new IllegalStateException(variable + " is not set; start this by scripts/bench");
        }
        return value;
    }

    private static final class Cowfs extends Peer {
        private final String cowfs = program("COWFS");
        private final String transport;

        Cowfs(String name, Path home, String transport) throws IOException {
            super(name, home);
            this.transport = transport;
        }

        @Override
        void create() throws IOException {
            Files.deleteIfExists(image());
            run(cowfs, "mkfs", "--size", IMAGE_SIZE, image().toString());
            mount();
        }

        @Override
        void mount() throws IOException {
            run(
                    cowfs,
                    "mount",
                    "--transport",
                    transport,
                    image().toString(),
                    mountPoint().toString());
        }

        @Override
        void unmount() throws IOException {
            run(cowfs, "umount", mountPoint().toString());
        }

        @Override
        boolean snapshot(String snapshotName) throws IOException {
            Files.createDirectory(mountPoint().resolve(".snapshots").resolve(snapshotName));
            return true;
        }

        @Override
        void deleteSnapshot(String snapshotName) throws IOException {
            Files.delete(mountPoint().resolve(".snapshots").resolve(snapshotName));
        }
    }

    /// The kernel's btrfs on a loop device: the limit of the design, without FUSE. The measured
    /// directory is a subvolume, so that it can be snapshotted beside itself.
    private static final class Btrfs extends Peer {
        Btrfs(String name, Path home) throws IOException {
            super(name, home);
        }

        @Override
        void create() throws IOException {
            sparseImage();
            run("mkfs.btrfs", "-q", "-f", image().toString());
            mount();
        }

        @Override
        void mount() throws IOException {
            run("mount", "-o", "loop", image().toString(), mountPoint().toString());
        }

        @Override
        void unmount() throws IOException {
            runPatiently("umount", mountPoint().toString());
        }

        @Override
        boolean snapshot(String snapshotName) throws IOException {
            Path snapshot = mountPoint().resolve(snapshotName);
            String top = mountPoint().toString();
            run("btrfs", "-q", "subvolume", "snapshot", "-r", top, snapshot.toString());
            return true;
        }

        @Override
        void deleteSnapshot(String snapshotName) throws IOException {
            run(
                    "btrfs",
                    "-q",
                    "subvolume",
                    "delete",
                    mountPoint().resolve(snapshotName).toString());
        }
    }

    /// ext4 in user space.
    private static final class Fuse2fs extends Peer {
        Fuse2fs(String name, Path home) throws IOException {
            super(name, home);
        }

        @Override
        void create() throws IOException {
            sparseImage();
            run("mkfs.ext4", "-q", "-F", image().toString());
            mount();
        }

        @Override
        void mount() throws IOException {
            startDaemon("fuse2fs", image().toString(), mountPoint().toString(), "-f");
        }

        @Override
        void unmount() throws IOException {
            runPatiently("umount", mountPoint().toString());
            awaitDaemon();
        }
    }

    /// libfuse's `passthrough_ll` with the writeback cache, over ext4 on a loop device.
    private static final class Passthrough extends Peer {
        private final String passthrough = program("PASSTHROUGH_LL");
        private final Path source;

        Passthrough(String name, Path home) throws IOException {
            super(name, home);
            source = Files.createDirectories(home.resolve(name + "-source"));
        }

        /// It hands `O_DIRECT` down, and then a buffer that is not aligned.
        @Override
        boolean hasDirectIo() {
            return false;
        }

        @Override
        void create() throws IOException {
            sparseImage();
            run("mkfs.ext4", "-q", "-F", image().toString());
            mount();
        }

        @Override
        void mount() throws IOException {
            run("mount", "-o", "loop", image().toString(), source.toString());
            String options = "source=" + source + ",writeback,cache=auto";
            startDaemon(passthrough, "-f", "-o", options, mountPoint().toString());
        }

        @Override
        void unmount() throws IOException {
            runPatiently("umount", mountPoint().toString());
            awaitDaemon();
            runPatiently("umount", source.toString());
        }
    }

    /// ZFS in user space. Its daemon serves the mount for as long as the bench runs.
    private static final class ZfsFuse extends Peer {
        private static final String POOL = "cowfsbench";

        private final Path programs = Path.of(program("ZFS_FUSE"));
        private final Process server;

        ZfsFuse(String name, Path home) throws IOException {
            super(name, home);
            server =
                    new ProcessBuilder(
                                    programs.resolve("zfs-fuse").toString(),
                                    "--no-daemon",
                                    "--no-kstat-mount",
                                    "-m",
                                    "1024",
                                    "-a",
                                    "3600",
                                    "-e",
                                    "3600",
                                    "-o",
                                    "default_permissions")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
        }

        @Override
        void create() throws IOException {
            sparseImage();
            zpool("create", "-m", mountPoint().toString(), POOL, image().toString());
        }

        @Override
        void mount() throws IOException {
            zpool("import", "-d", image().getParent().toString(), POOL);
        }

        @Override
        void unmount() throws IOException {
            zpool("export", POOL);
        }

        @Override
        boolean snapshot(String snapshotName) throws IOException {
            run(programs.resolve("zfs").toString(), "snapshot", POOL + "@" + snapshotName);
            return true;
        }

        @Override
        void deleteSnapshot(String snapshotName) throws IOException {
            run(programs.resolve("zfs").toString(), "destroy", POOL + "@" + snapshotName);
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                server.destroy();
                Shell.waitFor(server);
            }
        }

        private void zpool(String... words) throws IOException {
            String[] command = new String[words.length + 1];
            command[0] = programs.resolve("zpool").toString();
            System.arraycopy(words, 0, command, 1, words.length);
            runPatiently(command);
        }
    }

    private Peers() {}
}
