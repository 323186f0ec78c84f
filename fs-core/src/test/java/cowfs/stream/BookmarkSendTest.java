package cowfs.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.stream.StreamImage.Opened;
import cowfs.subvol.Bookmarks.Bookmark;
import cowfs.subvol.Subvolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What was sent on a bookmark of random histories is what was there, though the base is gone.
final class BookmarkSendTest {
    private static final long IMAGE_BYTES = 256L << 20;

    static LongStream seeds() {
        long first = Long.getLong("cowfs.seed", 1);
        return LongStream.range(first, first + Integer.getInteger("cowfs.seeds", 6));
    }

    /// Snapshots with many changes between them, and with few.
    private static StreamImage history(long seed) throws IOException {
        StreamImage image = new StreamImage(4096, 1);
        Random random = new Random(seed);
        try (Pool pool = image.create(IMAGE_BYTES)) {
            RandomFiles main = new RandomFiles(pool, Ref.MAIN, random);
            main.change(600, true);
            Ref clone = new Ref("clone", null);
            for (int i = 0; i < 14; i++) {
                pool.snapshot(new Ref("main", "s" + i));
                switch (random.nextInt(5)) {
                    case 0 -> main.change(1 + random.nextInt(4), false);
                    case 1 -> main.removeRun(40);
                    case 2 -> main.change(100, true);
                    default -> main.change(30, false);
                }
                if (i == 5) {
                    pool.rollback(
                            new Ref("main", "s" + random.nextInt(i)), new Ref("main", "before"));
                    main.forget();
                } else if (i == 8) {
                    pool.cloneSubvolume(new Ref("main", "s8"), clone.subvolume());
                    RandomFiles other = new RandomFiles(pool, clone, random);
                    other.forget();
                    pool.snapshot(new Ref("clone", "c0"));
                    other.change(50, false);
                    pool.snapshot(new Ref("clone", "c1"));
                } else if (i == 10) {
                    purge(pool);
                }
            }
        }
        image.check();
        return image;
    }

    /// Removes some of what a snapshot has from it.
    private static void purge(Pool pool) throws IOException {
        Ref snapshot = new Ref("main", "s9");
        List<String> names = new ArrayList<>();
        pool.volume(snapshot)
                .readDirectory(
                        Volume.ROOT_INODE,
                        0,
                        (name, _, _, _) -> names.add(new String(name, UTF_8)));
        names.removeIf(name -> name.startsWith("."));
        for (String each : names.subList(0, Math.min(40, names.size()))) {
            pool.purge(FilePath.of("/" + each), List.of(snapshot));
        }
    }

    private static Map<String, List<Subvolume>> chains(Opened source) throws IOException {
        Map<String, List<Subvolume>> all = new TreeMap<>();
        for (Subvolume each : source.subvolumes.list()) {
            if (each.isSnapshot()) {
                all.computeIfAbsent(each.subvolumeName(), _ -> new ArrayList<>()).add(each);
            }
        }
        return all;
    }

    private static List<Bookmark> bookmarks(Opened source, Subvolume of) throws IOException {
        try {
            return List.of(source.bookmarks.create(of, "at-" + of.treeId()));
        } catch (RequestException received) {
            return List.of();
        }
    }

    private static boolean serves(Opened source, Bookmark bookmark, Subvolume snapshot)
            throws IOException {
        try {
            source.sender.planOn(bookmark, snapshot, false);
            return true;
        } catch (RequestException onAnotherLine) {
            return false;
        }
    }

    /// Sends each snapshot on a bookmark of an earlier one that is deleted then, as far away as the
    /// seed says.
    @ParameterizedTest
    @MethodSource("seeds")
    void theTreeIsTheSameThoughTheBaseIsGone(long seed) throws IOException {
        StreamImage from = history(seed);
        Random random = new Random(seed);
        int sent = 0;
        try (Opened source = from.openEngine()) {
            for (List<Subvolume> chain : chains(source).values()) {
                for (int i = 0; i + 1 < chain.size(); i++) {
                    Subvolume base = chain.get(i);
                    Subvolume next = chain.get(i + 1 + random.nextInt(chain.size() - i - 1));
                    byte[] all = source.send(base.fullName());
                    for (Bookmark bookmark : bookmarks(source, base)) {
                        source.subvolumes.delete(List.of(base));
                        if (serves(source, bookmark, next)) {
                            sent++;
                            receive(source, all, source.sendFrom(bookmark, next, false), next);
                        }
                    }
                }
            }
        }
        assertTrue(sent > 3, "bookmarks served: " + sent);
    }

    private static void receive(Opened source, byte[] base, byte[] increment, Subvolume next)
            throws IOException {
        StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
        try (Opened target = to.openEngine()) {
            target.receive("copy", base);
            target.receive("copy", increment);
            assertEquals(
                    source.tree(next.fullName()),
                    target.tree("copy@" + next.item().name()),
                    next.fullName());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aStreamOnABookmarkThatIsCutAgainAndAgainGoesOn(long seed) throws IOException {
        StreamImage from = history(seed);
        Random random = new Random(seed);
        int resumed = 0;
        try (Opened source = from.openEngine()) {
            for (List<Subvolume> chain : chains(source).values()) {
                Subvolume base = chain.getFirst();
                Subvolume next = chain.getLast();
                byte[] all = source.send(base.fullName());
                for (Bookmark bookmark : bookmarks(source, base)) {
                    if (base.treeId() == next.treeId() || !serves(source, bookmark, chain.get(1))) {
                        continue;
                    }
                    byte[] stream = source.sendFrom(bookmark, next, true);
                    StreamImage to = StreamImage.formatted(4096, IMAGE_BYTES);
                    try (Opened target = to.openEngine()) {
                        target.receive("copy", all);
                    }
                    for (int cuts = 0; cuts < 12; cuts++) {
                        byte[] part = Arrays.copyOf(stream, random.nextInt(stream.length));
                        try (Opened target = to.openEngine()) {
                            assertThrows(
                                    RequestException.class, () -> target.receive("copy", part));
                            ResumeToken token = target.receiver.lookupToken("copy");
                            if (token == null) {
                                continue; // nothing of it was kept, or a whole snapshot
                            }
                            resumed += token.byRanges() ? 1 : 0;
                            stream = source.resume(ResumeToken.parse(token.toString()));
                        }
                    }
                    try (Opened target = to.openEngine()) {
                        if (target.receiver.lookupToken("copy") != null) {
                            target.receive("copy", stream);
                            assertEquals(
                                    source.tree(next.fullName()),
                                    target.tree("copy@" + next.item().name()),
                                    next.fullName());
                        }
                    }
                }
            }
        }
        assertTrue(resumed > 3, "streams were cut and resumed: " + resumed);
    }

    /// Its content lies in leaves that do not change when it gets its name.
    @Test
    void aFileThatGetsItsFirstNameAfterTheBookmarkIsSentWhole() throws IOException {
        StreamImage image = new StreamImage(4096, 1);
        try (Pool pool = image.create(IMAGE_BYTES)) {
            Volume main = pool.volume(Ref.MAIN);
            long file =
                    main.createUnlinked(Volume.ROOT_INODE, NewInode.regular(0600, 0, 0)).inode();
            byte[] content = new byte[4 << 20];
            new Random(1).nextBytes(content);
            main.write(file, 0, ByteBuffer.wrap(content));
            pool.snapshot(new Ref("main", "a"));
            main.link(file, Volume.ROOT_INODE, new byte[] {'f'});
            pool.snapshot(new Ref("main", "b"));
        }
        sendOnBookmark(image);
    }

    /// Of one leaf and the way to it: what lies in other leaves is not sent again.
    @Test
    void whatIsInOldLeavesIsNotSent() throws IOException {
        StreamImage image = new StreamImage(4096, 1);
        try (Pool pool = image.create(IMAGE_BYTES)) {
            Volume main = pool.volume(Ref.MAIN);
            byte[] content = new byte[20_000];
            for (int i = 0; i < 500; i++) {
                new Random(i).nextBytes(content);
                write(main, "n" + i, content);
            }
            pool.snapshot(new Ref("main", "a"));
            write(main, "one", content);
            pool.snapshot(new Ref("main", "b"));
        }
        int length = sendOnBookmark(image);
        assertTrue(length < 1_000_000, "of 10 MB: " + length);
    }

    /// Entries that were there go, and a directory with all below it.
    @Test
    void whatWasRemovedIsRemoved() throws IOException {
        StreamImage image = new StreamImage(4096, 1);
        try (Pool pool = image.create(IMAGE_BYTES)) {
            Volume main = pool.volume(Ref.MAIN);
            long directory =
                    main.create(Volume.ROOT_INODE, new byte[] {'d'}, NewInode.directory(0, 0, 0))
                            .inode();
            for (int i = 0; i < 300; i++) {
                main.create(directory, ("n" + i).getBytes(UTF_8), NewInode.regular(0, 0, 0));
                write(main, "n" + i, new byte[] {1});
            }
            pool.snapshot(new Ref("main", "a"));
            for (int i = 0; i < 300; i++) {
                main.unlink(directory, ("n" + i).getBytes(UTF_8));
                if (i % 3 > 0) {
                    main.unlink(Volume.ROOT_INODE, ("n" + i).getBytes(UTF_8));
                }
            }
            main.removeDirectory(Volume.ROOT_INODE, new byte[] {'d'});
            pool.snapshot(new Ref("main", "b"));
        }
        sendOnBookmark(image);
    }

    private static void write(Volume volume, String name, byte[] content) throws IOException {
        long file =
                volume.create(Volume.ROOT_INODE, name.getBytes(UTF_8), NewInode.regular(0600, 0, 0))
                        .inode();
        volume.write(file, 0, ByteBuffer.wrap(content));
    }

    /// Sends `main@b` on a bookmark of `main@a`.
    ///
    /// @return the length of the stream
    private static int sendOnBookmark(StreamImage image) throws IOException {
        try (Opened source = image.openEngine()) {
            Subvolume base = source.get("main@a");
            byte[] all = source.send("main@a");
            Bookmark bookmark = source.bookmarks.create(base, "a");
            source.subvolumes.delete(List.of(base));
            Subvolume next = source.get("main@b");
            byte[] increment = source.sendFrom(bookmark, next, false);
            receive(source, all, increment, next);
            return increment.length;
        }
    }
}
