package cowfs.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.device.MemoryDevice;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.model.RandomOperations;
import cowfs.model.RandomOperations.Plan;
import cowfs.stream.StreamImage.Opened;
import cowfs.subvol.Subvolume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Snapshots of random histories arrive as they were, whatever way they are sent.
final class SendReceiveTest {
    private static final int STEPS = 1500;
    private static final long IMAGE_BYTES = 256L << 20;

    private static final Map<Long, StreamImage> HISTORIES = new HashMap<>();

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 6);
    }

    private static StreamImage history(long seed) throws IOException {
        StreamImage known = HISTORIES.get(seed);
        if (known == null) {
            known = new StreamImage(4096, 2);
            RandomOperations.run(
                    new Plan(seed, STEPS, STEPS, IMAGE_BYTES, false),
                    new HistoryImage(known, seed % 2 == 1 ? "lz4" : "off"));
            HISTORIES.put(seed, known);
        }
        return known;
    }

    private static Map<String, List<Subvolume>> snapshots(Opened source) throws IOException {
        Map<String, List<Subvolume>> all = new TreeMap<>();
        for (Subvolume each : source.subvolumes.list()) {
            if (each.isSnapshot()) {
                all.computeIfAbsent(each.subvolumeName(), _ -> new ArrayList<>()).add(each);
            }
        }
        return all;
    }

    private static void assertSame(Opened source, Opened target, String ref, String into)
            throws IOException {
        assertEquals(source.tree(ref), target.tree(into), ref);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void fullStreamsAndIncrementsGiveTheSameTrees(long seed) throws IOException {
        StreamImage from = history(seed);
        StreamImage to = StreamImage.formatted(seed % 2 == 0 ? 4096 : 16384, IMAGE_BYTES);
        int number = 0;
        try (Opened source = from.openEngine();
                Opened target = to.openEngine()) {
            for (List<Subvolume> chain : snapshots(source).values()) {
                Subvolume before = null;
                String name = "copy" + number++;
                for (Subvolume each : chain) {
                    target.receive(name, source.send(source.sender.plan(each, before, false)));
                    assertSame(source, target, each.fullName(), name + "@" + each.item().name());
                    before = each;
                }
            }
        }
        assertTrue(number > 0, "the history has snapshots");
        try (Opened target = to.openEngine()) {
            assertEquals(number, snapshots(target).size(), "all are there after a reopen");
        }
    }

    /// Snapshots may be sent in any order, and those of different subvolumes as increments of each
    /// other: the later one is what counts.
    @ParameterizedTest
    @MethodSource("seeds")
    void anySnapshotMayBeTheBaseOfAnyOther(long seed) throws IOException {
        StreamImage from = history(seed);
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        try (Opened source = from.openEngine();
                Opened target = to.openEngine()) {
            List<Subvolume> all = new ArrayList<>();
            snapshots(source).values().forEach(all::addAll);
            Collections.shuffle(all, new Random(seed));
            Set<String> used = new HashSet<>();
            all.removeIf(each -> !used.add(each.item().name()));
            Subvolume before = null;
            for (Subvolume each : all) {
                target.receive("copy", source.send(source.sender.plan(each, before, false)));
                assertSame(source, target, each.fullName(), "copy@" + each.item().name());
                before = each;
            }
            assertTrue(used.size() > 1, "there is more than one snapshot");
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aChainInOneStreamGivesTheSameTrees(long seed) throws IOException {
        StreamImage from = history(seed);
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        int longest = 0;
        try (Opened source = from.openEngine();
                Opened target = to.openEngine()) {
            int number = 0;
            for (List<Subvolume> chain : snapshots(source).values()) {
                String name = "copy" + number++;
                byte[] stream = source.send(source.sender.plan(chain.getLast(), null, true));
                assertEquals(chain.size(), target.receive(name, stream).size());
                for (Subvolume each : chain) {
                    assertSame(source, target, each.fullName(), name + "@" + each.item().name());
                }
                longest = Math.max(longest, chain.size());
            }
        }
        assertTrue(longest > 1, "some subvolume has a chain");
    }

    /// Whatever goes wrong on the thread that writes, the sender ends.
    @Test
    @Timeout(60)
    void aTargetThatThrowsADefectEndsTheSender() throws IOException {
        StreamImage image = history(1);
        try (Opened source = image.openEngine()) {
            String snapshot = snapshots(source).values().iterator().next().getLast().fullName();
            OutputStream defective =
                    new OutputStream() {
                        @Override
                        public void write(int b) {
                            throw new AssertionError("a defect");
                        }

                        @Override
                        public void write(byte[] bytes, int from, int count) {
                            throw new AssertionError("a defect");
                        }
                    };
            RequestException failure =
                    assertThrows(RequestException.class, () -> source.sendTo(defective, snapshot));
            assertTrue(failure.getMessage().contains("a defect"), failure.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aStreamThatIsCutAgainAndAgainGoesOnToTheSameTrees(long seed) throws IOException {
        StreamImage from = history(seed);
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        Random random = new Random(seed);
        int resumed = 0;
        try (Opened source = from.openEngine()) {
            int number = 0;
            for (List<Subvolume> chain : snapshots(source).values()) {
                String name = "copy" + number++;
                byte[] stream = source.send(source.sender.plan(chain.getLast(), null, true));
                for (int cuts = 0; ; cuts++) {
                    int length = cuts < 6 ? random.nextInt(stream.length) : stream.length;
                    byte[] part = Arrays.copyOf(stream, length);
                    try (Opened target = to.openEngine()) {
                        if (length == stream.length) {
                            target.receive(name, part);
                            break;
                        }
                        assertThrows(RequestException.class, () -> target.receive(name, part));
                        ResumeToken token = target.receiver.lookupToken(name);
                        if (token != null) {
                            resumed++;
                            ResumeToken copied = ResumeToken.parse(token.toString());
                            stream = source.resume(copied);
                        } else if (isThere(target, chain.getLast(), name)) {
                            break;
                        } else {
                            stream = rest(source, target, chain, name);
                        }
                    }
                }
                try (Opened target = to.openEngine()) {
                    for (Subvolume each : chain) {
                        assertSame(
                                source, target, each.fullName(), name + "@" + each.item().name());
                    }
                }
            }
        }
        assertTrue(resumed > 3, "streams were cut and resumed");
    }

    private static boolean isThere(Opened target, Subvolume snapshot, String name)
            throws IOException {
        return target.names().contains(name + "@" + snapshot.item().name());
    }

    /// A stream of what the target does not have of a chain.
    private static byte[] rest(Opened source, Opened target, List<Subvolume> chain, String name)
            throws IOException {
        Subvolume base = null;
        for (Subvolume each : chain) {
            if (isThere(target, each, name)) {
                base = each;
            }
        }
        return source.send(source.sender.plan(chain.getLast(), base, true));
    }

    /// Found by seed 4 of {@link #anySnapshotMayBeTheBaseOfAnyOther}, once histories had copies.
    @Test
    void linksOfOneNumberThatTwoClonesMadeInOneGroupAreTwo() throws IOException {
        Ref clone = new Ref("clone", null);
        byte[] name = {'s'};
        NewInode start = NewInode.regular(0, 0, 0);
        MemoryDevice device = new MemoryDevice(IMAGE_BYTES);
        MemoryDevice other = new MemoryDevice(IMAGE_BYTES);
        for (MemoryDevice each : List.of(device, other)) {
            Images.format(each, new FormatOptions(IMAGE_BYTES, 4096, 1, ""));
        }
        try (Pool from = Images.open(device.copy(), OpenOptions.DEFAULTS);
                Pool to = Images.open(other.copy(), OpenOptions.DEFAULTS)) {
            from.cloneSubvolume(Ref.MAIN, "clone");
            long one =
                    from.volume(Ref.MAIN)
                            .symlink(Volume.ROOT_INODE, name, "short".getBytes(UTF_8), start)
                            .inode();
            long two =
                    from.volume(clone)
                            .symlink(Volume.ROOT_INODE, name, "longer".getBytes(UTF_8), start)
                            .inode();
            assertEquals(one, two);
            Ref base = from.snapshot(Ref.parse("main@a")).ref();
            Ref next = from.snapshot(Ref.parse("clone@b")).ref();
            for (SendRequest each : List.of(SendRequest.of(base), SendRequest.of(next, base))) {
                ByteArrayOutputStream stream = new ByteArrayOutputStream();
                from.streams().send(each, stream);
                to.streams().receive("copy", new ByteArrayInputStream(stream.toByteArray()));
            }
            assertEquals("longer", new String(to.volume(Ref.parse("copy@b")).readLink(two), UTF_8));
        }
    }

    /// Found by seed 3 of {@link #fullStreamsAndIncrementsGiveTheSameTrees}, once runs sent
    /// snapshots to their own pool: the second link was sent as one that shares the block of the
    /// first, which no receiver takes.
    @Test
    void aCopyOfALinkTooLongForALeafIsReceived() throws IOException {
        MemoryDevice device = new MemoryDevice(IMAGE_BYTES);
        Images.format(device, new FormatOptions(IMAGE_BYTES, 4096, 1, ""));
        byte[] target = "x/".repeat(1500).getBytes(UTF_8);
        try (Pool pool = Images.open(device.copy(), OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            NewInode start = NewInode.regular(0, 0, 0);
            main.symlink(Volume.ROOT_INODE, new byte[] {'a'}, target, start);
            pool.copy(Ref.MAIN, FilePath.of("/a"), Ref.MAIN, FilePath.of("/b"));
            Ref snapshot = pool.snapshot(Ref.parse("main@s")).ref();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            pool.streams().send(SendRequest.of(snapshot), stream);
            pool.streams().receive("copy", new ByteArrayInputStream(stream.toByteArray()));
            Volume copy = pool.volume(Ref.parse("copy@s"));
            for (byte name : new byte[] {'a', 'b'}) {
                long link = copy.lookup(Volume.ROOT_INODE, new byte[] {name}).inode();
                assertArrayEquals(target, copy.readLink(link));
            }
        }
    }
}
