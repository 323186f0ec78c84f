package cowfs.model;

import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.InodeFlags;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Tests of inode flags and of what they forbid.
public interface FlagContract extends VolumeFixture {
    static void set(Volume volume, long inode, int flags) throws IOException {
        volume.setAttributes(inode, AttributeChange.ofFlags(flags));
    }

    private static void assertForbidden(List<Executable> actions) {
        actions.forEach(action -> assertFails(ErrorKind.NOT_PERMITTED, action));
    }

    @Test
    default void flagsAreKept() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        assertEquals(0, volume.getAttributes(f).flags());
        for (int bit = 1; bit != 0; bit <<= 1) {
            int flag = bit;
            if ((flag & InodeFlags.ALL) == 0) {
                assertFails(ErrorKind.INVALID, () -> set(volume, f, flag));
            } else {
                set(volume, f, flag);
                assertEquals(flag, volume.getAttributes(f).flags());
            }
        }
        set(volume, f, InodeFlags.ALL);
        Volume reopened = reopen();
        long again = inodeOf(reopened, "f");
        assertEquals(InodeFlags.ALL, reopened.getAttributes(again).flags());
        set(reopened, again, 0);
        reopened.unlink(Volume.ROOT_INODE, name("f"));
    }

    @Test
    default void whatIsFixedKeepsNamesAttributesAndContent() throws IOException {
        Volume volume = volume();
        for (int flag : new int[] {InodeFlags.IMMUTABLE, InodeFlags.APPEND}) {
            long f = file(volume, "f" + flag);
            write(volume, f, 0, pattern(1, 9000));
            byte[] own = name("f" + flag);
            long other = file(volume, "other" + flag);
            byte[] otherName = name("other" + flag);
            long root = Volume.ROOT_INODE;
            set(volume, f, flag);
            assertForbidden(
                    List.of(
                            () -> volume.unlink(root, own),
                            () -> volume.link(f, root, name("g")),
                            () -> volume.rename(root, own, root, name("g"), RenameMode.REPLACE),
                            () -> volume.rename(root, otherName, root, own, RenameMode.REPLACE),
                            () -> volume.rename(root, otherName, root, own, RenameMode.EXCHANGE),
                            () -> volume.setAttributes(f, AttributeChange.ofMode(0)),
                            () -> volume.setAttributes(f, AttributeChange.ofOwner(1, null)),
                            () -> volume.setAttributes(f, AttributeChange.ofSize(0)),
                            () -> volume.setXattr(f, name("user.a"), own, XattrMode.CREATE),
                            () -> volume.removeXattr(f, name("user.a")),
                            () -> volume.allocate(f, AllocateMode.PUNCH_HOLE, 0, 4096),
                            () -> volume.allocate(f, AllocateMode.ZERO_RANGE, 0, 4096),
                            () -> volume.copyRange(volume, other, 0, f, 0, 1, SetIdBits.KEEP),
                            () -> volume.cloneFile(volume, other, f, SetIdBits.KEEP)));
            assertContent(volume, f, pattern(1, 9000));
            set(volume, f, 0);
            volume.unlink(root, own);
        }
    }

    @Test
    default void anImmutableFileIsNotGrownAndAnAppendOnlyOneIs() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        AttributeChange times = AttributeChange.ofTimes(null, new Timestamp(5, 0));
        set(volume, f, InodeFlags.IMMUTABLE);
        assertForbidden(
                List.of(
                        () -> volume.allocate(f, AllocateMode.ALLOCATE, 0, 100),
                        () -> volume.setAttributes(f, times)));
        set(volume, f, InodeFlags.APPEND);
        volume.allocate(f, AllocateMode.ALLOCATE, 0, 100);
        volume.setAttributes(f, times);
        assertEquals(new Timestamp(5, 0), volume.getAttributes(f).modified());
    }

    @Test
    default void aFixedDirectoryKeepsItsNames() throws IOException {
        Volume volume = volume();
        long root = Volume.ROOT_INODE;
        long d = directory(volume, root, "d");
        volume.create(d, name("kept"), NewInode.regular(0644, 0, 0));
        long f = file(volume, "f");
        NewInode start = NewInode.regular(0644, 0, 0);
        List<Executable> removing =
                List.of(
                        () -> volume.unlink(d, name("kept")),
                        () -> volume.rename(d, name("kept"), root, name("g"), RenameMode.REPLACE),
                        () -> volume.rename(root, name("f"), d, name("kept"), RenameMode.REPLACE),
                        () -> volume.rename(root, name("d"), root, name("e"), RenameMode.REPLACE));
        set(volume, d, InodeFlags.IMMUTABLE);
        assertForbidden(removing);
        assertForbidden(
                List.of(
                        () -> volume.create(d, name("new"), start),
                        () -> volume.createUnlinked(d, start),
                        () -> volume.symlink(d, name("new"), name("x"), start),
                        () -> volume.link(f, d, name("new")),
                        () -> volume.rename(root, name("f"), d, name("g"), RenameMode.REPLACE)));
        set(volume, d, InodeFlags.APPEND);
        assertForbidden(removing);
        volume.create(d, name("new"), start);
        volume.rename(root, name("f"), d, name("g"), RenameMode.REPLACE);
        assertEquals(3, volume.getAttributes(d).sizeBytes());
    }
}
