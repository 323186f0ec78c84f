package cowfs.model;

import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The random choices of a run: subvolumes, places, names, offsets, bytes. What exists is looked up
/// in the model, so a seed gives the same steps whatever the other side does, short of running out
/// of space.
final class Choice {
    static final int BLOCK = ModelContent.BLOCK_BYTES;
    private static final int MAX_DEPTH = 10;
    private static final int REPEATED = 1009;

    private final Random random;
    private final ModelPoolUnderTest model;

    Choice(long seed, ModelPoolUnderTest model) {
        this.random = new Random(seed);
        this.model = model;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    <T> T of(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    <E extends Enum<E>> E of(Class<E> type) {
        return of(List.of(type.getEnumConstants()));
    }

    ModelVolume volume(Ref ref) throws IOException {
        return model.pool().volume(ref);
    }

    long lineage(Ref ref) throws IOException {
        return model.pool().subvolumes().get(ref).lineage;
    }

    /// All subvolumes, or all snapshots.
    List<Ref> refs(boolean snapshots) throws IOException {
        return model.pool().list().stream()
                .map(SubvolumeInfo::ref)
                .filter(ref -> ref.isSnapshot() == snapshots)
                .toList();
    }

    Ref subvolume() throws IOException {
        return of(refs(false));
    }

    /// A directory, the root included.
    Place directory(Ref ref) throws IOException {
        Place at = Place.root(ref);
        while (at.path().size() < MAX_DEPTH && !oneIn(3)) {
            List<String> below = children(at, type -> type == Attributes.DIRECTORY);
            if (below.isEmpty()) {
                break;
            }
            at = at.child(of(below));
        }
        return at;
    }

    /// Something of a type below the root, or null when a few tries found none.
    @Nullable Place entry(Ref ref, IntPredicate type) throws IOException {
        for (int tries = 0; tries < 6; tries++) {
            Place directory = directory(ref);
            List<String> children = children(directory, type);
            if (!children.isEmpty()) {
                return directory.child(of(children));
            }
        }
        return null;
    }

    @Nullable Place file(Ref ref) throws IOException {
        return entry(ref, type -> type == Attributes.REGULAR);
    }

    @Nullable Place anything(Ref ref) throws IOException {
        return oneIn(15) ? Place.root(ref) : entry(ref, type -> true);
    }

    private List<String> children(Place directory, IntPredicate wanted) throws IOException {
        Volume volume = volume(directory.ref());
        List<String> names = new ArrayList<>();
        volume.readDirectory(
                Side.find(volume, directory),
                0,
                (name, inode, type, cookie) -> {
                    String text = ModelTree.text(name);
                    if (wanted.test(type) && !text.equals(".") && !text.equals("..")) {
                        names.add(text);
                    }
                    return true;
                });
        return names;
    }

    Attributes attributes(Place place) throws IOException {
        Volume volume = volume(place.ref());
        return volume.getAttributes(Side.find(volume, place));
    }

    List<byte[]> xattrs(Place place) throws IOException {
        Volume volume = volume(place.ref());
        return volume.listXattrs(Side.find(volume, place));
    }

    /// A name for something new: often one that is taken, now and then one that no directory can
    /// hold.
    String name() {
        int pick = random.nextInt(100);
        if (pick == 0) {
            return "x".repeat(Volume.MAX_NAME_BYTES + 1);
        }
        if (pick == 1) {
            return of(List.of("a/b", "zero\0", ".", "..", ""));
        }
        if (pick < 6) {
            return String.valueOf((char) ('a' + random.nextInt(10))).repeat(255);
        }
        if (pick < 9) {
            return "\u00ff\u0080" + random.nextInt(10);
        }
        return pick < 70 ? "n" + random.nextInt(24) : "file-" + random.nextInt(1000);
    }

    /// A name that is not taken anywhere.
    String freshName() {
        return "fresh-" + Long.toHexString(random.nextLong());
    }

    /// A length of data to write: mostly small, often around a block.
    int length() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> 1 + random.nextInt(100);
            case 3, 4 -> 1 + random.nextInt(BLOCK);
            case 5 -> BLOCK - 1 + random.nextInt(3);
            case 6, 7 -> BLOCK * (1 + random.nextInt(4));
            case 8 -> 1 + random.nextInt(32 * 1024);
            default -> oneIn(8) ? 128 * 1024 : 1 + random.nextInt(64 * 1024);
        };
    }

    /// An offset to write at: within the file, at a block, at the end, past it, and rarely far
    /// away.
    long offset(long size) {
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> size == 0 ? 0 : random.nextLong(size);
            case 4, 5 -> size < BLOCK ? 0 : random.nextLong(size / BLOCK) * BLOCK;
            case 6 -> 0;
            case 7, 8 -> size;
            case 9 -> size + random.nextInt(3 * BLOCK);
            case 10 -> random.nextInt(5000);
            default -> oneIn(6) ? 1L << (20 + random.nextInt(30)) : random.nextInt(200_000);
        };
    }

    /// A size for a truncation, never the present one.
    long newSize(long size) {
        long wanted =
                switch (random.nextInt(6)) {
                    case 0 -> 0;
                    case 1, 2 -> size == 0 ? 0 : random.nextLong(size);
                    case 3 -> size / BLOCK * BLOCK;
                    case 4 -> random.nextInt(8000);
                    default -> size + random.nextInt(20_000);
                };
        return wanted == size ? size + 1 : wanted;
    }

    /// Bytes to write, some of them whole blocks of zeroes.
    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        if (!oneIn(20)) {
            random.nextBytes(bytes);
        }
        if (length > REPEATED && (bytes[0] & 1) == 0) {
            // half of what is long can be compressed; no block of it is like another
            for (int i = REPEATED; i < length; i++) {
                bytes[i] = bytes[i - REPEATED];
            }
        }
        return bytes;
    }

    long seconds() {
        return random.nextLong(-(1L << 31), 1L << 34);
    }

    int nanos() {
        return random.nextInt(1_000_000_000);
    }
}
