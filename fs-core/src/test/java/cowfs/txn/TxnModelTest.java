package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.format.TreeId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Random changes of several trees against models; after every commit the whole image is counted
/// again, and no write may hit a block that the last durable state calls allocated.
final class TxnModelTest {
    private static final long FIRST = TreeId.FIRST_SUBVOLUME;

    /// A pool under test, with what it should hold.
    private static final class Run {
        final DurableGuard device;
        final Random random;
        final PoolOptions options;
        final List<Long> live = new ArrayList<>();
        final List<Long> snapshots = new ArrayList<>();
        PoolStore store;
        Workload work;
        long auditedTxg;

        Run(TestPool.Shape shape, int trees, long seed) throws IOException {
            MemoryDevice memory = TestPool.image(shape, trees);
            device = new DurableGuard(memory);
            random = new Random(seed);
            // every other run with next to no cache, and with commits that nobody asked for
            options =
                    seed % 2 == 0
                            ? TestPool.OPTIONS
                            : new PoolOptions(false, 0, Duration.ZERO, 30L * shape.nodeBytes());
            store = PoolStore.open(device, options);
            work = new Workload(store, seed);
            for (long id = FIRST; id < FIRST + trees; id++) {
                live.add(id);
                work.addTree(id);
                work.putItems(id, random.nextInt(2) * 400);
            }
        }

        long anyLive() {
            return live.get(random.nextInt(live.size()));
        }

        void step() throws IOException {
            int dice = random.nextInt(100);
            if (dice < 80) {
                work.change(anyLive());
            } else if (dice < 86) {
                TestPool.tree(store, anyLive()).sync();
            } else if (dice < 88) {
                store.sync();
            } else if (dice < 89) {
                store.submit(context -> {});
            } else if (dice < 90) {
                store.groups().forceFreesBack();
            } else if (dice < 91) {
                store.discardUnused();
            } else if (dice < 94 && snapshots.size() < 5) {
                long source = anyLive();
                long id = TestPool.snapshot(store, source);
                work.addTree(id, work.model(source));
                snapshots.add(id);
            } else if (dice < 95 && live.size() < 5) {
                long source = anyLive();
                long id = TestPool.cloneOf(store, source);
                work.addTree(id, work.model(source));
                live.add(id);
            } else if (dice < 97 && !snapshots.isEmpty()) {
                delete(snapshots.remove(random.nextInt(snapshots.size())));
            } else if (dice < 98 && live.size() > 2) {
                delete(live.remove(random.nextInt(live.size())));
            } else if (dice < 99) {
                reopen();
            } else {
                work.compareAll();
            }
            audit();
        }

        void delete(long id) throws IOException {
            TestPool.delete(store, id);
            work.removeTree(id);
        }

        void reopen() throws IOException {
            store.close();
            store = PoolStore.open(device, options);
            assertEquals("", store.recoveryNote());
            work = work.on(store);
            work.compareAll();
        }

        void audit() throws IOException {
            device.assertNoViolations();
            if (store.state().txg() != auditedTxg) {
                auditedTxg = store.state().txg();
                ImageAudit.of(device);
            }
        }

        void finish() throws IOException {
            store.close();
            ImageAudit audit = ImageAudit.of(device);
            assertEquals(work.models(), audit.contents());
            assertTrue(audit.superblock().sealed(), "a closed pool is sealed");
            device.assertNoViolations();
        }
    }

    private static void seeded(long seed, Body body) throws IOException {
        try {
            body.run();
        } catch (IOException | RuntimeException | AssertionError failed) {
            throw new AssertionError("seed " + seed, failed);
        }
    }

    @FunctionalInterface
    private interface Body {
        void run() throws IOException;
    }

    @ParameterizedTest
    @CsvSource({
        "32, 4096, 1, 1",
        "32, 4096, 2, 2",
        "32, 8192, 1, 3",
        "33, 8192, 2, 4",
        "32, 16384, 1, 5",
        "64, 16384, 2, 6",
        "32, 4096, 2, 7",
        "32, 4096, 1, 8"
    })
    void everyCommittedStateIsWholeAndHoldsTheModel(
            int sizeMiB, int nodeBytes, int copies, long seed) throws IOException {
        seeded(
                seed,
                () -> {
                    Run run = new Run(new TestPool.Shape(sizeMiB, nodeBytes, copies), 3, seed);
                    for (int step = 0; step < 700; step++) {
                        run.step();
                    }
                    run.finish();
                });
    }
}
