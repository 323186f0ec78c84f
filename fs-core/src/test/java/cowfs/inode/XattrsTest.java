package cowfs.inode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.error.CorruptException;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.format.XattrItem;
import cowfs.fs.TreeFixture;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Extended attributes where names collide and pieces go missing; what a volume shows of them is in
/// its contract.
final class XattrsTest {
    private static final long INODE = Volume.ROOT_INODE;
    private static final byte[] NAME = "user.name".getBytes(UTF_8);
    private static final byte[] OTHER = "user.other".getBytes(UTF_8);

    private TreeFixture fixture;
    private NameHash hash;
    private Xattrs xattrs;

    @BeforeEach
    void open() throws IOException {
        fixture = new TreeFixture(4096, 1, 64 << 20);
        fixture.expectDamage();
        hash = new NameHash(fixture.tree().nameSeed());
        Inodes inodes = new Inodes(fixture.tree(), Clock.systemUTC());
        xattrs = new Xattrs(fixture.tree(), inodes, hash);
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Test
    void namesOfEqualHashLiveSideBySide() throws IOException {
        collide(0, bytes(1, 10));
        collide(6, bytes(2, 10));
        for (int length : new int[] {0, 100, 3000, 5000, 20_000, 50}) {
            byte[] value = bytes(length, length);
            xattrs.set(INODE, NAME, value, XattrMode.CREATE_OR_REPLACE);
            assertArrayEquals(value, xattrs.get(INODE, NAME), "length " + length);
            assertEquals(3, xattrs.list(INODE).size());
        }
        xattrs.remove(INODE, NAME);
        assertEquals(ErrorKind.NO_ATTRIBUTE, kindOf(() -> xattrs.get(INODE, NAME)));
        List<byte[]> left = xattrs.list(INODE);
        assertArrayEquals(OTHER, left.get(0));
        assertArrayEquals(OTHER, left.get(1));
    }

    @Test
    void aMissingPieceIsDamageAndNotAShorterValue() throws IOException {
        xattrs.set(INODE, NAME, bytes(1, 5000), XattrMode.CREATE);
        fixture.tree()
                .change(
                        1,
                        change ->
                                change.tree()
                                        .remove(
                                                INODE,
                                                ItemKind.XATTR.number(),
                                                hash.offset(NAME) + 2));
        assertThrows(CorruptException.class, () -> xattrs.get(INODE, NAME));
        assertThrows(
                CorruptException.class,
                () -> xattrs.set(INODE, NAME, bytes(1, 1), XattrMode.REPLACE));
    }

    @Test
    void systemAttributesOtherThanAccessListsAreRefused() {
        byte[] other = "system.nfs4_acl".getBytes(UTF_8);
        assertEquals(ErrorKind.UNSUPPORTED, kindOf(() -> xattrs.get(INODE, other)));
        assertEquals(
                ErrorKind.UNSUPPORTED,
                kindOf(() -> xattrs.set(INODE, other, bytes(1, 4), XattrMode.CREATE_OR_REPLACE)));
    }

    /// Puts another attribute where {@link #NAME} would go.
    private void collide(int disambiguator, byte[] value) throws IOException {
        byte[] item = XattrItem.of(OTHER, 0, value, 0, value.length);
        long offset = hash.offset(NAME) + disambiguator;
        fixture.tree()
                .change(
                        1,
                        change -> {
                            change.tree().put(INODE, ItemKind.XATTR.number(), offset, item);
                            return offset;
                        });
    }

    private static ErrorKind kindOf(org.junit.jupiter.api.function.Executable body) {
        return assertThrows(CowException.class, body).kind();
    }

    private static byte[] bytes(long seed, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
