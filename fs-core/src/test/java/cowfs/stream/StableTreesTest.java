package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.check.SampleImages;
import cowfs.device.MemoryDevice;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
import cowfs.format.ItemKind;
import cowfs.fs.TreeVolume;
import cowfs.subvol.Reclaim;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StableTreesTest {
    /// With a cache of hardly any nodes, so that reads go to the device.
    private static final PoolOptions OPTIONS =
            new PoolOptions(false, 4096, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    private static int hashOfItems(StableTrees state, Subvolume subvolume) throws IOException {
        Cursor cursor = state.tree(subvolume).cursor();
        int hash = 1;
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            hash = 31 * hash + java.util.Arrays.hashCode(cursor.value());
        }
        return hash;
    }

    private static void churn(PoolStore store, Volume volume, int seed) throws IOException {
        for (int round = 0; round < 12; round++) {
            SampleImages.disturb(volume, seed + round, 60);
            store.sync();
        }
    }

    @Test
    void aLiveStateStaysReadableWhileItsSubvolumeMovesOn() throws IOException {
        MemoryDevice image =
                SampleImages.image(
                        4096,
                        1,
                        pool -> SampleImages.fill(pool.volume(cowfs.api.Ref.MAIN), 1, 150));
        try (PoolStore store = PoolStore.open(image, OPTIONS)) {
            Subvolumes subvolumes = Subvolumes.open(store, new Reclaim(store));
            Subvolume main = subvolumes.get("main", null);
            Volume volume = new TreeVolume(subvolumes.tree(main), Clock.systemUTC());
            try (StableTrees state = StableTrees.open(store, List.of(main))) {
                int before = hashOfItems(state, main);
                churn(store, volume, 100);
                assertTrue(store.state().txg() > state.txg(), "the pool has moved on");
                assertEquals(before, hashOfItems(state, main));
            }
        }
    }

    @Test
    void noEpochIsHeldBetweenReads() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 1);
        try (PoolStore store = PoolStore.open(image, OPTIONS)) {
            Subvolumes subvolumes = Subvolumes.open(store, new Reclaim(store));
            Subvolume one = subvolumes.get("main", "one");
            Subvolume main = subvolumes.get("main", null);
            Volume volume = new TreeVolume(subvolumes.tree(main), Clock.systemUTC());
            for (List<Subvolume> some : List.of(List.of(one), List.of(one, main))) {
                try (StableTrees state = StableTrees.open(store, some)) {
                    int before = hashOfItems(state, one);
                    assertTrue(store.epochs().isPast(store.epochs().stamp()), "none is inside");
                    churn(store, volume, 100 * some.size());
                    assertEquals(before, hashOfItems(state, one));
                }
            }
        }
    }

    @Test
    void whatWasWrittenBeforeIsInALiveState() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 1);
        try (PoolStore store = PoolStore.open(image, OPTIONS)) {
            Subvolumes subvolumes = Subvolumes.open(store, new Reclaim(store));
            Subvolume main = subvolumes.get("main", null);
            Volume volume = new TreeVolume(subvolumes.tree(main), Clock.systemUTC());
            byte[] name = SampleImages.name("just now");
            long inode = SampleImages.makeDirectory(volume, Volume.ROOT_INODE, name);
            try (StableTrees state = StableTrees.open(store, List.of(main))) {
                BTree tree = state.tree(main);
                assertTrue(tree.find(tree.cursor(), inode, ItemKind.INODE.number(), 0));
            }
        }
    }

    @Test
    void aSnapshotDeletedMeanwhileIsAnErrorAndNotWrongBytes() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 1);
        try (PoolStore store = PoolStore.open(image, OPTIONS);
                Reclaim reclaim = new Reclaim(store)) {
            Subvolumes subvolumes = Subvolumes.open(store, reclaim);
            Subvolume one = subvolumes.get("main", "one");
            Subvolume two = subvolumes.get("main", "two");
            try (StableTrees state = StableTrees.open(store, List.of(one, two))) {
                subvolumes.delete(List.of(one));
                RequestException gone =
                        assertThrows(RequestException.class, () -> hashOfItems(state, two));
                assertEquals(ErrorKind.NOT_FOUND, gone.kind());
                assertEquals("'main@one' was deleted meanwhile", gone.getMessage());
            }
            RequestException gone =
                    assertThrows(
                            RequestException.class,
                            () -> StableTrees.open(store, List.of(one)).close());
            assertEquals(ErrorKind.NOT_FOUND, gone.kind());
        }
    }
}
