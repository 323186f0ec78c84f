package cowfs.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import cowfs.format.ItemKind;
import cowfs.format.OrphanItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Inodes without a name: what is in the tree while they are held, and that nothing is left of
/// them.
final class OrphansTest {
    private static final byte[] NAME = "f".getBytes(UTF_8);

    private TreeFixture fixture;
    private TreeVolume volume;

    @BeforeEach
    void open() throws IOException {
        fixture = new TreeFixture(4096, 1, 64 << 20);
        volume = fixture.volume();
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Test
    void aSmallInodeGoesWithItsNameAndLeavesNothing() throws IOException {
        long file = fragmentedFile(10);
        volume.setXattr(file, "user.a".getBytes(UTF_8), new byte[3000], XattrMode.CREATE);
        volume.unlink(Volume.ROOT_INODE, NAME);
        assertEquals("{inode=1}", itemCounts());
    }

    @Test
    void aLargeInodeGoesInStepsAndLeavesNothing() throws IOException {
        fragmentedFile(1700);
        volume.unlink(Volume.ROOT_INODE, NAME);
        assertEquals("{inode=1}", itemCounts());
        volume.fsync(Volume.ROOT_INODE, false);
        fixture.reopen();
        assertEquals("{inode=1}", itemCounts());
    }

    @Test
    void aHeldInodeIsAnOrphanUntilItsLastRelease() throws IOException {
        long file = fragmentedFile(3);
        volume.hold(file);
        volume.hold(file);
        volume.unlink(Volume.ROOT_INODE, NAME);
        assertEquals("{content=3, inode=2, orphan=1}", itemCounts());
        volume.release(file, 1);
        assertEquals("{content=3, inode=2, orphan=1}", itemCounts());
        volume.release(file, 1);
        assertEquals("{inode=1}", itemCounts());
    }

    @Test
    void replacingAHeldInodeMakesItAnOrphan() throws IOException {
        long file = fragmentedFile(3);
        volume.hold(file);
        byte[] other = "g".getBytes(UTF_8);
        volume.create(Volume.ROOT_INODE, other, NewInode.regular(0600, 0, 0));
        volume.rename(Volume.ROOT_INODE, other, Volume.ROOT_INODE, NAME, RenameMode.REPLACE);
        assertEquals("{content=3, dirent=1, inode=3, inode_ref=1, orphan=1}", itemCounts());
        volume.release(file, 1);
        assertEquals("{dirent=1, inode=2, inode_ref=1}", itemCounts());
    }

    @Test
    void recoveryRemovesOrphansThatNobodyHolds() throws IOException {
        long file = fragmentedFile(900);
        volume.hold(file);
        volume.unlink(Volume.ROOT_INODE, NAME);
        long kept = fragmentedFile(2);
        volume.hold(kept);
        volume.unlink(Volume.ROOT_INODE, NAME);
        volume.fsync(file, false);
        fixture.reopen();
        volume = fixture.volume();
        volume.recoverOrphans();
        assertEquals("{inode=1}", itemCounts());
    }

    @Test
    void recoveryLeavesAloneWhatIsHeld() throws IOException {
        long file = fragmentedFile(3);
        volume.hold(file);
        volume.unlink(Volume.ROOT_INODE, NAME);
        volume.recoverOrphans();
        assertEquals(0, volume.getAttributes(file).linkCount());
        volume.release(file, 1);
        assertEquals("{inode=1}", itemCounts());
    }

    @Test
    void anOrphanThatNobodyHoldsIsNotHeldAgain() throws IOException {
        long file = fragmentedFile(2);
        volume.hold(file);
        volume.unlink(Volume.ROOT_INODE, NAME);
        fixture.reopen();
        volume = fixture.volume();
        CowException e = assertThrows(CowException.class, () -> volume.hold(file));
        assertEquals(ErrorKind.NOT_FOUND, e.kind());
    }

    @Test
    void anOrphanItemOfALivingInodeIsDamageAndRemovesNothing() throws IOException {
        long file = fragmentedFile(2);
        putOrphan(file);
        assertThrows(CorruptException.class, volume::recoverOrphans);
        assertEquals(1, volume.lookup(Volume.ROOT_INODE, NAME).linkCount());
    }

    @Test
    void anOrphanItemWithoutAnInodeIsDamage() throws IOException {
        putOrphan(4711);
        assertThrows(CorruptException.class, volume::recoverOrphans);
    }

    private void putOrphan(long inode) throws IOException {
        fixture.expectDamage();
        fixture.tree()
                .change(
                        1,
                        change -> {
                            byte[] item = OrphanItem.of(change.txg());
                            change.tree().put(0, ItemKind.ORPHAN.number(), inode, item);
                            return inode;
                        });
    }

    /// A file of so many pieces, none next to another.
    private long fragmentedFile(int pieces) throws IOException {
        long file = volume.create(Volume.ROOT_INODE, NAME, NewInode.regular(0600, 0, 0)).inode();
        for (int i = 0; i < pieces; i++) {
            volume.write(file, 8192L * i, ByteBuffer.wrap(new byte[4096]));
        }
        return file;
    }

    /// How many items of each kind the tree has.
    private String itemCounts() throws IOException {
        return fixture.tree()
                .read(
                        items -> {
                            TreeMap<String, Integer> counts = new TreeMap<>();
                            Cursor c = items.cursor();
                            for (boolean more = c.seek(0, 0, 0); more; more = c.next()) {
                                counts.merge(ItemKind.nameOf(c.kind()), 1, Integer::sum);
                            }
                            return counts.toString();
                        });
    }
}
