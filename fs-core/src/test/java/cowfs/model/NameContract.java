package cowfs.model;

import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.assertFailsWithOneOf;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.symlink;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Tests of create, lookup, link, symlink and of what a name may be.
public interface NameContract extends VolumeFixture {
    @Test
    default void rootIsADirectoryThatIsItsOwnParent() throws IOException {
        Volume volume = volume();
        Attributes root = volume.getAttributes(ROOT);
        assertEquals(ROOT, root.inode());
        assertEquals(Attributes.DIRECTORY, root.type());
        assertEquals(2, root.linkCount());
        assertEquals(0, root.sizeBytes());
        assertEquals(ROOT, volume.getParent(ROOT));
    }

    @Test
    default void createdFileHasTheAttributesItWasGiven() throws IOException {
        Volume volume = volume();
        Attributes made = volume.create(ROOT, name("f"), NewInode.regular(0640, 1000, 100));
        assertEquals(Attributes.REGULAR | 0640, made.mode());
        assertEquals(1000, made.uid());
        assertEquals(100, made.gid());
        assertEquals(1, made.linkCount());
        assertEquals(0, made.sizeBytes());
        assertEquals(0, made.blockCount());
        assertNotEquals(ROOT, made.inode());
        assertEquals(made, volume.lookup(ROOT, name("f")));
        assertEquals(made, volume.getAttributes(made.inode()));
    }

    @Test
    default void aDirectoryWithTheSetgidBitGivesItsGroup() throws IOException {
        Volume volume = volume();
        NewInode shared = NewInode.directory(02775, 1, 77);
        long d = volume.create(ROOT, name("d"), shared).inode();
        Attributes file = volume.create(d, name("f"), NewInode.regular(0640, 1000, 100));
        assertEquals(Attributes.REGULAR | 0640, file.mode());
        assertEquals(1000, file.uid());
        assertEquals(77, file.gid());
        Attributes sub = volume.create(d, name("s"), NewInode.directory(0750, 1000, 100));
        assertEquals(Attributes.DIRECTORY | 02750, sub.mode());
        assertEquals(77, sub.gid());
        NewInode start = NewInode.regular(0, 1000, 100);
        assertEquals(77, volume.symlink(d, name("l"), name("x"), start).gid());
    }

    @Test
    default void everyTypeSurvivesReopening() throws IOException {
        Volume volume = volume();
        long device = (8L << 8) | 17;
        for (int type :
                new int[] {
                    Attributes.REGULAR,
                    Attributes.FIFO,
                    Attributes.SOCKET,
                    Attributes.CHARACTER_DEVICE,
                    Attributes.BLOCK_DEVICE
                }) {
            boolean node = type == Attributes.CHARACTER_DEVICE || type == Attributes.BLOCK_DEVICE;
            NewInode start = new NewInode(type | 04755, 7, 8, node ? device : 0);
            Attributes made = volume.create(ROOT, name("t" + type), start);
            assertEquals(type | 04755, made.mode());
            assertEquals(start.device(), made.device());
            volume = reopen();
            assertEquals(made, volume.lookup(ROOT, name("t" + type)));
        }
    }

    @Test
    default void createRefusesATypeThatItDoesNotMake() throws IOException {
        Volume volume = volume();
        NewInode link = new NewInode(Attributes.SYMLINK | 0777, 0, 0, 0);
        assertFails(ErrorKind.INVALID, () -> volume.create(ROOT, name("l"), link));
        assertEquals(List.of(), names(volume, ROOT));
    }

    @Test
    default void aTakenNameIsRefusedWhateverItStandsFor() throws IOException {
        Volume volume = volume();
        file(volume, "f");
        directory(volume, ROOT, "d");
        for (String taken : List.of("f", "d")) {
            assertFails(ErrorKind.EXISTS, () -> file(volume, taken));
            assertFails(ErrorKind.EXISTS, () -> directory(volume, ROOT, taken));
            assertFails(ErrorKind.EXISTS, () -> symlink(volume, taken, "x"));
            long other = inodeOf(volume, "f");
            assertFails(ErrorKind.EXISTS, () -> volume.link(other, ROOT, name(taken)));
        }
        assertEquals(1, volume.lookup(ROOT, name("f")).linkCount());
    }

    @Test
    default void aNameOf255BytesFitsAndOneOf256DoesNot() throws IOException {
        Volume volume = volume();
        long inode = file(volume, "n".repeat(255));
        assertEquals(inode, reopen().lookup(ROOT, name("n".repeat(255))).inode());
        Volume again = volume();
        String tooLong = "n".repeat(256);
        assertFails(ErrorKind.NAME_TOO_LONG, () -> file(again, tooLong));
        assertFails(ErrorKind.NAME_TOO_LONG, () -> directory(again, ROOT, tooLong));
        assertFails(ErrorKind.NAME_TOO_LONG, () -> symlink(again, tooLong, "x"));
        assertFails(ErrorKind.NAME_TOO_LONG, () -> again.lookup(ROOT, name(tooLong)));
        assertFails(ErrorKind.NAME_TOO_LONG, () -> again.link(inode, ROOT, name(tooLong)));
        assertFails(
                ErrorKind.NAME_TOO_LONG,
                () ->
                        again.rename(
                                ROOT,
                                name("n".repeat(255)),
                                ROOT,
                                name(tooLong),
                                Volume.RenameMode.REPLACE));
    }

    @Test
    default void namesThatNoDirectoryCanHoldAreRefused() throws IOException {
        Volume volume = volume();
        for (String bad : List.of("", ".", "..", "a/b", "/", "a\0b")) {
            assertFails(ErrorKind.INVALID, () -> file(volume, bad));
            assertFails(ErrorKind.INVALID, () -> directory(volume, ROOT, bad));
        }
        assertEquals(List.of(), names(volume, ROOT));
    }

    @Test
    default void namesAreBytesAndNotText() throws IOException {
        Volume volume = volume();
        Set<Long> inodes = new TreeSet<>();
        for (int first = 1; first < 256; first++) {
            if (first != '/' && first != '.') {
                byte[] raw = {(byte) first};
                inodes.add(volume.create(ROOT, raw, NewInode.regular(0600, 0, 0)).inode());
            }
        }
        assertEquals(253, inodes.size());
        byte[] notUtf8 = {(byte) 0xc3, (byte) 0x28, (byte) 0xff};
        long inode = volume.create(ROOT, notUtf8, NewInode.regular(0600, 0, 0)).inode();
        assertEquals(inode, volume.lookup(ROOT, notUtf8).inode());
    }

    @Test
    default void lookupTellsAMissingNameFromAMissingDirectory() throws IOException {
        Volume volume = volume();
        long file = file(volume, "f");
        assertFails(ErrorKind.NOT_FOUND, () -> volume.lookup(ROOT, name("missing")));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> volume.lookup(file, name("x")));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> file(volume, file, "x"));
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> directory(volume, file, "x"));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.lookup(1L << 40, name("x")));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(1L << 40));
    }

    @Test
    default void hardLinksAreOneFile() throws IOException {
        Volume volume = volume();
        long directory = directory(volume, ROOT, "d");
        long inode = file(volume, "f");
        Attributes linked = volume.link(inode, directory, name("g"));
        assertEquals(2, linked.linkCount());
        assertEquals(inode, linked.inode());
        write(volume, inode, 0, pattern(1, 5000));
        volume.unlink(ROOT, name("f"));
        Volume again = reopen();
        assertEquals(1, again.getAttributes(inode).linkCount());
        assertContent(again, inodeOf(again, "d", "g"), pattern(1, 5000));
    }

    @Test
    default void aFileCanHaveAThousandNamesInOneDirectory() throws IOException {
        Volume volume = volume();
        long inode = file(volume, "0");
        for (int i = 1; i < 1000; i++) {
            volume.link(inode, ROOT, name(Integer.toString(i)));
        }
        assertEquals(1000, volume.getAttributes(inode).linkCount());
        for (int i = 0; i < 1000; i += 2) {
            volume.unlink(ROOT, name(Integer.toString(i)));
        }
        Volume again = reopen();
        assertEquals(500, again.getAttributes(inode).linkCount());
        assertEquals(500, names(again, ROOT).size());
        assertEquals(inode, inodeOf(again, "999"));
    }

    @Test
    default void aDirectoryGetsNoSecondName() throws IOException {
        Volume volume = volume();
        long directory = directory(volume, ROOT, "d");
        assertFails(ErrorKind.NOT_PERMITTED, () -> volume.link(directory, ROOT, name("e")));
        assertEquals(List.of("d"), names(volume, ROOT));
    }

    @Test
    default void specialFilesAndSymlinksCanBeLinked() throws IOException {
        Volume volume = volume();
        long fifo =
                volume.create(ROOT, name("p"), new NewInode(Attributes.FIFO | 0600, 0, 0, 0))
                        .inode();
        long link = symlink(volume, "s", "target");
        assertEquals(2, volume.link(fifo, ROOT, name("p2")).linkCount());
        assertEquals(2, volume.link(link, ROOT, name("s2")).linkCount());
        assertArrayEquals(name("target"), volume.readLink(inodeOf(volume, "s2")));
    }

    @Test
    default void symlinkKeepsItsTargetAtEveryLength() throws IOException {
        Volume volume = volume();
        int[] lengths = {1, 59, 60, 255, 256, 1000, 4000, 4094, Volume.MAX_TARGET_BYTES};
        for (int length : lengths) {
            Attributes made =
                    volume.symlink(
                            ROOT,
                            name("s" + length),
                            pattern(length, length),
                            NewInode.regular(0600, 5, 6));
            assertEquals(Attributes.SYMLINK | 0777, made.mode());
            assertEquals(length, made.sizeBytes());
            assertEquals(5, made.uid());
            assertEquals(6, made.gid());
        }
        Volume again = reopen();
        for (int length : lengths) {
            assertArrayEquals(
                    pattern(length, length), again.readLink(inodeOf(again, "s" + length)));
        }
        String tooLong = "t".repeat(Volume.MAX_TARGET_BYTES + 1);
        assertFailsWithOneOf(
                List.of(ErrorKind.NAME_TOO_LONG, ErrorKind.INVALID),
                () -> symlink(again, "long", tooLong));
    }

    @Test
    default void onlyASymlinkHasATarget() throws IOException {
        Volume volume = volume();
        long file = file(volume, "f");
        assertFails(ErrorKind.INVALID, () -> volume.readLink(file));
        assertFails(ErrorKind.INVALID, () -> volume.readLink(ROOT));
    }

    @Test
    default void statusAddsUp() throws IOException {
        Volume.VolumeStatus status = volume().status();
        assertEquals(true, status.blockCount() > 0);
        assertEquals(true, status.freeBlockCount() > 0);
        assertEquals(true, status.freeBlockCount() <= status.blockCount());
        assertEquals(true, status.freeInodeCount() > 0);
        assertEquals(status.inodeCount(), status.usedInodeCount() + status.freeInodeCount());
    }
}
