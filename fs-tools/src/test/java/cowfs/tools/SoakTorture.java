package cowfs.tools;

import cowfs.tools.control.Endpoint;
import cowfs.tools.place.MountTable;
import cowfs.torture.TortureMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A daemon with a real mount, used by several threads at once and killed at random times; each
/// time the image is checked, mounted again, and compared with what the threads had been promised.
///
/// What must be there: all that ended before an fsync began, of any thread, that was acknowledged.
/// What can't be there: what had not begun. In between: a state between two operations, for each
/// thread. A snapshot shows such a state too, and never another one later.
public final class SoakTorture implements TortureMode {
    private static final int WORKERS = 3;
    private static final int KILLS = 6;
    private static final int MAX_SNAPSHOTS = 4;
    private static final long LIMIT_SECONDS = 60;

    @Override
    public String name() {
        return "soak";
    }

    @Override
    public String counted() {
        return "acknowledged operations";
    }

    @Override
    public long round(long seed, Path directory) throws Exception {
        return new Soak(seed, directory, image -> {}).run();
    }

    /// What happens to the image while nothing has it open, before it is mounted again. It stays
    /// the same file: the log that a killed daemon leaves goes by the file's inode.
    @FunctionalInterface
    interface BetweenMounts {
        void change(Path image) throws IOException;
    }

    /// A round in which something is done to the image: for the test of this test.
    static long round(long seed, Path directory, BetweenMounts meddler) throws Exception {
        return new Soak(seed, directory, meddler).run();
    }

    private static final class Soak {
        private final Random random;

        /// Apart from the other, which is asked as often as time allows.
        private final Random killing;

        private final Path image;
        private final Path mount;
        private final List<SoakWorker> workers = new ArrayList<>();
        private final Map<String, List<String>> snapshots = new TreeMap<>();
        private @Nullable ProcessHandle daemon;
        private volatile boolean ending;
        private volatile @Nullable Throwable failure;
        private int snapshotCount;
        private final BetweenMounts meddler;

        Soak(long seed, Path directory, BetweenMounts meddler) throws IOException {
            this.meddler = meddler;
            random = new Random(seed);
            killing = new Random(random.nextLong());
            image = directory.toRealPath().resolve("image");
            mount = Files.createDirectory(directory.toRealPath().resolve("mnt"));
            for (int i = 0; i < WORKERS; i++) {
                workers.add(new SoakWorker(mount.resolve("w" + i), random.nextLong()));
            }
        }

        long run() throws Exception {
            try {
                int nodeKilobytes = 4 << random.nextInt(3);
                int copies = 1 + random.nextInt(2);
                command(
                        "mkfs",
                        "--size=256M",
                        "--node-size=" + nodeKilobytes + "K",
                        "--metadata-copies=" + copies,
                        image);
                mount(false);
                for (SoakWorker worker : workers) {
                    Files.createDirectory(worker.directory());
                }
                command("sync", mount);
                for (int i = 0; i < KILLS; i++) {
                    boolean kill = killing.nextInt(5) > 0;
                    work(500 + random.nextInt(3500), kill);
                    compare(kill);
                }
                command("umount", mount);
                check();
                return workers.stream().mapToLong(SoakWorker::acknowledged).sum();
            } finally {
                cleanUp();
            }
        }

        /// @param killed whether the last daemon was; the command says so then, and only then
        private void mount(boolean killed) throws IOException {
            Run done = Command.run("mount", "--json", image, mount);
            boolean said = done.err().contains("ended without closing it");
            if (done.exitCode() != 0 || said != killed || (!killed && !done.err().isEmpty())) {
                throw new AssertionError("cowfs mount, killed=" + killed + ": " + done.err());
            }
            daemon = ProcessHandle.of(done.json().number("pid")).orElseThrow();
        }

        private static void command(Object... words) throws IOException {
            Run done = Command.run(words);
            if (done.exitCode() != 0) {
                throw new AssertionError(
                        "cowfs " + List.of(words) + " failed: " + done.err() + done.out());
            }
        }

        private void check() throws IOException {
            command("check", image);
        }

        /// Lets all work for a time, then kills the daemon or unmounts.
        private void work(int milliseconds, boolean kill) throws Exception {
            ending = false;
            List<Thread> threads = new ArrayList<>();
            for (SoakWorker worker : workers) {
                threads.add(Thread.ofPlatform().start(() -> runWorker(worker)));
            }
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
            while (System.nanoTime() < end && failure == null) {
                TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(200));
                if (random.nextInt(4) == 0) {
                    changeSnapshots();
                }
            }
            ending = true;
            if (kill) {
                requireDaemon().destroyForcibly();
            }
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
                if (thread.isAlive()) {
                    throw new AssertionError("an operation hangs on the mount");
                }
            }
            Throwable failed = failure;
            if (failed != null) {
                throw new AssertionError("an operation failed: " + failed, failed);
            }
            if (kill) {
                requireDaemon().onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            command("umount", mount);
            check();
        }

        private ProcessHandle requireDaemon() {
            ProcessHandle running = daemon;
            if (running == null) {
                throw new IllegalStateException("nothing is mounted");
            }
            return running;
        }

        private void runWorker(SoakWorker worker) {
            try {
                while (!ending && failure == null) {
                    worker.step();
                }
            } catch (IOException | RuntimeException | Error failed) {
                if (!ending) {
                    failure = failed;
                }
            }
        }

        /// Takes or deletes a snapshot while the others work, and compares a new one at once.
        private void changeSnapshots() throws IOException {
            Path all = mount.resolve(".snapshots");
            if (snapshots.size() == MAX_SNAPSHOTS) {
                String oldest = snapshots.keySet().iterator().next();
                snapshots.remove(oldest);
                Files.delete(all.resolve(oldest));
                return;
            }
            String name = String.format("s%05d", snapshotCount++);
            long before = System.nanoTime();
            Files.createDirectory(all.resolve(name));
            long after = System.nanoTime();
            workers.getFirst().durable(before);
            List<String> found = new ArrayList<>();
            for (SoakWorker worker : workers) {
                Path own = all.resolve(name).resolve(worker.directory().getFileName());
                String text = SoakTree.read(own).toString();
                require(
                        "snapshot " + name + " of " + worker.directory().getFileName(),
                        worker.between(before, after),
                        text);
                found.add(text);
            }
            snapshots.put(name, found);
        }

        /// Mounts again and compares; what is found is where the workers go on.
        private void compare(boolean killed) throws IOException {
            meddler.change(image);
            mount(killed);
            long since =
                    killed
                            ? workers.stream()
                                    .mapToLong(SoakWorker::durableSince)
                                    .max()
                                    .orElseThrow()
                            : Long.MAX_VALUE;
            for (SoakWorker worker : workers) {
                SoakTree found = SoakTree.read(worker.directory());
                require(
                        "directory " + worker.directory().getFileName(),
                        worker.between(since, Long.MAX_VALUE),
                        found.toString());
                worker.start(found);
            }
            for (Map.Entry<String, List<String>> each : snapshots.entrySet()) {
                for (int i = 0; i < WORKERS; i++) {
                    Path own = mount.resolve(".snapshots").resolve(each.getKey()).resolve("w" + i);
                    String text = SoakTree.read(own).toString();
                    if (!text.equals(each.getValue().get(i))) {
                        throw new AssertionError(
                                "snapshot "
                                        + each.getKey()
                                        + " has changed; it was:\n"
                                        + each.getValue().get(i)
                                        + "and is:\n"
                                        + text);
                    }
                }
            }
        }

        private static void require(String what, List<SoakTree> allowed, String found) {
            if (allowed.stream().noneMatch(state -> state.toString().equals(found))) {
                throw new AssertionError(
                        what
                                + " is in none of the "
                                + allowed.size()
                                + " states that it may be in; found:\n"
                                + found
                                + "the oldest allowed:\n"
                                + allowed.getFirst()
                                + "the newest allowed:\n"
                                + allowed.getLast());
            }
        }

        private void cleanUp() throws Exception {
            for (MountTable.Entry each : MountTable.read().all()) {
                if (each.directory().equals(mount)) {
                    Command.run(List.of("umount", "-l", mount.toString()));
                }
            }
            ProcessHandle running = daemon;
            if (running != null && running.isAlive()) {
                running.destroyForcibly();
                running.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            Endpoint endpoint = Endpoint.of(image);
            Files.deleteIfExists(endpoint.socket());
            Files.deleteIfExists(endpoint.log());
        }
    }
}
