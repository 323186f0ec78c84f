package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.btree.Cursor;
import cowfs.check.SampleImages;
import cowfs.device.MemoryDevice;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
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

final class PinnedStateTest {
    /// With a cache of hardly any nodes, so that reads go to the device.
    private static final PoolOptions OPTIONS =
            new PoolOptions(false, 4096, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    private static int hashOfItems(PinnedState state, Subvolume subvolume) throws IOException {
        Cursor cursor = state.tree(subvolume).cursor();
        int hash = 1;
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            hash = 31 * hash + java.util.Arrays.hashCode(cursor.value());
        }
        return hash;
    }

    private static void churn(PoolStore store, Volume volume) throws IOException {
        for (int round = 0; round < 12; round++) {
            SampleImages.disturb(volume, 100 + round, 60);
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
            try (PinnedState state = PinnedState.open(store, List.of(main))) {
                int before = hashOfItems(state, main);
                churn(store, volume);
                assertTrue(store.state().txg() > state.txg(), "the pool has moved on");
                assertEquals(before, hashOfItems(state, main));
            }
        }
    }

    @Test
    void snapshotsAloneHoldNoEpoch() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 1);
        try (PoolStore store = PoolStore.open(image, OPTIONS)) {
            Subvolumes subvolumes = Subvolumes.open(store, new Reclaim(store));
            Subvolume one = subvolumes.get("main", "one");
            Subvolume main = subvolumes.get("main", null);
            Volume volume = new TreeVolume(subvolumes.tree(main), Clock.systemUTC());
            try (PinnedState state = PinnedState.open(store, List.of(one))) {
                int before = hashOfItems(state, one);
                long stamp = store.epochs().stamp();
                assertTrue(store.epochs().isPast(stamp), "no reader is inside");
                churn(store, volume);
                assertEquals(before, hashOfItems(state, one));
            }
            try (PinnedState state = PinnedState.open(store, List.of(one, main))) {
                long stamp = store.epochs().stamp();
                assertTrue(!store.epochs().isPast(stamp), "a live subvolume is held");
                state.close();
                assertTrue(store.epochs().isPast(stamp), "and let go of");
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
            try (PinnedState state = PinnedState.open(store, List.of(one, two))) {
                subvolumes.delete(List.of(one));
                RequestException gone =
                        assertThrows(RequestException.class, () -> hashOfItems(state, two));
                assertEquals(ErrorKind.NOT_FOUND, gone.kind());
                assertEquals("'main@one' was deleted meanwhile", gone.getMessage());
            }
            RequestException gone =
                    assertThrows(
                            RequestException.class,
                            () -> PinnedState.open(store, List.of(one)).close());
            assertEquals(ErrorKind.NOT_FOUND, gone.kind());
        }
    }
}
