package cowfs.model;

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

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tests of inodes that are held after their last name went.
public interface HoldContract extends VolumeFixture {
    @Test
    default void aHeldFileOutlivesItsName() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 20_000));
        volume.hold(f);
        volume.unlink(ROOT, name("f"));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.lookup(ROOT, name("f")));
        assertEquals(0, volume.getAttributes(f).linkCount());
        assertContent(volume, f, pattern(1, 20_000));
        write(volume, f, 20_000, pattern(2, 100));
        volume.setAttributes(f, AttributeChange.ofSize(20_050));
        volume.setXattr(f, name("user.a"), pattern(3, 3), XattrMode.CREATE);
        assertEquals(20_050, volume.getAttributes(f).sizeBytes());
        assertArrayEquals(pattern(3, 3), volume.getXattr(f, name("user.a")));
        volume.fsync(f, false);
        volume.release(f, 1);
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(f));
        assertFails(ErrorKind.NOT_FOUND, () -> VolumeFixture.read(volume, f, 0, 10));
    }

    @Test
    default void theLastOfSeveralHoldsFreesTheFile() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        for (int i = 0; i < 5; i++) {
            volume.hold(f);
        }
        volume.release(f, 2);
        volume.unlink(ROOT, name("f"));
        volume.hold(f);
        volume.release(f, 3);
        assertEquals(0, volume.getAttributes(f).linkCount());
        volume.release(f, 1);
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(f));
    }

    @Test
    default void aReleaseOfALinkedFileFreesNothing() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        volume.hold(f);
        volume.release(f, 1);
        assertEquals(f, inodeOf(volume, "f"));
        volume.hold(f);
        volume.link(f, ROOT, name("g"));
        volume.unlink(ROOT, name("f"));
        volume.release(f, 1);
        assertEquals(1, volume.getAttributes(inodeOf(volume, "g")).linkCount());
    }

    @Test
    default void withoutHoldsTheLastNameFreesTheFile() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 100_000));
        volume.unlink(ROOT, name("f"));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(f));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.hold(f));
    }

    @Test
    default void anUnlinkedFileGetsNoNewName() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        volume.hold(f);
        volume.unlink(ROOT, name("f"));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.link(f, ROOT, name("g")));
        volume.release(f, 1);
    }

    @Test
    default void aReplacedFileLivesWhileItIsHeld() throws IOException {
        Volume volume = volume();
        long old = file(volume, "f");
        write(volume, old, 0, pattern(1, 9000));
        volume.hold(old);
        file(volume, "new");
        volume.rename(ROOT, name("new"), ROOT, name("f"), RenameMode.REPLACE);
        assertContent(volume, old, pattern(1, 9000));
        volume.release(old, 1);
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(old));
    }

    @Test
    default void aRemovedDirectoryThatIsHeldTakesNoEntries() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        long f = file(volume, "f");
        volume.hold(d);
        volume.removeDirectory(ROOT, name("d"));
        assertEquals(0, volume.getAttributes(d).linkCount());
        assertFails(ErrorKind.NOT_FOUND, () -> file(volume, d, "x"));
        assertFails(ErrorKind.NOT_FOUND, () -> directory(volume, d, "x"));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.link(f, d, name("x")));
        assertFails(
                ErrorKind.NOT_FOUND,
                () -> volume.rename(ROOT, name("f"), d, name("x"), RenameMode.REPLACE));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.lookup(d, name("x")));
        volume.release(d, 1);
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(d));
    }

    @Test
    default void reopeningFreesWhatWasOnlyHeld() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        long d = directory(volume, ROOT, "d");
        write(volume, f, 0, pattern(1, 200_000));
        volume.hold(f);
        volume.hold(d);
        volume.unlink(ROOT, name("f"));
        volume.removeDirectory(ROOT, name("d"));
        volume.fsync(f, false);
        Volume again = reopen();
        assertFails(ErrorKind.NOT_FOUND, () -> again.getAttributes(f));
        assertFails(ErrorKind.NOT_FOUND, () -> again.getAttributes(d));
        assertEquals(List.of(), names(again, ROOT));
    }

    @Test
    default void onlyAnInodeThatExistsIsHeld() throws IOException {
        Volume volume = volume();
        assertFails(ErrorKind.NOT_FOUND, () -> volume.hold(1L << 40));
        volume.hold(ROOT);
        volume.release(ROOT, 1);
        assertEquals(2, volume.getAttributes(ROOT).linkCount());
    }

    @Test
    default void aFileMadeWithoutANameCanGetOneOnce() throws IOException {
        Volume volume = volume();
        long f = volume.createUnlinked(Volume.ROOT_INODE, NewInode.regular(0640, 3, 4)).inode();
        assertEquals(0, volume.getAttributes(f).linkCount());
        write(volume, f, 0, pattern(1, 9000));
        assertEquals(List.of(), names(volume, Volume.ROOT_INODE));
        assertEquals(1, volume.link(f, Volume.ROOT_INODE, name("f")).linkCount());
        volume.release(f, 1);
        assertContent(volume, inodeOf(volume, "f"), pattern(1, 9000));
        Volume reopened = reopen();
        long again = inodeOf(reopened, "f");
        assertContent(reopened, again, pattern(1, 9000));
        reopened.hold(again);
        reopened.unlink(Volume.ROOT_INODE, name("f"));
        assertFails(ErrorKind.NOT_FOUND, () -> reopened.link(again, Volume.ROOT_INODE, name("g")));
        reopened.release(again, 1);
    }

    @Test
    default void aFileMadeWithoutANameGoesWithItsLastHold() throws IOException {
        Volume volume = volume();
        NewInode start = NewInode.regular(0640, 3, 4);
        long f = volume.createUnlinked(Volume.ROOT_INODE, start).inode();
        volume.hold(f);
        write(volume, f, 0, pattern(1, 100_000));
        volume.release(f, 1);
        assertEquals(100_000, volume.getAttributes(f).sizeBytes());
        volume.release(f, 1);
        assertFails(ErrorKind.NOT_FOUND, () -> volume.getAttributes(f));
        long kept = volume.createUnlinked(Volume.ROOT_INODE, start).inode();
        write(volume, kept, 0, pattern(1, 100_000));
        volume.fsync(kept, false);
        Volume reopened = reopen();
        assertFails(ErrorKind.NOT_FOUND, () -> reopened.getAttributes(kept));
    }

    @Test
    default void onlyARegularFileIsMadeWithoutAName() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        NewInode start = NewInode.regular(0640, 3, 4);
        assertFails(ErrorKind.NOT_A_DIRECTORY, () -> volume.createUnlinked(f, start));
        assertFails(ErrorKind.NOT_FOUND, () -> volume.createUnlinked(9999, start));
        NewInode directory = NewInode.directory(0755, 0, 0);
        assertFails(ErrorKind.INVALID, () -> volume.createUnlinked(Volume.ROOT_INODE, directory));
    }
}
