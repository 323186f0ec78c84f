package cowfs.damage;

import cowfs.api.FileChanges;
import cowfs.api.FilePlace;
import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.Inspector;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.api.SubvolumeInfo;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.ByteRange;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Everything that reads an image without being a mount, done to one that may be damaged: `diff`,
/// `history`, `send`, `du`, all parts of `inspect` and what a report is made of, and reading past
/// damage as `extract` does.
///
/// Each may fail, as a `CowException` that says where; damage that has no place in its words fails
/// at once, and so does an answer without bound. What a stream carries must be accepted by a
/// receiver as a sound tree that reads like its source, or be refused by one of the two.
final class Readers {
    private static final OpenOptions READ_ONLY = new OpenOptions(true, 1 << 20, Duration.ZERO);

    /// The sample has far fewer files.
    private static final int MAX_CHANGES = 20_000;

    /// More than all that the sample holds.
    private static final int MAX_STREAM_BYTES = 64 << 20;

    private static final int MAX_FACTS = 2_000_000;

    /// A block, inode or the like with its number, a name, or a tree; not where in a page.
    private static final Pattern PLACE = Pattern.compile("\\b(?!position)\\w+=[-\\w]|['/]|tree");

    private static final List<String> PATHS =
            List.of(
                    "directory/plain",
                    "directory/holes",
                    "directory/deep/second name",
                    "directory/deep/long link",
                    "linked",
                    "fifo",
                    "small-2",
                    "new-1");

    private final MemoryDevice image;
    private final List<String> refusals = new ArrayList<>();

    private interface Step {
        void run() throws IOException;
    }

    private Readers(MemoryDevice image) {
        this.image = image;
    }

    /// Reads an image in every way.
    ///
    /// @return what was refused
    static List<String> of(MemoryDevice image) throws IOException {
        Readers readers = new Readers(image);
        readers.attempt("open", readers::pool);
        readers.attempt("open damaged", readers::pastDamage);
        try (Inspector inspector = Inspector.open(image.copy())) {
            readers.inspect(inspector);
        }
        return readers.refusals;
    }

    private void attempt(String what, Step step) throws IOException {
        try {
            step.run();
        } catch (CowException refused) {
            String message = String.valueOf(refused.getMessage());
            if (refused.kind() == ErrorKind.CORRUPT && !PLACE.matcher(message).find()) {
                throw new AssertionError(what + ": no place in '" + message + "'", refused);
            }
            // the image may have less than what is asked for here
            if (refused.kind() != ErrorKind.NOT_FOUND && refused.kind() != ErrorKind.INVALID) {
                refusals.add(what + ": " + message);
            }
        } catch (IOException | RuntimeException | Error escaped) {
            throw new AssertionError(what + ": " + escaped, escaped);
        }
    }

    private void pool() throws IOException {
        try (Pool pool = Images.open(image.copy(), READ_ONLY)) {
            List<Ref> refs = pool.list().stream().map(SubvolumeInfo::ref).toList();
            attempt("du", () -> pool.spaceUsage(List.of()));
            attempt("reclaim", () -> pool.freedByDeleting(refs));
            for (Ref before : refs) {
                FilePlace all = new FilePlace(before, FilePath.ROOT);
                attempt("du " + all, () -> pool.pathUsage(List.of(all)));
                for (Ref after : refs) {
                    attempt("diff " + before + " " + after, () -> diff(pool, before, after));
                }
                for (String path : PATHS) {
                    FilePlace place = new FilePlace(before, FilePath.of(path));
                    attempt("du " + place, () -> pool.pathUsage(List.of(place)));
                    attempt(
                            "history " + before + ":" + path,
                            () -> pool.history(before, FilePath.of(path)));
                }
            }
            List<Ref> snapshots = refs.stream().filter(Ref::isSnapshot).toList();
            for (Ref each : snapshots) {
                attempt("send " + each, () -> send(pool, each));
                for (Ref base : snapshots) {
                    attempt(
                            "send " + each + " from " + base,
                            () -> stream(pool, SendRequest.of(each, base)));
                }
            }
        }
    }

    private static void diff(Pool pool, Ref before, Ref after) throws IOException {
        int count = 0;
        try (FileChanges changes = pool.diff(before, after, FilePath.ROOT)) {
            for (FileChange each = changes.next(); each != null; each = changes.next()) {
                require(++count <= MAX_CHANGES, "more changes than files: " + each);
                require(!before.equals(after), "a state differs from itself: " + each);
                long end = -1;
                for (ByteRange range : each.ranges()) {
                    require(range.offset() > end && range.lengthBytes() > 0, "ranges of " + each);
                    end = range.offset() + range.lengthBytes();
                }
            }
        }
    }

    private static byte[] stream(Pool pool, SendRequest request) throws IOException {
        ByteArrayOutputStream out =
                new ByteArrayOutputStream() {
                    @Override
                    public synchronized void write(byte[] bytes, int from, int length) {
                        require(size() + length <= MAX_STREAM_BYTES, "a stream without end");
                        super.write(bytes, from, length);
                    }
                };
        pool.streams().send(request, out);
        return out.toByteArray();
    }

    /// A stream that both sides take for good makes a sound image that reads as the source does.
    private void send(Pool pool, Ref snapshot) throws IOException {
        byte[] stream = stream(pool, SendRequest.of(snapshot));
        MemoryDevice target = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
        Images.format(target, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, 1, "target"));
        Ref received = new Ref("received", snapshot.snapshot());
        VolumeDump got;
        try (Pool receiver = Images.open(target, OpenOptions.DEFAULTS)) {
            receiver.streams().receive("received", new ByteArrayInputStream(stream));
            got = VolumeDump.of(receiver, received, "");
        }
        Trial after = Trial.of(target.copy());
        require(!after.isReported(), "what was received is damaged: " + after.findings());
        List<String> lies = new ArrayList<>();
        VolumeDump.of(pool, snapshot, "")
                .lines()
                .forEach(
                        (what, want) -> {
                            String has = got.lines().get(what);
                            if (has != null && !isMisplaced(what, want) && !isSame(want, has)) {
                                lies.add(what + " has " + has + " want " + want);
                            }
                        });
        require(lies.isEmpty(), "a stream carries what its source does not say: " + lies);
    }

    /// Whether a name, or that of an attribute, lies where its hash does not lead in the source: it
    /// is what it is, and its receiver places it anew.
    private static boolean isMisplaced(String what, String want) {
        return what.endsWith(" entries")
                || want.equals(VolumeDump.ERROR + ErrorKind.NOT_FOUND)
                || want.equals(VolumeDump.ERROR + ErrorKind.NO_ATTRIBUTE);
    }

    /// How much space a file takes is the receiver's own.
    private static boolean isSame(String want, String has) {
        String sectors = "sectors=[0-9]+ ";
        return want.replaceAll(sectors, "").equals(has.replaceAll(sectors, ""));
    }

    private void pastDamage() throws IOException {
        Set<String> losses = new LinkedHashSet<>();
        try (Pool pool = Images.openDamaged(image.copy(), loss -> losses.add(loss.toString()))) {
            VolumeDump.of(pool);
            for (String loss : losses) {
                require(PLACE.matcher(loss).find(), "no place in '" + loss + "'");
            }
        }
        losses.forEach(loss -> refusals.add("lost " + loss));
    }

    private void inspect(Inspector inspector) throws IOException {
        answer("inspect super", inspector::superblocks);
        answer("report statistics", inspector::statistics);
        answer("report map", () -> inspector.map(1000));
        answer("report folders", () -> inspector.largestFolders(25));
        answer("inspect space", () -> inspector.space(-1));
        for (long group = 0; group < 9; group++) {
            long which = group;
            answer("inspect space", () -> inspector.space(which));
        }
        List<Long> blocks = new ArrayList<>(List.of(0L, 1L, 8191L));
        for (String tree : List.of("root", "refcount", "space", "main", "main@first", "clone")) {
            answer(
                    "inspect tree",
                    () -> {
                        Map<String, Object> facts = inspector.tree(tree, 100);
                        for (Object node : (List<?>) facts.get("nodes")) {
                            blocks.add((Long) ((Map<?, ?>) node).get("block"));
                        }
                        return facts;
                    });
            answer("inspect path", () -> inspector.path(tree, 1, "inode", 0));
            answer("inspect path", () -> inspector.path(tree, -1, "content", -1));
        }
        int count = 0;
        for (long block : new LinkedHashSet<>(blocks)) {
            answer("inspect node", () -> inspector.node(block));
            if (count++ % 4 == 0) {
                answer("inspect refs", () -> inspector.owners(block));
            }
        }
        for (long tree = 1; tree < 20; tree++) {
            long id = tree;
            for (long inode = 1; inode < 40; inode += 3) {
                long number = inode;
                answer("inspect file", () -> inspector.file(id, number));
            }
            answer("inspect txg", () -> inspector.txg(id));
        }
    }

    private interface Answer {
        Map<String, Object> get() throws IOException;
    }

    private void answer(String what, Answer answer) throws IOException {
        attempt(
                what,
                () -> {
                    Map<String, Object> facts = answer.get();
                    require(count(facts) < MAX_FACTS, "an answer without bound");
                    if (facts.get("damage") instanceof List<?> damage) {
                        for (Object line : damage) {
                            require(
                                    PLACE.matcher(line.toString()).find(),
                                    "no place in '" + line + "'");
                            refusals.add(what + " notes " + line);
                        }
                    }
                });
    }

    private static long count(Object facts) {
        return switch (facts) {
            case null -> 1;
            case Map<?, ?> map -> map.values().stream().mapToLong(Readers::count).sum() + 1;
            case List<?> list -> list.stream().mapToLong(Readers::count).sum() + 1;
            case Number _, Boolean _, String _ -> 1;
            default -> throw new AssertionError("not a fact: " + facts.getClass());
        };
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new AssertionError(problem);
        }
    }
}
