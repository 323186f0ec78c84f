package cowfs.tools;

import cowfs.api.BookmarkInfo;
import cowfs.api.BookmarkRef;
import cowfs.api.CopyReport;
import cowfs.api.DedupReport;
import cowfs.api.FileChanges;
import cowfs.api.FilePlace;
import cowfs.api.FileVersion;
import cowfs.api.FreedSpace;
import cowfs.api.PathUsage;
import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.api.PoolActivity;
import cowfs.api.PoolInfo;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.RollbackReport;
import cowfs.api.ScrubReport;
import cowfs.api.SpaceUsage;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import cowfs.api.WorkProgress;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A pool of names without files, which notes what is asked of it.
public final class FakePool implements Pool {
    private final List<SubvolumeInfo> list = new ArrayList<>();
    private final List<BookmarkInfo> bookmarks = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private final Map<Ref, SortedMap<String, String>> properties = new HashMap<>();
    private final Map<FilePlace, SortedMap<String, String>> fileProperties = new HashMap<>();
    private boolean closed;
    private IOException closeFailure;
    private String failure = "";
    private List<FileChange> changes = List.of();
    private IOException changesFailure;

    public FakePool() {
        add(Ref.MAIN, null);
    }

    /// What was asked for, in order.
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    public synchronized FakePool failingToClose(IOException failure) {
        closeFailure = failure;
        return this;
    }

    /// Takes no more changes, as after a failed write.
    public synchronized void fail(String why) {
        failure = why;
    }

    @Override
    public synchronized PoolInfo info() {
        return new PoolInfo(
                new UUID(1, 2),
                "fake",
                1,
                10L << 30,
                3L << 20,
                9L << 30,
                1L << 20,
                2L << 20,
                1L << 20,
                4096,
                8192,
                2,
                77,
                list.size(),
                0,
                0,
                5,
                1,
                2,
                failure,
                "");
    }

    @Override
    public synchronized RollbackReport rollback(Ref snapshot, Ref keepAs) {
        calls.add("rollback " + snapshot + (keepAs == null ? "" : " keeping a snapshot"));
        return new RollbackReport(new Ref(snapshot.subvolume(), null), snapshot, keepAs);
    }

    @Override
    public synchronized List<FileVersion> history(Ref ref, FilePath path) {
        calls.add("history " + ref + " " + path);
        return FileChangeSamples.VERSIONS;
    }

    @Override
    public synchronized CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) {
        calls.add("copy " + from + " " + path + " to " + live + " " + to);
        return new CopyReport(live, to, 3);
    }

    @Override
    public synchronized DedupReport dedup(
            List<FilePlace> places, int unitBytes, WorkProgress progress) throws IOException {
        calls.add("dedup " + places + " " + unitBytes);
        progress.at(0, 3 << 20);
        return new DedupReport(3, 3 << 20, 1 << 20, 0, 9 << 20, 8 << 20);
    }

    @Override
    public synchronized Ref undelete(Ref live, FilePath path) {
        calls.add("undelete " + live + " " + path);
        return new Ref(live.subvolume(), "newest");
    }

    @Override
    public synchronized List<Ref> purge(FilePath path, List<Ref> snapshots) {
        calls.add("purge " + path + " " + snapshots);
        return snapshots.isEmpty() ? List.of(new Ref("main", "one")) : snapshots;
    }

    @Override
    public synchronized FileChanges diff(Ref before, Ref after, FilePath under) {
        calls.add("diff " + before + " " + after + " " + under);
        List<FileChange> left = new ArrayList<>(changes);
        return new FileChanges() {
            @Override
            public FileChange next() throws IOException {
                if (left.isEmpty() && changesFailure != null) {
                    throw changesFailure;
                }
                return left.isEmpty() ? null : left.removeFirst();
            }

            @Override
            public void close() {
                noteClosed();
            }
        };
    }

    private synchronized void noteClosed() {
        calls.add("diff closed");
    }

    /// How every diff ends.
    public synchronized void failAfterChanges(IOException why) {
        changesFailure = why;
    }

    /// What a diff of anything says.
    public synchronized void changes(List<FileChange> all) {
        changes = List.copyOf(all);
    }

    @Override
    public synchronized List<SubvolumeInfo> list() {
        return List.copyOf(list);
    }

    @Override
    public synchronized SubvolumeInfo createSubvolume(String name) throws IOException {
        calls.add("create " + name);
        return addNew(Ref.parseSubvolume(name), null);
    }

    @Override
    public synchronized SubvolumeInfo renameSubvolume(String from, String to) throws IOException {
        calls.add("rename " + from + " " + to);
        list.remove(get(Ref.parseSubvolume(from)));
        return addNew(Ref.parseSubvolume(to), null);
    }

    @Override
    public synchronized List<SubvolumeInfo> snapshot(List<Ref> snapshots) throws IOException {
        List<SubvolumeInfo> taken = new ArrayList<>();
        for (Ref snapshot : snapshots) {
            calls.add("snapshot " + snapshot);
            get(new Ref(snapshot.subvolume(), null));
            taken.add(addNew(snapshot, null));
        }
        return taken;
    }

    @Override
    public synchronized SubvolumeInfo cloneSubvolume(Ref source, String name) throws IOException {
        calls.add("clone " + source + " " + name);
        get(source);
        return addNew(Ref.parseSubvolume(name), source);
    }

    @Override
    public synchronized void delete(List<Ref> refs) throws IOException {
        calls.add("delete " + refs);
        List<SubvolumeInfo> gone = new ArrayList<>();
        for (Ref ref : refs) {
            gone.add(get(ref));
        }
        list.removeAll(gone);
    }

    @Override
    public synchronized SortedMap<String, String> properties(Ref ref) throws IOException {
        get(ref);
        return new TreeMap<>(properties.getOrDefault(ref, new TreeMap<>()));
    }

    @Override
    public synchronized void setProperty(Ref ref, String name, @Nullable String value)
            throws IOException {
        get(ref);
        SortedMap<String, String> all = properties.computeIfAbsent(ref, _ -> new TreeMap<>());
        if (value == null) {
            all.remove(name);
        } else {
            all.put(name, value);
        }
    }

    @Override
    public synchronized SortedMap<String, String> properties(FilePlace place) throws IOException {
        get(place.ref());
        return new TreeMap<>(fileProperties.getOrDefault(place, new TreeMap<>()));
    }

    @Override
    public synchronized void setProperty(FilePlace place, String name, @Nullable String value)
            throws IOException {
        get(place.ref());
        calls.add("set " + name + " of " + place + " to " + value);
        fileProperties.put(place, new TreeMap<>(value == null ? Map.of() : Map.of(name, value)));
    }

    @Override
    public synchronized void hold(Ref ref, String tag) throws IOException {
        setProperty(ref, Property.HOLD_PREFIX + tag, "2026-01-01T00:00:00Z");
    }

    @Override
    public synchronized void release(Ref ref, String tag) throws IOException {
        setProperty(ref, Property.HOLD_PREFIX + tag, null);
    }

    @Override
    public synchronized List<BookmarkInfo> bookmarks() {
        return List.copyOf(bookmarks);
    }

    @Override
    public synchronized BookmarkInfo createBookmark(Ref snapshot, String name) throws IOException {
        SubvolumeInfo of = get(snapshot);
        BookmarkInfo made =
                new BookmarkInfo(
                        new BookmarkRef(snapshot.subvolume(), name),
                        of.uuid(),
                        of.createdTxg(),
                        of.created());
        bookmarks.add(made);
        return made;
    }

    @Override
    public synchronized void deleteBookmarks(List<BookmarkRef> refs) throws IOException {
        for (BookmarkRef each : refs) {
            if (!bookmarks.removeIf(known -> known.ref().equals(each))) {
                throw new RequestException(ErrorKind.NOT_FOUND, "no bookmark '" + each + "'");
            }
        }
    }

    @Override
    public synchronized List<SpaceUsage> spaceUsage(List<Ref> refs) throws IOException {
        List<SpaceUsage> usages = new ArrayList<>();
        for (Ref ref : refs.isEmpty() ? list.stream().map(SubvolumeInfo::ref).toList() : refs) {
            get(ref);
            usages.add(new SpaceUsage(ref, 1536, 512, 1024, 8192, ref.isSnapshot() ? 640L : 0L));
        }
        return usages;
    }

    @Override
    public synchronized List<PathUsage> pathUsage(List<FilePlace> places) throws IOException {
        List<PathUsage> usages = new ArrayList<>();
        for (FilePlace place : places) {
            get(place.ref());
            usages.add(new PathUsage(place, 7, 2, 1536, 512, 1024, 100, 4096, 2048));
        }
        return usages;
    }

    @Override
    public synchronized FreedSpace freedByDeleting(List<Ref> refs) throws IOException {
        for (Ref ref : refs) {
            get(ref);
        }
        return new FreedSpace(512L * refs.size(), 8192);
    }

    @Override
    public synchronized void startScrub(long bytesPerSecond, boolean restart) {
        calls.add("startScrub " + bytesPerSecond + " " + restart);
    }

    @Override
    public synchronized void stopScrub() {
        calls.add("stopScrub");
    }

    @Override
    public synchronized ScrubReport scrub() {
        return new ScrubReport(
                "finished",
                new Timestamp(1_700_000_000, 0),
                new Timestamp(1_700_000_100, 0),
                3L << 20,
                4L << 20,
                2,
                1,
                List.of(new ScrubReport.LostRange("main:/a", false, 4096, 8192, 77)),
                "");
    }

    @Override
    public synchronized long resize(long sizeBytes) {
        calls.add("resize " + sizeBytes);
        return 10L << 30;
    }

    @Override
    public synchronized long trim() {
        calls.add("trim");
        return 5L << 20;
    }

    @Override
    public synchronized void sync() {
        calls.add("sync");
    }

    @Override
    public synchronized void awaitReclaim() {
        calls.add("awaitReclaim");
    }

    @Override
    public Volume volume(Ref ref) throws IOException {
        get(ref);
        throw new UnsupportedOperationException("the fake pool has no files");
    }

    @Override
    public StreamOperations streams() {
        throw new UnsupportedOperationException("the fake pool has no files");
    }

    @Override
    public PinnedState pin() {
        throw new UnsupportedOperationException("the fake pool has no files");
    }

    @Override
    public PoolActivity activity() {
        return new PoolActivity(3, 6_000_000, 4_000_000, 1_000, 75, 25, 8192);
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (closeFailure != null) {
            throw closeFailure;
        }
    }

    private SubvolumeInfo addNew(Ref ref, Ref origin) throws IOException {
        if (list.stream().anyMatch(info -> info.ref().equals(ref))) {
            throw new RequestException(ErrorKind.EXISTS, ref + " exists already");
        }
        return add(ref, origin);
    }

    private SubvolumeInfo add(Ref ref, Ref origin) {
        SubvolumeInfo info =
                new SubvolumeInfo(
                        ref,
                        list.size() + 100,
                        UUID.nameUUIDFromBytes(ref.toString().getBytes(StandardCharsets.UTF_8)),
                        origin,
                        76,
                        new Timestamp(1_700_000_000, 123_456_789),
                        1L << 30,
                        ref.isSnapshot());
        list.add(info);
        return info;
    }

    private SubvolumeInfo get(Ref ref) throws IOException {
        return list.stream()
                .filter(info -> info.ref().equals(ref))
                .findFirst()
                .orElseThrow(
                        () -> new RequestException(ErrorKind.NOT_FOUND, "no such ref: " + ref));
    }
}
