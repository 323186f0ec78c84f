package cowfs.model;

import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.symlink;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.InodeFlags;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Tests of rename in its three modes.
public interface RenameContract extends VolumeFixture {
    static void rename(Volume volume, String from, String to) throws IOException {
        volume.rename(ROOT, name(from), ROOT, name(to), RenameMode.REPLACE);
    }

    @Test
    default void renameMovesAFileWithinAndBetweenDirectories() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 9000));
        rename(volume, "f", "g");
        assertEquals(Set.of("d", "g"), Set.copyOf(names(volume, ROOT)));
        volume.rename(ROOT, name("g"), d, name("h"), RenameMode.REPLACE);
        volume = reopen();
        assertEquals(List.of("d"), names(volume, ROOT));
        assertEquals(f, inodeOf(volume, "d", "h"));
        assertEquals(1, volume.getAttributes(f).linkCount());
        assertContent(volume, f, pattern(1, 9000));
    }

    @Test
    default void renameOverAFileReplacesIt() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        long g = file(volume, "g");
        write(volume, f, 0, pattern(1, 100));
        write(volume, g, 0, pattern(2, 100_000));
        rename(volume, "f", "g");
        assertEquals(List.of("g"), names(volume, ROOT));
        assertEquals(f, inodeOf(volume, "g"));
        assertContent(volume, f, pattern(1, 100));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(g));
        assertEquals(1, volume.getAttributes(ROOT).sizeBytes());
    }

    @Test
    default void renameOverOneOfTwoNamesTakesALink() throws IOException {
        Volume volume = volume();
        long g = file(volume, "g");
        volume.link(g, ROOT, name("other"));
        symlink(volume, "s", "x");
        rename(volume, "s", "g");
        assertEquals(1, volume.getAttributes(g).linkCount());
        assertEquals(g, inodeOf(volume, "other"));
    }

    @Test
    default void renameBetweenTwoNamesOfOneFileDoesNothing() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        volume.link(f, ROOT, name("g"));
        rename(volume, "f", "g");
        rename(volume, "f", "f");
        volume.rename(ROOT, name("f"), ROOT, name("g"), RenameMode.EXCHANGE);
        assertEquals(Set.of("f", "g"), Set.copyOf(names(volume, ROOT)));
        assertEquals(2, volume.getAttributes(f).linkCount());
        long d = directory(volume, ROOT, "d");
        rename(volume, "d", "d");
        assertEquals(d, inodeOf(volume, "d"));
        assertEquals(3, volume.getAttributes(ROOT).linkCount());
    }

    @Test
    default void renameMovesADirectoryWithAllBelowIt() throws IOException {
        Volume volume = volume();
        long a = directory(volume, ROOT, "a");
        long b = directory(volume, ROOT, "b");
        long sub = directory(volume, a, "sub");
        long f = file(volume, sub, "f");
        volume.rename(a, name("sub"), b, name("moved"), RenameMode.REPLACE);
        volume = reopen();
        assertEquals(f, inodeOf(volume, "b", "moved", "f"));
        assertEquals(b, volume.getParent(sub));
        assertEquals(2, volume.getAttributes(a).linkCount());
        assertEquals(3, volume.getAttributes(b).linkCount());
        assertEquals(2, volume.getAttributes(sub).linkCount());
    }

    @Test
    default void renameOverADirectoryNeedsAnEmptyOne() throws IOException {
        Volume volume = volume();
        long a = directory(volume, ROOT, "a");
        long b = directory(volume, ROOT, "b");
        file(volume, a, "f");
        long inB = file(volume, b, "g");
        assertFails(ErrorKind.NOT_EMPTY, () -> rename(volume, "a", "b"));
        assertEquals(inB, inodeOf(volume, "b", "g"));
        volume.unlink(b, name("g"));
        rename(volume, "a", "b");
        assertEquals(a, inodeOf(volume, "b"));
        assertEquals(List.of("b"), names(volume, ROOT));
        assertEquals(3, volume.getAttributes(ROOT).linkCount());
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(b));
    }

    @Test
    default void renameReplacesOnlyItsLike() throws IOException {
        Volume volume = volume();
        directory(volume, ROOT, "d");
        file(volume, "f");
        assertFails(ErrorKind.IS_A_DIRECTORY, () -> rename(volume, "f", "d"));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> rename(volume, "d", "f"));
        assertEquals(Set.of("d", "f"), Set.copyOf(names(volume, ROOT)));
        assertEquals(3, volume.getAttributes(ROOT).linkCount());
    }

    @Test
    default void renameNeedsItsSourceAndItsDirectories() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        assertFails(ErrorKind.NOT_FOUND, () -> rename(volume, "missing", "f"));
        assertFails(
                ErrorKind.NOT_A_DIRECTORY,
                () -> volume.rename(ROOT, name("f"), f, name("x"), RenameMode.REPLACE));
        assertFails(
                ErrorKind.NOT_A_DIRECTORY,
                () -> volume.rename(f, name("x"), ROOT, name("y"), RenameMode.REPLACE));
        assertFails(ErrorKind.INVALID, () -> rename(volume, "f", "a/b"));
        assertEquals(List.of("f"), names(volume, ROOT));
    }

    @Test
    default void noDirectoryComesBelowItself() throws IOException {
        Volume volume = volume();
        long a = directory(volume, ROOT, "a");
        long b = directory(volume, a, "b");
        long c = directory(volume, b, "c");
        for (long below : new long[] {a, b, c}) {
            assertFails(
                    ErrorKind.INVALID,
                    () -> volume.rename(ROOT, name("a"), below, name("x"), RenameMode.REPLACE));
        }
        assertFails(
                ErrorKind.NOT_EMPTY,
                () -> volume.rename(b, name("c"), ROOT, name("a"), RenameMode.REPLACE));
        assertFails(
                ErrorKind.INVALID,
                () -> volume.rename(ROOT, name("a"), b, name("c"), RenameMode.EXCHANGE));
        assertFails(
                ErrorKind.INVALID,
                () -> volume.rename(b, name("c"), ROOT, name("a"), RenameMode.EXCHANGE));
        volume.setAttributes(c, AttributeChange.ofFlags(InodeFlags.IMMUTABLE));
        assertFails(
                ErrorKind.INVALID, // before anything is said about flags
                () -> volume.rename(b, name("c"), ROOT, name("a"), RenameMode.EXCHANGE));
        volume.setAttributes(c, AttributeChange.ofFlags(0));
        assertEquals(c, inodeOf(volume, "a", "b", "c"));
    }

    @Test
    default void renameWithoutReplacingRefusesATakenName() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        long g = file(volume, "g");
        volume.link(f, ROOT, name("same"));
        for (String taken : List.of("g", "same", "f")) {
            assertFails(
                    ErrorKind.EXISTS,
                    () -> volume.rename(ROOT, name("f"), ROOT, name(taken), RenameMode.NO_REPLACE));
        }
        volume.rename(ROOT, name("f"), ROOT, name("free"), RenameMode.NO_REPLACE);
        assertEquals(f, inodeOf(volume, "free"));
        assertEquals(g, inodeOf(volume, "g"));
    }

    @Test
    default void exchangeSwapsAFileAndADirectory() throws IOException {
        Volume volume = volume();
        long a = directory(volume, ROOT, "a");
        long b = directory(volume, ROOT, "b");
        long f = file(volume, a, "f");
        long d = directory(volume, b, "d");
        long inD = file(volume, d, "inside");
        volume.rename(a, name("f"), b, name("d"), RenameMode.EXCHANGE);
        volume = reopen();
        assertEquals(d, inodeOf(volume, "a", "f"));
        assertEquals(f, inodeOf(volume, "b", "d"));
        assertEquals(inD, inodeOf(volume, "a", "f", "inside"));
        assertEquals(a, volume.getParent(d));
        assertEquals(3, volume.getAttributes(a).linkCount());
        assertEquals(2, volume.getAttributes(b).linkCount());
        assertEquals(1, volume.getAttributes(f).linkCount());
    }

    @Test
    default void exchangeNeedsBothNames() throws IOException {
        Volume volume = volume();
        file(volume, "f");
        assertFails(
                ErrorKind.NOT_FOUND,
                () -> volume.rename(ROOT, name("f"), ROOT, name("missing"), RenameMode.EXCHANGE));
        assertEquals(List.of("f"), names(volume, ROOT));
    }

    @Test
    default void renamingAHardLinkLeavesTheOtherName() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        long f = file(volume, "f");
        volume.link(f, d, name("f"));
        volume.rename(d, name("f"), d, name("g"), RenameMode.REPLACE);
        volume.rename(ROOT, name("f"), d, name("h"), RenameMode.REPLACE);
        volume = reopen();
        assertEquals(2, volume.getAttributes(f).linkCount());
        assertEquals(Set.of("g", "h"), Set.copyOf(names(volume, d)));
    }

    @Test
    default void aWhiteoutStaysWhereTheNameWas() throws IOException {
        Volume volume = volume();
        long d = directory(volume, Volume.ROOT_INODE, "d");
        long f = file(volume, "f");
        file(volume, "g");
        volume.renameLeavingWhiteout(
                Volume.ROOT_INODE, name("f"), d, name("moved"), RenameMode.NO_REPLACE, 5, 6);
        volume.renameLeavingWhiteout(
                Volume.ROOT_INODE, name("g"), d, name("moved"), RenameMode.REPLACE, 5, 6);
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(f));
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            for (String gone : List.of("f", "g")) {
                Attributes whiteout = each.lookup(Volume.ROOT_INODE, name(gone));
                assertEquals(Attributes.CHARACTER_DEVICE, whiteout.mode());
                assertEquals(0, whiteout.device());
                assertEquals(1, whiteout.linkCount());
                assertEquals(5, whiteout.uid());
                assertEquals(6, whiteout.gid());
            }
            assertEquals(List.of("moved"), names(each, inodeOf(each, "d")));
            assertEquals(3, each.getAttributes(Volume.ROOT_INODE).sizeBytes());
        }
        Volume reopened = volume();
        assertFails(
                ErrorKind.EXISTS,
                () ->
                        reopened.renameLeavingWhiteout(
                                Volume.ROOT_INODE,
                                name("d"),
                                Volume.ROOT_INODE,
                                name("f"),
                                RenameMode.NO_REPLACE,
                                0,
                                0));
        assertFails(
                ErrorKind.INVALID,
                () ->
                        reopened.renameLeavingWhiteout(
                                Volume.ROOT_INODE,
                                name("d"),
                                Volume.ROOT_INODE,
                                name("f"),
                                RenameMode.EXCHANGE,
                                0,
                                0));
    }
}
