package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Snapshots, changes and deletions on images that have no space left: each succeeds or is refused
/// before it starts, no commit ever fails, and deleting always works.
@Timeout(300)
final class FullImageTest {
    private static final int MAX_SNAPSHOTS = Integer.getInteger("cowfs.test.snapshots", 300);
    private static final OpenOptions OPTIONS =
            new OpenOptions(false, 4L << 20, Duration.ofMillis(100));

    private final List<Long> files = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<Ref> snapshots = new ArrayList<>();
    private Random random;
    private Pool pool;
    private Volume main;

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /// An operation that the image may be too full for.
    private interface Attempt {
        void run() throws IOException;
    }

    private static boolean succeeds(Attempt attempt) throws IOException {
        try {
            attempt.run();
            return true;
        } catch (RequestException refused) {
            assertEquals(ErrorKind.NO_SPACE, refused.kind(), refused.getMessage());
            return false;
        }
    }

    /// Makes a file whose blocks lie in extents of one block each, until no more data fits.
    private void fillWithFragments() throws IOException {
        long inode =
                main.create(Volume.ROOT_INODE, bytes("fragments"), NewInode.regular(0644, 0, 0))
                        .inode();
        byte[] block = new byte[4096];
        long offset = 0;
        boolean more = true;
        while (more) {
            random.nextBytes(block);
            long at = offset;
            more = succeeds(() -> main.write(inode, at, ByteBuffer.wrap(block)));
            offset += 8192;
        }
        files.add(inode);
        names.add("fragments");
    }

    private void fillWithSmallFiles() throws IOException {
        byte[] content = new byte[300];
        boolean more = true;
        while (more) {
            String name = "small-" + files.size();
            more =
                    succeeds(
                            () -> {
                                Attributes made =
                                        main.create(
                                                Volume.ROOT_INODE,
                                                bytes(name),
                                                NewInode.regular(0644, 0, 0));
                                files.add(made.inode());
                                names.add(name);
                                main.write(made.inode(), 0, ByteBuffer.wrap(content));
                            });
        }
    }

    /// Changes something somewhere: each copies shared nodes if there is room for that.
    private void changeSomething() throws IOException {
        int index = random.nextInt(files.size());
        long inode = files.get(index);
        long offset = random.nextInt(2000) * 8192L;
        switch (random.nextInt(5)) {
            case 0 ->
                    succeeds(() -> main.write(files.getFirst(), offset, ByteBuffer.allocate(4096)));
            case 1 ->
                    succeeds(
                            () ->
                                    main.allocate(
                                            files.getFirst(),
                                            Volume.AllocateMode.PUNCH_HOLE,
                                            offset,
                                            16384));
            case 2 -> {
                if (index > 0
                        && succeeds(
                                () -> main.unlink(Volume.ROOT_INODE, bytes(names.get(index))))) {
                    files.remove(index);
                    names.remove(index);
                }
            }
            case 3 ->
                    succeeds(
                            () ->
                                    main.setXattr(
                                            inode,
                                            bytes("user.x"),
                                            new byte[500],
                                            Volume.XattrMode.CREATE_OR_REPLACE));
            default -> succeeds(() -> main.write(inode, 0, ByteBuffer.allocate(200)));
        }
    }

    private void takeSnapshots() throws IOException {
        int refused = 0;
        for (int i = 0; i < MAX_SNAPSHOTS && refused < 10; i++) {
            Ref ref = Ref.parse("main@s" + i);
            if (succeeds(() -> pool.snapshot(ref))) {
                snapshots.add(ref);
            } else {
                refused++;
            }
            for (int changes = random.nextInt(6); changes > 0; changes--) {
                changeSomething();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "32, 4096, 2, 1",
        "33, 16384, 2, 2",
        "64, 16384, 2, 3",
        "32, 65536, 2, 4",
        "32, 16384, 1, 5"
    })
    void snapshotsOnAFullImageSucceedOrAreRefusedAndDeletingThemWorks(
            int sizeMiB, int nodeBytes, int copies, long seed) throws IOException {
        random = new Random(seed);
        MemoryDevice device = new MemoryDevice((long) sizeMiB << 20);
        Images.format(device, new FormatOptions((long) sizeMiB << 20, nodeBytes, copies, ""));
        String context = "seed " + seed;
        try {
            device = device.copy();
            pool = Images.open(device, OPTIONS);
            main = pool.volume(Ref.MAIN);
            fillWithFragments();
            fillWithSmallFiles();
            takeSnapshots();
            assertEquals("", pool.info().failure(), context);
            assertTrue(!snapshots.isEmpty(), "a full image has room for one snapshot");
            Collections.shuffle(snapshots, random);
            while (!snapshots.isEmpty()) {
                int count = Math.min(snapshots.size(), 1 + random.nextInt(30));
                List<Ref> doomed = List.copyOf(snapshots.subList(0, count));
                pool.delete(doomed);
                snapshots.removeAll(doomed);
                changeSomething();
            }
            pool.awaitReclaim();
            for (String name : names) {
                main.unlink(Volume.ROOT_INODE, bytes(name));
            }
            pool.sync();
            assertEquals("", pool.info().failure(), context);
            assertEquals(0, pool.info().dataBytes(), context);
            pool.close();
        } catch (IOException | RuntimeException failed) {
            throw new AssertionError(context, failed);
        }
        CheckReport report = Images.check(device.copy(), (done, total) -> {});
        assertEquals(List.of(), report.findings(), context);
    }
}
