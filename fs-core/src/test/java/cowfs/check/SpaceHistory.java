package cowfs.check;

import cowfs.api.Pool;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.stream.RandomFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Images in which space is shared in every way that there is: snapshots, clones, clones of files,
/// dedup, copies of trees, hard links, purges, rollbacks, and files without a name.
final class SpaceHistory {
    private static final int ROUNDS = 9;

    private final Pool pool;
    private final Random random;
    private final Map<Ref, RandomFiles> files = new HashMap<>();

    private SpaceHistory(Pool pool, Random random) {
        this.pool = pool;
        this.random = random;
    }

    /// An image with a history of its own, closed, with nothing left to reclaim.
    static MemoryDevice image(long seed, int nodeBytes, int copies) throws IOException {
        return SampleImages.image(
                nodeBytes,
                copies,
                seed,
                pool -> {
                    new SpaceHistory(pool, new Random(seed)).run();
                    pool.awaitReclaim();
                });
    }

    private void run() throws IOException {
        if (random.nextBoolean()) {
            pool.setProperty(Ref.MAIN, Property.COMPRESS, random.nextBoolean() ? "lz4" : "zstd");
        }
        for (int round = 0; round < ROUNDS; round++) {
            List<Ref> live = refs(false);
            Ref at = live.get(random.nextInt(live.size()));
            files(at).change(25 + random.nextInt(40), round < 4);
            if (random.nextInt(3) > 0) {
                pool.snapshot(new Ref(at.subvolume(), "s" + round));
            }
            try {
                event(round, random.nextInt(6));
            } catch (CowException refused) {
                // another round
            }
        }
    }

    private RandomFiles files(Ref live) {
        return files.computeIfAbsent(live, ref -> new RandomFiles(pool, ref, random));
    }

    private void event(int round, int what) throws IOException {
        List<Ref> all = refs(true);
        if (all.isEmpty()) {
            return;
        }
        Ref snapshot = all.get(random.nextInt(all.size()));
        Ref live = new Ref(snapshot.subvolume(), null);
        switch (what) {
            case 0 -> {
                Ref clone = new Ref("clone" + round, null);
                pool.cloneSubvolume(random.nextBoolean() ? snapshot : live, clone.subvolume());
                files(clone).forget();
            }
            case 1 -> {
                Ref kept = random.nextBoolean() ? new Ref(live.subvolume(), "k" + round) : null;
                pool.rollback(snapshot, kept);
                files(live).forget();
            }
            case 2 -> pool.delete(List.of(snapshot));
            case 3 -> {
                List<FilePath> names = new ArrayList<>();
                pool.volume(snapshot)
                        .readDirectory(
                                Volume.ROOT_INODE,
                                2,
                                (name, inode, type, cookie) ->
                                        names.add(FilePath.ROOT.resolve(name)));
                pool.purge(names.get(random.nextInt(names.size())), List.of(snapshot));
            }
            default -> {}
        }
    }

    private List<Ref> refs(boolean snapshots) throws IOException {
        return pool.list().stream()
                .map(SubvolumeInfo::ref)
                .filter(each -> each.isSnapshot() == snapshots)
                .toList();
    }
}
