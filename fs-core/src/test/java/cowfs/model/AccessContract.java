package cowfs.model;

import static cowfs.model.ModelAccess.list;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.symlink;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Tests of POSIX access control lists, by the examples of `acl(5)`.
public interface AccessContract extends VolumeFixture {
    byte[] ACCESS = name(ModelAccess.ACCESS);
    byte[] DEFAULT = name(ModelAccess.DEFAULT);

    private static byte[] named(int user, int named, int group, int mask, int other) {
        return list(
                new int[] {0x01, user, -1},
                new int[] {0x02, named, 1000},
                new int[] {0x04, group, -1},
                new int[] {0x10, mask, -1},
                new int[] {0x20, other, -1});
    }

    private static byte[] plain(int user, int group, int other) {
        return list(
                new int[] {0x01, user, -1},
                new int[] {0x04, group, -1},
                new int[] {0x20, other, -1});
    }

    private static void set(Volume volume, long inode, byte[] name, byte[] value)
            throws IOException {
        volume.setXattr(inode, name, value, XattrMode.CREATE_OR_REPLACE);
    }

    private static int mode(Volume volume, long inode) throws IOException {
        return volume.getAttributes(inode).mode() & 07777;
    }

    @Test
    default void anAccessListSetsTheModeAndTheModeTheList() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        volume.setAttributes(f, AttributeChange.ofMode(02600));
        set(volume, f, ACCESS, named(7, 6, 5, 4, 0));
        assertEquals(02740, mode(volume, f));
        volume.setAttributes(f, AttributeChange.ofMode(0631));
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            long again = inodeOf(each, "f");
            assertArrayEquals(named(6, 6, 5, 3, 1), each.getXattr(again, ACCESS));
            assertEquals(0631, mode(each, again));
        }
    }

    @Test
    default void aListThatSaysNoMoreThanAModeIsNotKept() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        set(volume, f, ACCESS, named(7, 6, 5, 4, 0));
        set(volume, f, ACCESS, plain(6, 4, 4));
        assertEquals(0644, mode(volume, f));
        assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.getXattr(f, ACCESS));
        set(volume, f, ACCESS, named(7, 6, 5, 4, 0));
        set(volume, f, ACCESS, list());
        assertEquals(0740, mode(volume, f), "an empty list removes a list and leaves the mode");
        assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.getXattr(f, ACCESS));
    }

    @Test
    default void aListTakesTheSetGroupIdBitWhenAsked() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        volume.setAttributes(f, AttributeChange.ofMode(06755));
        volume.setXattr(f, ACCESS, plain(7, 5, 5), XattrMode.CREATE_OR_REPLACE, SetIdBits.CLEAR);
        assertEquals(04755, mode(volume, f));
    }

    @Test
    default void newInodesInheritTheDefaultListAndNotTheUmask() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        set(volume, d, DEFAULT, named(7, 7, 5, 6, 1));
        NewInode start = new NewInode(0100666, 1, 2, 0, 077);
        long f = volume.create(d, name("f"), start).inode();
        assertEquals(0660, mode(volume, f));
        assertArrayEquals(named(6, 7, 5, 6, 0), volume.getXattr(f, ACCESS));
        assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.getXattr(f, DEFAULT));
        long below = volume.create(d, name("below"), new NewInode(040777, 1, 2, 0, 077)).inode();
        assertEquals(0761, mode(volume, below));
        assertArrayEquals(named(7, 7, 5, 6, 1), volume.getXattr(below, DEFAULT));
        assertArrayEquals(named(7, 7, 5, 6, 1), volume.getXattr(below, ACCESS));
        long unlinked = volume.createUnlinked(d, start).inode();
        assertEquals(0660, mode(volume, unlinked));
        assertArrayEquals(named(6, 7, 5, 6, 0), volume.getXattr(unlinked, ACCESS));
        volume.release(unlinked, 1);
        long link = volume.symlink(d, name("link"), name("f"), start).inode();
        assertEquals(0, volume.listXattrs(link).size());
        set(volume, d, DEFAULT, plain(7, 5, 0));
        long simple = volume.create(d, name("simple"), start).inode();
        assertEquals(0640, mode(volume, simple));
        assertEquals(0, volume.listXattrs(simple).size());
    }

    @Test
    default void withoutADefaultListTheUmaskCounts() throws IOException {
        Volume volume = volume();
        long f = volume.create(ROOT, name("f"), new NewInode(0100666, 1, 2, 0, 027)).inode();
        assertEquals(0640, mode(volume, f));
    }

    @Test
    default void whatIsNoListIsRefused() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        long s = symlink(volume, "s", "f");
        byte[] wrongVersion = plain(7, 5, 5);
        wrongVersion[0] = 3;
        byte[][] wrong = {
            new byte[3],
            new byte[28],
            wrongVersion,
            list(new int[] {0x01, 7, -1}),
            list(new int[] {0x01, 7, 0}, new int[] {0x20, 7, 0}, new int[] {0x04, 7, 0}),
            list(new int[] {0x01, 8, 0}, new int[] {0x04, 7, 0}, new int[] {0x20, 7, 0}),
            list(
                    new int[] {0x01, 7, 0},
                    new int[] {0x02, 7, 5},
                    new int[] {0x04, 7, 0},
                    new int[] {0x20, 7, 0}),
            list(
                    new int[] {0x01, 7, 0},
                    new int[] {0x04, 7, 0},
                    new int[] {0x20, 7, 0},
                    new int[] {0x40, 7, 0})
        };
        for (byte[] value : wrong) {
            assertFails(ErrorKind.INVALID, () -> set(volume, f, ACCESS, value));
        }
        assertFails(ErrorKind.INVALID, () -> set(volume, f, DEFAULT, plain(7, 5, 5)));
        assertFails(ErrorKind.UNSUPPORTED, () -> set(volume, s, ACCESS, plain(7, 5, 5)));
    }
}
