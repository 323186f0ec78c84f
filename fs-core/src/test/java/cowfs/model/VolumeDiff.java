package cowfs.model;

import cowfs.api.FileChanges;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.ByteRange;
import cowfs.file.FileChange;
import cowfs.file.FileChange.Kind;
import cowfs.file.FilePath;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The differences between two volumes, found by reading all of both: what every diff has to agree
/// with.
public final class VolumeDiff {
    private static final int BLOCK = ModelContent.BLOCK_BYTES;

    private final ReadableVolume left;
    private final ReadableVolume right;
    private final Map<Long, NavigableSet<FilePath>> leftNames;
    private final Map<Long, NavigableSet<FilePath>> rightNames;

    public VolumeDiff(ReadableVolume left, ReadableVolume right) throws IOException {
        this.left = left;
        this.right = right;
        this.leftNames = names(left);
        this.rightNames = names(right);
    }

    /// All differences at or below a path, in the order of inode numbers.
    ///
    /// @throws CowException `NOT_FOUND` when the path is in neither
    static List<FileChange> of(ReadableVolume left, ReadableVolume right, FilePath under)
            throws IOException {
        VolumeDiff diff = new VolumeDiff(left, right);
        if (!diff.knows(diff.leftNames, under) && !diff.knows(diff.rightNames, under)) {
            throw new cowfs.error.RequestException(ErrorKind.NOT_FOUND, "no " + under);
        }
        return diff.all(under);
    }

    private boolean knows(Map<Long, NavigableSet<FilePath>> names, FilePath path) {
        return names.values().stream().anyMatch(each -> each.contains(path));
    }

    /// The names of every inode.
    static Map<Long, NavigableSet<FilePath>> names(ReadableVolume volume) throws IOException {
        Map<Long, NavigableSet<FilePath>> names = new TreeMap<>();
        names.put(Volume.ROOT_INODE, new TreeSet<>(List.of(FilePath.ROOT)));
        Deque<FilePath> paths = new ArrayDeque<>(List.of(FilePath.ROOT));
        Deque<Long> directories = new ArrayDeque<>(List.of(Volume.ROOT_INODE));
        while (!paths.isEmpty()) {
            FilePath path = paths.remove();
            volume.readDirectory(
                    directories.remove(),
                    2,
                    (name, inode, type, cookie) -> {
                        FilePath entry = path.resolve(name);
                        names.computeIfAbsent(inode, each -> new TreeSet<>()).add(entry);
                        if (type == Attributes.DIRECTORY) {
                            paths.add(entry);
                            directories.add(inode);
                        }
                        return true;
                    });
        }
        return names;
    }

    private List<FileChange> all(FilePath under) throws IOException {
        List<FileChange> all = new ArrayList<>();
        NavigableSet<Long> inodes = new TreeSet<>(leftNames.keySet());
        inodes.addAll(rightNames.keySet());
        for (long inode : inodes) {
            Attributes before = leftNames.containsKey(inode) ? left.getAttributes(inode) : null;
            Attributes after = rightNames.containsKey(inode) ? right.getAttributes(inode) : null;
            if (before != null && after != null && isSame(before, after)) {
                addNames(all, before, after, under);
                addContent(all, before, after, under);
                continue;
            }
            if (before != null) {
                for (FilePath path : leftNames.get(inode)) {
                    add(all, Kind.REMOVED, path, null, before, null, under);
                }
            }
            if (after != null) {
                for (FilePath path : rightNames.get(inode)) {
                    add(all, Kind.CREATED, path, null, null, after, under);
                }
            }
        }
        return all;
    }

    private static boolean isSame(Attributes before, Attributes after) {
        return before.inode() == Volume.ROOT_INODE
                || (before.born().equals(after.born()) && before.type() == after.type());
    }

    private static void add(
            List<FileChange> all,
            Kind kind,
            FilePath path,
            @Nullable FilePath from,
            @Nullable Attributes before,
            @Nullable Attributes after,
            FilePath under) {
        if (path.isWithin(under) || (from != null && from.isWithin(under))) {
            long inode = Objects.requireNonNull(before == null ? after : before).inode();
            all.add(
                    new FileChange(
                            kind, path, from, inode, before, after, false, List.of(), false));
        }
    }

    /// Names by parent and name: what a moved directory holds has not moved.
    private void addNames(
            List<FileChange> all, Attributes before, Attributes after, FilePath under) {
        Map<String, FilePath> lost = places(leftNames, before.inode());
        Map<String, FilePath> got = places(rightNames, after.inode());
        NavigableSet<String> same = new TreeSet<>(lost.keySet());
        same.retainAll(got.keySet());
        lost.keySet().removeAll(same);
        got.keySet().removeAll(same);
        Deque<FilePath> from = new ArrayDeque<>(lost.values());
        Deque<FilePath> to = new ArrayDeque<>(got.values());
        while (!from.isEmpty() && !to.isEmpty()) {
            add(all, Kind.RENAMED, to.remove(), from.remove(), before, after, under);
        }
        for (FilePath path : from) {
            add(all, Kind.UNLINKED, path, null, before, after, under);
        }
        for (FilePath path : to) {
            add(all, Kind.LINKED, path, null, before, after, under);
        }
    }

    private static Map<String, FilePath> places(
            Map<Long, NavigableSet<FilePath>> names, long inode) {
        Map<FilePath, Long> directories = new HashMap<>();
        names.forEach((number, paths) -> paths.forEach(path -> directories.put(path, number)));
        Map<String, FilePath> places = new TreeMap<>();
        for (FilePath path : names.get(inode)) {
            if (!path.isRoot()) {
                byte[] bytes = path.toBytes();
                int slash = bytes.length - 1;
                while (bytes[slash] != '/') {
                    slash--;
                }
                FilePath parent = FilePath.of(Arrays.copyOf(bytes, slash));
                byte[] name = Arrays.copyOfRange(bytes, slash + 1, bytes.length);
                places.put(directories.get(parent) + "/" + ModelTree.text(name), path);
            }
        }
        return places;
    }

    private void addContent(
            List<FileChange> all, Attributes before, Attributes after, FilePath under)
            throws IOException {
        long inode = before.inode();
        List<ByteRange> ranges = before.isRegular() ? ranges(before, after) : List.of();
        boolean xattrs = !xattrs(left, inode).equals(xattrs(right, inode));
        boolean inside =
                leftNames.get(inode).stream().anyMatch(path -> path.isWithin(under))
                        || rightNames.get(inode).stream().anyMatch(path -> path.isWithin(under));
        if (inside && (!ranges.isEmpty() || !FileChange.aspects(before, after, xattrs).isEmpty())) {
            all.add(
                    new FileChange(
                            ranges.isEmpty() ? Kind.ATTRIBUTES : Kind.CHANGED,
                            rightNames.get(inode).first(),
                            null,
                            inode,
                            before,
                            after,
                            xattrs,
                            ranges,
                            false));
        }
    }

    private static Map<String, String> xattrs(ReadableVolume volume, long inode)
            throws IOException {
        Map<String, String> all = new TreeMap<>();
        for (byte[] name : volume.listXattrs(inode)) {
            all.put(ModelTree.text(name), ModelTree.text(volume.getXattr(inode, name)));
        }
        return all;
    }

    private List<ByteRange> ranges(Attributes before, Attributes after) throws IOException {
        long common = Math.min(before.sizeBytes(), after.sizeBytes());
        long longer = Math.max(before.sizeBytes(), after.sizeBytes());
        NavigableSet<Long> blocks = new TreeSet<>(dataBlocks(left, before.inode(), common));
        blocks.addAll(dataBlocks(right, before.inode(), common));
        List<ByteRange> ranges = new ArrayList<>();
        for (long block : blocks) {
            int length = (int) Math.min(BLOCK, common - block * BLOCK);
            byte[] old = read(left, before.inode(), block * BLOCK, length);
            if (!Arrays.equals(old, read(right, before.inode(), block * BLOCK, length))) {
                long end = Math.min((block + 1) * BLOCK, longer);
                append(ranges, block * BLOCK, end);
            }
        }
        if (longer > common) {
            append(ranges, common, longer);
        }
        return ranges;
    }

    private static void append(List<ByteRange> ranges, long from, long to) {
        if (!ranges.isEmpty() && ranges.getLast().end() >= from) {
            ByteRange last = ranges.removeLast();
            ranges.add(new ByteRange(last.offset(), to - last.offset()));
        } else {
            ranges.add(new ByteRange(from, to - from));
        }
    }

    private static byte[] read(ReadableVolume volume, long inode, long offset, int length)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        volume.read(inode, offset, bytes);
        return bytes.array();
    }

    private static NavigableSet<Long> dataBlocks(ReadableVolume volume, long inode, long end)
            throws IOException {
        NavigableSet<Long> blocks = new TreeSet<>();
        long at = 0;
        while (at < end) {
            long data;
            try {
                data = volume.seek(inode, at, SeekTarget.DATA);
            } catch (CowException none) {
                TreeComparison.require("diff", "seek", ErrorKind.NO_SUCH_OFFSET, none.kind());
                break;
            }
            at = volume.seek(inode, data, SeekTarget.HOLE);
            for (long block = data / BLOCK; block * BLOCK < Math.min(at, end); block++) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    /// What a diff of these volumes says, in a form that does not depend on inode numbers, on which
    /// names it calls renamed, which name of a file it chooses, and how it divides ranges.
    public String text(FileChanges changes) throws IOException {
        try (changes) {
            List<FileChange> all = new ArrayList<>();
            for (FileChange each = changes.next(); each != null; each = changes.next()) {
                all.add(each);
            }
            return text(all);
        }
    }

    /// The same for all differences, at or below a path, that reading everything finds.
    public String expected(FilePath under) throws IOException {
        return text(all(under));
    }

    private String text(List<FileChange> all) {
        List<String> lines = new ArrayList<>();
        FileChange begun = null;
        List<ByteRange> ranges = new ArrayList<>();
        for (FileChange each : all) {
            if (begun != null) {
                TreeComparison.require("diff", "next of one file", begun.inode(), each.inode());
                TreeComparison.require("diff", "next of one file", Kind.CHANGED, each.kind());
            }
            switch (each.kind()) {
                case CREATED -> lines.add("+ " + each.path() + state(each.after()));
                case REMOVED -> lines.add("- " + each.path() + state(each.before()));
                case LINKED -> lines.add("got " + each.path());
                case UNLINKED -> lines.add("lost " + each.path());
                case RENAMED -> {
                    lines.add("got " + each.path());
                    lines.add("lost " + each.from());
                    lines.add("renamed one of " + rightNames.get(each.inode()));
                }
                case ATTRIBUTES -> lines.add("m " + name(each) + details(each));
                case CHANGED -> {
                    each.ranges().forEach(r -> append(ranges, r.offset(), r.end()));
                    begun = each.more() ? each : null;
                    if (!each.more()) {
                        lines.add("M " + name(each) + ranges + details(each));
                        ranges.clear();
                    }
                }
            }
        }
        TreeComparison.require("diff", "a file that has not ended", true, begun == null);
        Collections.sort(lines);
        return String.join("\n", lines);
    }

    private FilePath name(FileChange change) {
        NavigableSet<FilePath> names = rightNames.get(change.inode());
        TreeComparison.require("diff", "a name of " + names, true, names.contains(change.path()));
        return names.first();
    }

    private static String details(FileChange change) {
        return state(change.before()) + state(change.after()) + " " + change.aspects();
    }

    private static String state(@Nullable Attributes attributes) {
        return " " + Step.text(Objects.requireNonNull(attributes));
    }
}
