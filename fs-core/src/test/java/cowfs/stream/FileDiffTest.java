package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.api.FileChanges;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.check.SampleImages;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.ByteRange;
import cowfs.file.FileChange;
import cowfs.file.FileChange.Aspect;
import cowfs.file.FileChange.Kind;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import cowfs.model.VolumeDiff;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileDiffTest {
    private static final Ref BEFORE = new Ref("main", "before");
    private static final long ROOT = Volume.ROOT_INODE;

    /// Changes a volume.
    @FunctionalInterface
    private interface Work {
        void on(Volume volume) throws IOException;
    }

    private static byte[] name(String text) {
        return SampleImages.name(text);
    }

    private static List<FileChange> all(FileChanges changes) throws IOException {
        try (changes) {
            List<FileChange> all = new ArrayList<>();
            for (FileChange each = changes.next(); each != null; each = changes.next()) {
                all.add(each);
            }
            return all;
        }
    }

    /// What a diff says of some work on `main`, without the changes of directories' times.
    private static List<FileChange> diff(Work before, Work work) throws IOException {
        List<FileChange> changes = new ArrayList<>();
        SampleImages.image(
                4096,
                1,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    before.on(main);
                    pool.snapshot(BEFORE);
                    work.on(main);
                    changes.addAll(all(pool.diff(BEFORE, Ref.MAIN, FilePath.ROOT)));
                });
        changes.removeIf(
                each ->
                        each.kind() == Kind.ATTRIBUTES
                                && each.after().isDirectory()
                                && each.aspects().equals(Set.of(Aspect.TIMES)));
        return changes;
    }

    private static long file(Volume volume, String name, int lengthBytes) throws IOException {
        return SampleImages.write(volume, ROOT, name(name), new Random(5), lengthBytes);
    }

    private static void write(Volume volume, long inode, long offset, String text)
            throws IOException {
        volume.write(inode, offset, ByteBuffer.wrap(name(text)));
    }

    private static String text(FileChange change) {
        return change.kind()
                + " "
                + change.path()
                + (change.from() == null ? "" : " " + change.from());
    }

    private static List<String> texts(List<FileChange> changes) {
        return changes.stream().map(FileDiffTest::text).sorted().toList();
    }

    @Test
    void aNewFileARemovedOneAndARename() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> {
                            file(main, "gone", 10);
                            file(main, "old", 5000);
                        },
                        main -> {
                            file(main, "new", 100_000);
                            main.unlink(ROOT, name("gone"));
                            main.rename(ROOT, name("old"), ROOT, name("moved"), RenameMode.REPLACE);
                        });
        assertEquals(
                List.of("CREATED /new", "REMOVED /gone", "RENAMED /moved /old"), texts(changes));
    }

    @Test
    void aFileWrittenAnewUnderTheSameNameIsAnotherFile() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> file(main, "notes", 10),
                        main -> {
                            file(main, "notes.tmp", 20);
                            main.rename(
                                    ROOT,
                                    name("notes.tmp"),
                                    ROOT,
                                    name("notes"),
                                    RenameMode.REPLACE);
                        });
        assertEquals(List.of("CREATED /notes", "REMOVED /notes"), texts(changes));
    }

    @Test
    void changedBytesAreWholeBlocksUpToTheEnd() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> file(main, "f", 1_000_000),
                        main -> {
                            long f = main.lookup(ROOT, name("f")).inode();
                            write(main, f, 4096, "x");
                            write(main, f, 8191, "y");
                            write(main, f, 500_000, "z");
                            write(main, f, 999_990, "the end is longer");
                        });
        assertEquals(1, changes.size());
        FileChange changed = changes.getFirst();
        assertEquals(Kind.CHANGED, changed.kind());
        assertEquals(
                List.of(
                        new ByteRange(4096, 4096),
                        new ByteRange(499_712, 4096),
                        new ByteRange(999_424, 1_000_007 - 999_424)),
                changed.ranges());
        assertEquals(1_000_000, changed.before().sizeBytes());
        assertEquals(1_000_007, changed.after().sizeBytes());
        assertEquals(Set.of(Aspect.TIMES), changed.aspects());
    }

    @Test
    void theSameBytesWrittenAgainAreNoChangeOfBytes() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> file(main, "f", 300_000),
                        main -> {
                            byte[] same = new byte[300_000];
                            new Random(5).nextBytes(same);
                            long f = main.lookup(ROOT, name("f")).inode();
                            main.write(f, 0, ByteBuffer.wrap(same));
                        });
        assertEquals(List.of("ATTRIBUTES /f"), texts(changes));
        assertEquals(Set.of(Aspect.TIMES), changes.getFirst().aspects());
    }

    @Test
    void zerosHolesAndAllocatedBlocksAreTheSameBytes() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> {
                            long f = file(main, "f", 0);
                            main.setAttributes(f, AttributeChange.ofSize(1L << 40));
                            main.write(f, 1 << 20, ByteBuffer.wrap(new byte[8192]));
                        },
                        main -> {
                            long f = main.lookup(ROOT, name("f")).inode();
                            main.allocate(f, AllocateMode.PUNCH_HOLE, 1 << 20, 4096);
                            main.allocate(f, AllocateMode.ALLOCATE, 2 << 20, 1 << 20);
                            main.write(f, 3 << 20, ByteBuffer.wrap(new byte[4096]));
                            write(main, f, 1L << 39, "data");
                        });
        assertEquals(List.of("CHANGED /f"), texts(changes));
        assertEquals(List.of(new ByteRange(1L << 39, 4096)), changes.getFirst().ranges());
    }

    @Test
    void aTruncatedFileLosesItsEnd() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> file(main, "f", 20_000),
                        main -> {
                            long f = main.lookup(ROOT, name("f")).inode();
                            main.setAttributes(f, AttributeChange.ofSize(100));
                        });
        assertEquals(
                List.of(new ByteRange(100, 19_900)), changes.getFirst().ranges(), "and no more");
    }

    @Test
    void hardLinksComeAndGoByThemselves() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> {
                            long two = file(main, "two", 10);
                            main.link(two, ROOT, name("two too"));
                            file(main, "one", 10);
                        },
                        main -> {
                            main.unlink(ROOT, name("two too"));
                            long one = main.lookup(ROOT, name("one")).inode();
                            main.link(one, ROOT, name("one more"));
                            long fresh = file(main, "fresh", 10);
                            main.link(fresh, ROOT, name("fresh too"));
                        });
        assertEquals(
                List.of(
                        "CREATED /fresh",
                        "CREATED /fresh too",
                        "LINKED /one more",
                        "UNLINKED /two too"),
                texts(changes));
    }

    @Test
    void aMovedDirectoryIsOneRename() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> {
                            long a = SampleImages.makeDirectory(main, ROOT, name("a"));
                            long b = SampleImages.makeDirectory(main, a, name("b"));
                            SampleImages.write(main, b, name("same"), new Random(1), 10);
                            SampleImages.write(main, b, name("other"), new Random(1), 10);
                        },
                        main -> {
                            main.rename(ROOT, name("a"), ROOT, name("z"), RenameMode.REPLACE);
                            long z = main.lookup(ROOT, name("z")).inode();
                            long b = main.lookup(z, name("b")).inode();
                            write(main, main.lookup(b, name("other")).inode(), 0, "else");
                        });
        assertEquals(List.of("CHANGED /z/b/other", "RENAMED /z /a"), texts(changes));
    }

    @Test
    void attributesAloneAreNamed() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> file(main, "f", 10),
                        main -> {
                            long f = main.lookup(ROOT, name("f")).inode();
                            main.setAttributes(f, AttributeChange.ofMode(0600));
                            main.setXattr(f, name("user.a"), name("b"), XattrMode.CREATE);
                        });
        assertEquals(1, changes.size());
        assertEquals(Set.of(Aspect.MODE, Aspect.XATTRS), changes.getFirst().aspects());
        assertEquals(0600, changes.getFirst().after().mode() & 07777);
        assertEquals(0644, changes.getFirst().before().mode() & 07777);
    }

    @Test
    void aFileThatIsOnlyHeldIsInNeitherState() throws IOException {
        List<FileChange> changes =
                diff(
                        main -> {
                            long held = file(main, "held", 10);
                            main.hold(held);
                            main.unlink(ROOT, name("held"));
                            file(main, "kept", 10);
                        },
                        main -> {
                            long kept = main.lookup(ROOT, name("kept")).inode();
                            main.hold(kept);
                            main.unlink(ROOT, name("kept"));
                        });
        assertEquals(List.of("REMOVED /kept"), texts(changes));
    }

    /// Two clones have used the same inode number for files of the same name.
    @Test
    void oneNumberOfTwoFilesIsTwoFiles() throws IOException {
        SampleImages.image(
                4096,
                1,
                pool -> {
                    pool.cloneSubvolume(Ref.MAIN, "clone");
                    Ref clone = Ref.parse("clone");
                    long one = file(pool.volume(Ref.MAIN), "f", 10);
                    long two = file(pool.volume(clone), "f", 10);
                    pool.volume(clone).link(two, ROOT, name("g"));
                    assertEquals(one, two);
                    List<FileChange> changes = all(pool.diff(Ref.MAIN, clone, FilePath.ROOT));
                    changes.removeIf(each -> each.inode() == ROOT);
                    assertEquals(List.of("CREATED /f", "CREATED /g", "REMOVED /f"), texts(changes));
                });
    }

    @Test
    void aPathNarrowsItToWhatIsOrWasThere() throws IOException {
        SampleImages.image(
                4096,
                1,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long a = SampleImages.makeDirectory(main, ROOT, name("a"));
                    long ab = SampleImages.makeDirectory(main, ROOT, name("ab"));
                    SampleImages.write(main, a, name("leaves"), new Random(1), 10);
                    SampleImages.write(main, ab, name("beside"), new Random(1), 10);
                    long linked = SampleImages.write(main, ab, name("two"), new Random(1), 10);
                    main.link(linked, a, name("names"));
                    pool.snapshot(BEFORE);
                    main.rename(a, name("leaves"), ROOT, name("left"), RenameMode.REPLACE);
                    write(main, main.lookup(ab, name("beside")).inode(), 0, "x");
                    write(main, linked, 0, "y");
                    SampleImages.write(main, a, name("comes"), new Random(1), 10);
                    assertEquals(
                            List.of(
                                    "ATTRIBUTES /a",
                                    "CHANGED /a/names",
                                    "CREATED /a/comes",
                                    "RENAMED /left /a/leaves"),
                            texts(all(pool.diff(BEFORE, Ref.MAIN, FilePath.of("a/")))));
                    RequestException none =
                            assertThrows(
                                    RequestException.class,
                                    () -> pool.diff(BEFORE, Ref.MAIN, FilePath.of("/c")).close());
                    assertEquals(ErrorKind.NOT_FOUND, none.kind());
                });
    }

    @Test
    void manyRangesComeInSeveralRecords() throws IOException {
        int count = 2 * FileDiff.MAX_RANGES + 7;
        List<FileChange> changes =
                diff(
                        main -> {
                            long f = file(main, "f", 0);
                            main.setAttributes(f, AttributeChange.ofSize(count * 8192L));
                        },
                        main -> {
                            long f = main.lookup(ROOT, name("f")).inode();
                            for (int i = 0; i < count; i++) {
                                write(main, f, i * 8192L, "x");
                            }
                        });
        assertEquals(3, changes.size());
        List<ByteRange> ranges = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            assertEquals(i < 2, changes.get(i).more());
            ranges.addAll(changes.get(i).ranges());
        }
        assertEquals(count, ranges.size());
        assertEquals(new ByteRange((count - 1) * 8192L, 4096), ranges.getLast());
    }

    /// Random histories: the diff of any two states is what reading all of both finds.
    @ParameterizedTest
    @CsvSource({"4096,1", "4096,2", "8192,3", "4096,4"})
    void anyTwoStatesDifferAsReadingThemSays(int nodeBytes, long seed) throws IOException {
        SampleImages.image(
                nodeBytes,
                1,
                seed,
                pool -> {
                    history(pool, new Random(seed));
                    List<Ref> refs = pool.list().stream().map(SubvolumeInfo::ref).toList();
                    for (Ref before : refs) {
                        for (Ref after : refs) {
                            VolumeDiff diff =
                                    new VolumeDiff(pool.volume(before), pool.volume(after));
                            assertEquals(
                                    diff.expected(FilePath.ROOT),
                                    diff.text(pool.diff(before, after, FilePath.ROOT)),
                                    () -> before + " " + after);
                        }
                    }
                });
    }

    private static void history(Pool pool, Random random) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        SampleImages.fill(main, 1, 60);
        for (int i = 0; i < 3; i++) {
            pool.snapshot(Ref.parse("main@s" + i));
            SampleImages.disturb(main, 10 + i, 40);
            mix(main, random, 40);
        }
        pool.cloneSubvolume(Ref.parse("main@s1"), "clone");
        SampleImages.disturb(pool.volume(Ref.parse("clone")), 50, 30);
        mix(pool.volume(Ref.parse("clone")), random, 20);
    }

    /// Moves, links and changes what the root directory holds.
    private static void mix(Volume volume, Random random, int count) throws IOException {
        List<byte[]> names = new ArrayList<>();
        List<Long> inodes = new ArrayList<>();
        List<Long> directories = new ArrayList<>(List.of(ROOT));
        volume.readDirectory(
                ROOT,
                2,
                (name, inode, type, cookie) -> {
                    if (type == cowfs.file.Attributes.DIRECTORY) {
                        directories.add(inode);
                    } else if (type == cowfs.file.Attributes.REGULAR) {
                        names.add(name);
                        inodes.add(inode);
                    }
                    return true;
                });
        for (int i = 0; i < count; i++) {
            int pick = random.nextInt(names.size());
            long inode = inodes.get(pick);
            long target = directories.get(random.nextInt(directories.size()));
            byte[] fresh = name("mixed-" + random.nextLong());
            switch (random.nextInt(6)) {
                case 0 -> volume.link(inode, target, fresh);
                case 1 -> {
                    volume.rename(ROOT, names.get(pick), target, fresh, RenameMode.REPLACE);
                    names.remove(pick);
                    inodes.remove(pick);
                }
                case 2 -> {
                    long size = volume.getAttributes(inode).sizeBytes();
                    byte[] same = new byte[(int) Math.min(size, 200_000)];
                    volume.read(inode, 0, ByteBuffer.wrap(same));
                    volume.write(inode, 0, ByteBuffer.wrap(same));
                }
                case 3 ->
                        volume.setAttributes(
                                inode, AttributeChange.ofSize(random.nextInt(300_000)));
                case 4 -> write(volume, inode, random.nextInt(400_000), "some text");
                default -> volume.create(target, fresh, NewInode.regular(0600, 7, 7));
            }
        }
    }
}
