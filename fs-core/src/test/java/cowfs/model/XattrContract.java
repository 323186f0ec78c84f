package cowfs.model;

import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.assertFailsWithOneOf;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.symlink;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Tests of extended attributes.
public interface XattrContract extends VolumeFixture {
    static void set(Volume volume, long inode, String name, byte[] value) throws IOException {
        volume.setXattr(inode, name(name), value, XattrMode.CREATE_OR_REPLACE);
    }

    static Set<String> list(Volume volume, long inode) throws IOException {
        List<byte[]> all = volume.listXattrs(inode);
        Set<String> names = new TreeSet<>();
        all.forEach(name -> names.add(new String(name, StandardCharsets.UTF_8)));
        assertEquals(all.size(), names.size(), "names listed twice");
        return names;
    }

    @Test
    default void valuesOfEveryLengthComeBack() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        int[] lengths = {0, 1, 100, 900, 1000, 2000, 4095, 4096, 10_000, Volume.MAX_XATTR_BYTES};
        for (int length : lengths) {
            set(volume, f, "user.x" + length, pattern(length, length));
        }
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            for (int length : lengths) {
                assertArrayEquals(
                        pattern(length, length), each.getXattr(f, name("user.x" + length)));
            }
            assertEquals(lengths.length, list(each, f).size());
        }
    }

    @Test
    default void aValueIsReplacedByALongerAndAShorterOne() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        for (int length : new int[] {10, Volume.MAX_XATTR_BYTES, 3000, 65_000, 0, 5}) {
            set(volume, f, "user.a", pattern(length, length));
            assertArrayEquals(pattern(length, length), volume.getXattr(f, name("user.a")));
        }
        assertEquals(Set.of("user.a"), list(volume, f));
        assertArrayEquals(pattern(5, 5), reopen().getXattr(f, name("user.a")));
    }

    @Test
    default void aValueThatIsTooLargeChangesNothing() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        set(volume, f, "user.a", pattern(1, 10));
        byte[] tooLarge = new byte[Volume.MAX_XATTR_BYTES + 1];
        assertFails(ErrorKind.ATTRIBUTE_TOO_LARGE, () -> set(volume, f, "user.a", tooLarge));
        assertFails(ErrorKind.ATTRIBUTE_TOO_LARGE, () -> set(volume, f, "user.b", tooLarge));
        assertEquals(Set.of("user.a"), list(volume, f));
        assertArrayEquals(pattern(1, 10), volume.getXattr(f, name("user.a")));
    }

    @Test
    default void modesSayWhetherTheAttributeMayExist() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[] a = name("user.a");
        assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.setXattr(f, a, a, XattrMode.REPLACE));
        volume.setXattr(f, a, pattern(1, 3), XattrMode.CREATE);
        assertFails(ErrorKind.EXISTS, () -> volume.setXattr(f, a, a, XattrMode.CREATE));
        assertArrayEquals(pattern(1, 3), volume.getXattr(f, a));
        volume.setXattr(f, a, pattern(2, 3), XattrMode.REPLACE);
        assertArrayEquals(pattern(2, 3), volume.getXattr(f, a));
    }

    @Test
    default void aMissingAttributeIsNeitherReadNorRemoved() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.getXattr(f, name("user.a")));
        assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.removeXattr(f, name("user.a")));
        assertEquals(Set.of(), list(volume, f));
        set(volume, f, "user.a", pattern(1, 5000));
        set(volume, f, "user.b", pattern(2, 50));
        volume.removeXattr(f, name("user.a"));
        assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.getXattr(f, name("user.a")));
        assertEquals(Set.of("user.b"), list(reopen(), f));
    }

    @Test
    default void everyTypeHasAttributesOfItsOwn() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        long s = symlink(volume, "s", "f");
        for (long inode : new long[] {ROOT, f, s}) {
            set(volume, inode, "trusted.id", pattern(inode, 20));
        }
        volume = reopen();
        for (long inode : new long[] {ROOT, f, s}) {
            assertArrayEquals(pattern(inode, 20), volume.getXattr(inode, name("trusted.id")));
        }
        assertFails(ErrorKind.NOT_FOUND, () -> volume().getXattr(1L << 40, name("user.a")));
    }

    @Test
    default void attributesGoWithTheirInode() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        set(volume, f, "user.a", pattern(1, 60_000));
        volume.unlink(ROOT, name("f"));
        long again = file(volume, "f");
        assertEquals(Set.of(), list(volume, again));
    }

    @Test
    default void hundredsOfAttributesFitOneInode() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        Set<String> expected = new TreeSet<>();
        for (int i = 0; i < 300; i++) {
            set(volume, f, "user.attribute-" + i, pattern(i, i));
            expected.add("user.attribute-" + i);
        }
        for (int i = 0; i < 300; i += 3) {
            volume.removeXattr(f, name("user.attribute-" + i));
            expected.remove("user.attribute-" + i);
        }
        volume = reopen();
        assertEquals(expected, list(volume, f));
        assertArrayEquals(pattern(299, 299), volume.getXattr(f, name("user.attribute-299")));
    }

    @Test
    default void anAttributeNameOf255BytesFitsAndOneOf256DoesNot() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        String longest = "user." + "n".repeat(250);
        set(volume, f, longest, pattern(1, 10));
        assertArrayEquals(pattern(1, 10), volume.getXattr(f, name(longest)));
        assertFailsWithOneOf(
                List.of(ErrorKind.NAME_TOO_LONG, ErrorKind.INVALID),
                () -> set(volume, f, longest + "n", pattern(1, 10)));
        assertFails(ErrorKind.INVALID, () -> set(volume, f, "", pattern(1, 10)));
        assertEquals(Set.of(longest), list(volume, f));
    }
}
