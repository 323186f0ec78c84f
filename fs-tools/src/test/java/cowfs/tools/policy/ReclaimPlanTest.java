package cowfs.tools.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReclaimPlanTest {
    private static final int MIB = 1 << 20;

    @TempDir Path directory;
    private Pool pool;

    @BeforeEach
    void make() throws IOException {
        Path image = directory.resolve("image");
        Images.format(image, new FormatOptions(256L << 20, 8192, 2, ""), false);
        pool = Images.open(image, OpenOptions.DEFAULTS);
    }

    @AfterEach
    void close() throws IOException {
        pool.close();
    }

    private void write(String name, int seed, int length) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        byte[] content = new byte[length];
        new Random(seed).nextBytes(content);
        long file = main.create(Volume.ROOT_INODE, bytes, NewInode.regular(0644, 0, 0)).inode();
        main.write(file, 0, ByteBuffer.wrap(content));
    }

    private void remove(String name) throws IOException {
        pool.volume(Ref.MAIN).unlink(Volume.ROOT_INODE, name.getBytes(StandardCharsets.US_ASCII));
    }

    /// A snapshot that alone holds some data.
    private void snapshotAlone(String name, int mib) throws IOException {
        write("f", name.hashCode(), mib * MIB);
        pool.snapshot(new Ref("main", name));
        remove("f");
    }

    private List<String> plan(int mib) throws IOException {
        ReclaimPlan plan = ReclaimPlan.of(pool, (long) mib * MIB);
        assertTrue(plan.isEnough());
        return plan.chosen().stream().map(each -> each.ref().snapshot()).toList();
    }

    @Test
    void theOldestGoFirstAndNoneThatCanBeSpared() throws IOException {
        snapshotAlone("a", 1);
        snapshotAlone("b", 5);
        snapshotAlone("c", 2);
        snapshotAlone("d", 9);
        assertEquals(List.of("a"), plan(1));
        assertEquals(List.of("b"), plan(3), "a is not needed with b");
        assertEquals(List.of("b", "c"), plan(7));
        assertEquals(List.of("a", "b", "c", "d"), plan(17));
    }

    @Test
    void whatIsHeldStaysAndWhatPeopleTookGoesLast() throws IOException {
        pool.setProperty(Ref.MAIN, Property.POLICY, "1h:1");
        snapshotAlone("mine", 4);
        snapshotAlone("auto-20260101T000000Z", 4);
        snapshotAlone("auto-20260101T020000Z", 4);
        snapshotAlone("auto-20260101T010000Z", 4);
        assertEquals(List.of("auto-20260101T000000Z"), plan(4));
        pool.hold(Ref.parse("main@auto-20260101T000000Z"), "tag");
        assertEquals(List.of("auto-20260101T010000Z"), plan(4), "no rule keeps it");
        assertEquals(List.of("auto-20260101T010000Z", "auto-20260101T020000Z"), plan(8));
        assertEquals(3, plan(12).size());
        ReclaimPlan tooMuch = ReclaimPlan.of(pool, 14L * MIB);
        assertFalse(tooMuch.isEnough());
        assertEquals(3, tooMuch.chosen().size());
    }

    @Test
    void whatTwoShareIsFreedByBoth() throws IOException {
        write("f", 1, 6 * MIB);
        pool.snapshot(Ref.parse("main@a"));
        pool.snapshot(Ref.parse("main@b"));
        remove("f");
        assertEquals(List.of("a", "b"), plan(6));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatIsPromisedIsFreedInRandomHistories(long seed) throws IOException {
        Random random = new Random(seed);
        List<String> files = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            if (!files.isEmpty() && random.nextInt(3) == 0) {
                remove(files.remove(random.nextInt(files.size())));
            } else {
                write("f" + i, i, 1 + random.nextInt(MIB));
                files.add("f" + i);
            }
            if (random.nextInt(4) == 0) {
                pool.snapshot(new Ref("main", "s" + i));
            }
        }
        long wanted = 1 + random.nextInt(8 * MIB);
        ReclaimPlan plan = ReclaimPlan.of(pool, wanted);
        if (plan.isEnough()) {
            assertTrue(plan.freedBytes() >= wanted);
            for (SubvolumeInfo spared : plan.chosen()) {
                List<Ref> rest =
                        plan.chosen().stream()
                                .filter(each -> each != spared)
                                .map(SubvolumeInfo::ref)
                                .toList();
                assertTrue(
                        rest.isEmpty() || pool.freedByDeleting(rest).totalBytes() < wanted,
                        spared + " can be spared");
            }
        }
        long before = used();
        pool.delete(plan.chosen().stream().map(SubvolumeInfo::ref).toList());
        pool.awaitReclaim();
        assertEquals(plan.freedBytes(), before - used());
    }

    /// Without the pool's own trees, whose size is no part of the promise.
    private long used() throws IOException {
        return pool.spaceUsage(List.of()).isEmpty() ? 0 : pool.info().dataBytes() + nodes();
    }

    private long nodes() throws IOException {
        List<Ref> all = pool.list().stream().map(SubvolumeInfo::ref).toList();
        return pool.freedByDeleting(all).metadataBytes();
    }
}
