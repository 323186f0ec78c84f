package cowfs.tools;

import cowfs.tools.SoakTree.Type;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// One user of a mount: does random operations in a directory of its own, one after the other, and
/// keeps the log of them: which states its directory went through, and when.
///
/// ```
///   step      0 -------- 1 ------ 2 --- 3 ------     step i leads from state i-1 to state i
///   began       b1         b2       b3
///   ended             e1        e2      ?            the daemon died in 3: state 2 or 3
/// ```
///
/// A long write counts as one step for each page, as the kernel may hand it over in pieces. Thread
/// safe.
final class SoakWorker {
    private static final int PAGE_BYTES = 4096;
    private static final int MAX_NAMES = 14;
    private static final int MAX_FILE_BYTES = 200_000;

    private final Path directory;
    private final Random random;
    private final List<SoakTree> states = new ArrayList<>();
    private final List<Long> began = new ArrayList<>();
    private final List<Long> ended = new ArrayList<>();
    private long durableSince = Long.MIN_VALUE;
    private long acknowledged;

    @FunctionalInterface
    private interface Call {
        void run() throws IOException;
    }

    SoakWorker(Path directory, long seed) {
        this.directory = directory;
        this.random = new Random(seed);
        start(new SoakTree());
    }

    /// Forgets the log; the directory is in a state now.
    synchronized void start(SoakTree state) {
        states.clear();
        began.clear();
        ended.clear();
        states.add(state);
        began.add(Long.MIN_VALUE);
        ended.add(Long.MIN_VALUE);
        durableSince = Long.MIN_VALUE;
    }

    Path directory() {
        return directory;
    }

    synchronized long acknowledged() {
        return acknowledged;
    }

    /// All steps that ended before this moment are durable, in every worker's directory.
    synchronized long durableSince() {
        return durableSince;
    }

    /// The states that may be found when all steps that ended before one moment must be there and
    /// none can that began after another.
    synchronized List<SoakTree> between(long endedBefore, long beganBefore) {
        int least = 0;
        while (least + 1 < states.size()
                && least + 1 < ended.size()
                && ended.get(least + 1) < endedBefore) {
            least++;
        }
        int most = least;
        while (most + 1 < states.size() && began.get(most + 1) <= beganBefore) {
            most++;
        }
        return List.copyOf(states.subList(least, most + 1));
    }

    /// Does one random operation; fails as the mount does.
    void step() throws IOException {
        SoakTree now;
        synchronized (this) {
            now = states.getLast();
        }
        List<String> files = names(now, Type.FILE);
        List<String> directories = names(now, Type.DIRECTORY);
        List<String> all = List.copyOf(now.names().keySet());
        String fresh = freshName(now, directories);
        int dice = random.nextInt(100);
        if (dice < 12 || all.size() < 3) {
            if (all.size() < MAX_NAMES) {
                create(now, fresh);
            }
        } else if (dice < 16) {
            if (all.size() < MAX_NAMES && !fresh.contains("/")) {
                apply(
                        now.with(fresh, Type.DIRECTORY, new byte[0]),
                        () -> Files.createDirectory(path(fresh)));
            }
        } else if (dice < 50 && !files.isEmpty()) {
            write(now, pick(files));
        } else if (dice < 56 && !files.isEmpty()) {
            truncate(now, pick(files));
        } else if (dice < 60 && !files.isEmpty() && all.size() < MAX_NAMES) {
            String name = pick(files);
            apply(now.withLink(name, fresh), () -> Files.createLink(path(fresh), path(name)));
        } else if (dice < 63 && all.size() < MAX_NAMES) {
            byte[] target =
                    ("to-" + random.nextInt()).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            apply(
                    now.with(fresh, Type.SYMLINK, target),
                    () ->
                            Files.createSymbolicLink(
                                    path(fresh),
                                    Path.of(
                                            new String(
                                                    target,
                                                    java.nio.charset.StandardCharsets.UTF_8))));
        } else if (dice < 72) {
            remove(now, pick(all));
        } else if (dice < 82) {
            rename(now, pick(all), random.nextBoolean() || files.isEmpty() ? fresh : pick(files));
        } else if (dice < 87 && !files.isEmpty()) {
            String name = pick(files);
            String value = "x".repeat(random.nextInt(5) == 0 ? 3000 : 5) + random.nextInt(1000);
            apply(now.withXattr(name, value), () -> SoakTree.writeXattr(path(name), value));
        } else if (!files.isEmpty()) {
            fsync(pick(files));
        } else {
            fsync("");
        }
    }

    private String freshName(SoakTree now, List<String> directories) {
        String prefix =
                directories.isEmpty() || random.nextBoolean() ? "" : pick(directories) + "/";
        String name;
        do {
            name = prefix + "n" + random.nextInt(1000);
        } while (now.names().containsKey(name));
        return name;
    }

    private static List<String> names(SoakTree tree, Type type) {
        return tree.names().keySet().stream()
                .filter(name -> tree.node(name).type() == type)
                .toList();
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    private void create(SoakTree now, String name) throws IOException {
        apply(
                now.with(name, Type.FILE, new byte[0]),
                () ->
                        FileChannel.open(
                                        path(name),
                                        StandardOpenOption.CREATE_NEW,
                                        StandardOpenOption.WRITE)
                                .close());
    }

    private void write(SoakTree now, String name) throws IOException {
        byte[] content = now.node(name).content();
        int offset =
                random.nextInt(3) == 0 ? content.length : random.nextInt(content.length + 5000);
        int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 60_000 : 5000);
        if (offset + length > MAX_FILE_BYTES) {
            return;
        }
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        List<SoakTree> steps = new ArrayList<>();
        int done = 0;
        while (done < length) {
            done = Math.min(length, done + PAGE_BYTES - (offset + done) % PAGE_BYTES);
            steps.add(now.withContent(name, SoakTree.overwritten(content, offset, bytes, done)));
        }
        apply(
                steps,
                () -> {
                    try (FileChannel file =
                            FileChannel.open(path(name), StandardOpenOption.WRITE)) {
                        ByteBuffer source = ByteBuffer.wrap(bytes);
                        while (source.hasRemaining()) {
                            file.write(source, offset + (long) source.position());
                        }
                    }
                });
    }

    private void truncate(SoakTree now, String name) throws IOException {
        byte[] content = now.node(name).content();
        int size = random.nextInt(content.length + 6000);
        apply(
                now.withContent(name, java.util.Arrays.copyOf(content, size)),
                () -> {
                    try (RandomAccessFile file = new RandomAccessFile(path(name).toFile(), "rw")) {
                        file.setLength(size);
                    }
                });
    }

    private void remove(SoakTree now, String name) throws IOException {
        if (now.node(name).type() != Type.DIRECTORY || now.isEmptyDirectory(name)) {
            apply(now.without(name), () -> Files.delete(path(name)));
        }
    }

    private void rename(SoakTree now, String from, String to) throws IOException {
        boolean directory = now.node(from).type() == Type.DIRECTORY;
        boolean over = now.names().containsKey(to);
        boolean sameNode = over && now.names().get(from).equals(now.names().get(to));
        // POSIX does nothing when both are names of one file
        if (to.startsWith(from + "/") || sameNode || (directory && over)) {
            return;
        }
        apply(
                now.renamed(from, to),
                () ->
                        Files.move(
                                path(from),
                                path(to),
                                StandardCopyOption.ATOMIC_MOVE,
                                StandardCopyOption.REPLACE_EXISTING));
    }

    private void fsync(String name) throws IOException {
        long start = System.nanoTime();
        boolean directoryOnly = random.nextInt(4) == 0;
        Path target = directoryOnly ? directory : path(name);
        try (FileChannel file =
                FileChannel.open(
                        target,
                        directoryOnly || name.isEmpty()
                                ? StandardOpenOption.READ
                                : StandardOpenOption.WRITE)) {
            file.force(random.nextBoolean());
        }
        durable(start);
    }

    /// Takes note that all that ended before a moment is durable.
    synchronized void durable(long since) {
        durableSince = Math.max(durableSince, since);
        acknowledged++;
    }

    private void apply(SoakTree after, Call call) throws IOException {
        apply(List.of(after), call);
    }

    private void apply(List<SoakTree> after, Call call) throws IOException {
        synchronized (this) {
            long now = System.nanoTime();
            for (SoakTree state : after) {
                states.add(state);
                began.add(now);
            }
        }
        call.run();
        synchronized (this) {
            long now = System.nanoTime();
            after.forEach(state -> ended.add(now));
            acknowledged++;
        }
    }
}
