package cowfs.model;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.CopyReport;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.InodeFlags;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Copies of files and whole directories within a pool, for a class that says what pool it is tried
/// on.
public interface TreeCopyContract {
    /// The pool of the running test: a new one with an empty `main` for each.
    Pool pool() throws IOException;

    /// Closes the pool, opens it again and returns it.
    Pool reopen() throws IOException;

    private Volume main() throws IOException {
        return pool().volume(Ref.MAIN);
    }

    private CopyReport copy(String from, String to) throws IOException {
        return pool().copy(ref(from), path(from), ref(to), path(to));
    }

    private static Ref ref(String place) {
        try {
            return Ref.parse(place.substring(0, place.indexOf(':')));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static FilePath path(String place) {
        return FilePath.of(place.substring(place.indexOf(':') + 1));
    }

    @Test
    default void aTreeIsCopiedWithAllThatBelongsToIt() throws IOException {
        long d = directory(main(), ROOT, "d");
        long deep = directory(main(), d, "deep");
        long large = file(main(), deep, "large");
        write(main(), large, 0, pattern(1, 300_000));
        write(main(), large, 900_000, pattern(2, 5000));
        long small = file(main(), d, "small");
        write(main(), small, 0, pattern(3, 100));
        main().link(small, deep, name("other name"));
        main().setXattr(small, name("user.x"), pattern(4, 60_000), XattrMode.CREATE);
        main().symlink(d, name("link"), name("small"), NewInode.regular(0, 1, 1));
        main().create(d, name("fifo"), new NewInode(Attributes.FIFO | 0600, 5, 6, 0));
        main().setAttributes(small, AttributeChange.ofMode(04711));
        main().setAttributes(small, AttributeChange.ofOwner(7, 8));
        main().setAttributes(deep, AttributeChange.ofFlags(InodeFlags.IMMUTABLE));
        Timestamp old = new Timestamp(1_000_000, 5);
        main().setAttributes(d, AttributeChange.ofTimes(old, old));

        CopyReport report = copy("main:/d", "main:/copy");
        assertEquals(new CopyReport(Ref.MAIN, FilePath.of("/copy"), 7), report);

        long copied = inodeOf(main(), "copy");
        assertEquals(old, main().getAttributes(copied).modified());
        assertEquals(names(main(), d), names(main(), copied));
        assertEquals(names(main(), deep), names(main(), inodeOf(main(), "copy", "deep")));
        long copiedSmall = inodeOf(main(), "copy", "small");
        assertEquals(copiedSmall, inodeOf(main(), "copy", "deep", "other name"));
        Attributes wanted = main().getAttributes(small);
        Attributes found = main().getAttributes(copiedSmall);
        assertEquals(wanted.mode(), found.mode());
        assertEquals(wanted.uid(), found.uid());
        assertEquals(wanted.modified(), found.modified());
        assertEquals(2, found.linkCount());
        assertArrayEquals(pattern(4, 60_000), main().getXattr(copiedSmall, name("user.x")));
        assertContent(main(), copiedSmall, pattern(3, 100));
        assertEquals(
                InodeFlags.IMMUTABLE,
                main().getAttributes(inodeOf(main(), "copy", "deep")).flags());
        assertArrayEquals(name("small"), main().readLink(inodeOf(main(), "copy", "link")));
        reopen();
        long copiedLarge = inodeOf(main(), "copy", "deep", "large");
        assertEquals(
                main().getAttributes(inodeOf(main(), "d", "deep", "large")).blockCount(),
                main().getAttributes(copiedLarge).blockCount());
        main().write(copiedLarge, 0, ByteBuffer.wrap(pattern(9, 10)));
        byte[] whole = new byte[905_000];
        System.arraycopy(pattern(1, 300_000), 0, whole, 0, 300_000);
        System.arraycopy(pattern(2, 5000), 0, whole, 900_000, 5000);
        assertContent(main(), inodeOf(main(), "d", "deep", "large"), whole);
    }

    @Test
    default void copiesGoBetweenSnapshotsAndSubvolumes() throws IOException {
        long d = directory(main(), ROOT, "d");
        write(main(), file(main(), d, "f"), 0, pattern(1, 50_000));
        pool().snapshot(Ref.parse("main@a"));
        main().unlink(d, name("f"));
        pool().createSubvolume("other");
        copy("main@a:/d", "other:/from snapshot");
        copy("main:/d", "other:/from live");
        copy("main@a:/", "other:/all");
        copy("main@a:/d/f", "main:/d");
        pool().delete(List.of(Ref.parse("main@a")));
        pool().awaitReclaim();
        reopen();
        Volume other = pool().volume(Ref.parse("other"));
        assertContent(other, inodeOf(other, "from snapshot", "f"), pattern(1, 50_000));
        assertEquals(List.of(), names(other, inodeOf(other, "from live")));
        assertContent(other, inodeOf(other, "all", "d", "f"), pattern(1, 50_000));
        assertContent(main(), inodeOf(main(), "d", "f"), pattern(1, 50_000));
        assertEquals(2, pool().list().size(), "nothing is left of what was copied from");
    }

    @Test
    default void aDirectoryIsCopiedIntoItselfAsItWas() throws IOException {
        long d = directory(main(), ROOT, "d");
        file(main(), d, "f");
        assertEquals(FilePath.of("/d/d"), copy("main:/d", "main:/d").path());
        assertEquals(Set.of("d", "f"), Set.copyOf(names(main(), d)));
        assertEquals(List.of("f"), names(main(), inodeOf(main(), "d", "d")));
        assertEquals(5, copy("main:/", "main:/d/all").names());
    }

    @Test
    default void whatCantBeCopiedChangesNothing() throws IOException {
        long d = directory(main(), ROOT, "d");
        file(main(), d, "f");
        file(main(), "g");
        directory(main(), ROOT, "fixed");
        pool().snapshot(Ref.parse("main@a"));
        main().setAttributes(
                        inodeOf(main(), "fixed"), AttributeChange.ofFlags(InodeFlags.IMMUTABLE));
        assertFails(ErrorKind.NOT_FOUND, () -> copy("main:/none", "main:/x"));
        assertFails(ErrorKind.NOT_FOUND, () -> copy("main:/d", "main:/none/x"));
        assertFails(ErrorKind.NOT_FOUND, () -> copy("main@b:/d", "main:/x"));
        assertFails(ErrorKind.EXISTS, () -> copy("main:/d", "main:/g"));
        assertFails(ErrorKind.EXISTS, () -> copy("main:/d/f", "main:/d"));
        assertFails(ErrorKind.EXISTS, () -> copy("main:/", "main:/d"));
        assertFails(ErrorKind.READ_ONLY, () -> copy("main:/d", "main@a:/x"));
        assertFails(ErrorKind.NOT_PERMITTED, () -> copy("main:/d", "main:/fixed/x"));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> copy("main:/d", "main:/g/x"));
        assertFails(ErrorKind.NAME_TOO_LONG, () -> copy("main:/d", "main:/" + "n".repeat(256)));
        assertEquals(Set.of("d", "fixed", "g"), Set.copyOf(names(main(), ROOT)));
        assertTrue(pool().properties(Ref.MAIN).isEmpty());
        assertFails(ErrorKind.INVALID, () -> pool().setProperty(Ref.MAIN, "copying:5", "x"));
    }

    @Test
    default void manyFilesAndManyPiecesTakeSeveralSteps() throws IOException {
        long d = directory(main(), ROOT, "d");
        for (int i = 0; i < 1500; i++) {
            file(main(), d, "file " + i);
        }
        long pieces = file(main(), d, "pieces");
        for (int i = 0; i < 700; i++) {
            main().write(pieces, i * 8192L, ByteBuffer.wrap(pattern(i, 4096)));
        }
        for (int i = 0; i < 300; i++) {
            main().setXattr(pieces, name("user." + i), pattern(i, 500), XattrMode.CREATE);
        }
        assertEquals(1502, copy("main:/d", "main:/copy").names());
        long copied = inodeOf(main(), "copy", "pieces");
        assertEquals(
                main().getAttributes(pieces).blockCount(),
                main().getAttributes(copied).blockCount());
        byte[] whole = new byte[699 * 8192 + 4096];
        for (int i = 0; i < 700; i++) {
            System.arraycopy(pattern(i, 4096), 0, whole, i * 8192, 4096);
        }
        assertContent(main(), copied, whole);
        assertEquals(300, main().listXattrs(copied).size());
        assertArrayEquals(pattern(299, 500), main().getXattr(copied, name("user.299")));
        assertEquals(1501, names(main(), inodeOf(main(), "copy")).size());
    }
}
