package cowfs.model;

import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.write;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tests of setting attributes and of which times an operation moves.
public interface AttributeContract extends VolumeFixture {
    /// An operation whose effect on times is looked at.
    @FunctionalInterface
    interface Action {
        void run() throws IOException;
    }

    /// Which of an inode's times an operation moved: some of `m` and `c`.
    static String moved(Volume volume, long inode, Action action) throws IOException {
        Attributes before = volume.getAttributes(inode);
        awaitTick();
        action.run();
        Attributes after = volume.getAttributes(inode);
        assertEquals(before.born(), after.born());
        return (before.modified().equals(after.modified()) ? "" : "m")
                + (before.changed().equals(after.changed()) ? "" : "c");
    }

    /// Returns when the clock shows another time than before.
    static void awaitTick() {
        Instant start = Timestamp.now().toInstant();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Timestamp.now().toInstant().isAfter(start.plusMillis(2)));
    }

    @Test
    default void eachAttributeIsSetAloneAndAllTogether() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        assertEquals(
                Attributes.REGULAR | 07751,
                volume.setAttributes(f, AttributeChange.ofMode(Attributes.FIFO | 07751)).mode());
        assertEquals(
                0x7fff_fff0,
                volume.setAttributes(f, AttributeChange.ofOwner(0x7fff_fff0, null)).uid());
        assertEquals(-2, volume.setAttributes(f, AttributeChange.ofOwner(null, -2)).gid());
        assertEquals(0x7fff_fff0, volume.getAttributes(f).uid());
        Timestamp accessed = new Timestamp(-5, 999_999_999);
        Timestamp modified = new Timestamp(1L << 33, 1);
        Attributes set =
                volume.setAttributes(f, new AttributeChange(0600, 3, 4, 5L, accessed, modified));
        assertEquals(set, volume.getAttributes(f));
        assertEquals(set, reopen().getAttributes(f));
        assertEquals(Attributes.REGULAR | 0600, set.mode());
        assertEquals(3, set.uid());
        assertEquals(4, set.gid());
        assertEquals(5, set.sizeBytes());
        assertEquals(accessed, set.accessed());
        assertEquals(modified, set.modified());
    }

    @Test
    default void aNewInodeIsBornNow() throws IOException {
        Volume volume = volume();
        Instant before = Timestamp.now().toInstant();
        Attributes made = volume.getAttributes(file(volume, "f"));
        Instant after = Timestamp.now().toInstant();
        assertFalse(made.born().toInstant().isBefore(before));
        assertFalse(made.born().toInstant().isAfter(after));
        assertEquals(made.born(), made.modified());
        assertEquals(made.born(), made.changed());
        assertEquals(made.born(), made.accessed());
    }

    @Test
    default void changesOfContentMoveBothTimes() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        assertEquals("mc", moved(volume, f, () -> write(volume, f, 0, pattern(1, 10_000))));
        assertEquals(
                "mc",
                moved(volume, f, () -> volume.setAttributes(f, AttributeChange.ofSize(9_000))));
        assertEquals(
                "mc", moved(volume, f, () -> volume.allocate(f, AllocateMode.PUNCH_HOLE, 0, 99)));
        assertEquals(
                "mc", moved(volume, f, () -> volume.allocate(f, AllocateMode.ZERO_RANGE, 99, 99)));
        assertEquals("", moved(volume, f, () -> VolumeFixture.readAll(volume, f)));
        assertEquals("", moved(volume, f, () -> volume.fsync(f, false)));
    }

    @Test
    default void changesOfAttributesMoveTheChangeTimeOnly() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        assertEquals(
                "c", moved(volume, f, () -> volume.setAttributes(f, AttributeChange.ofMode(0))));
        assertEquals(
                "c",
                moved(volume, f, () -> volume.setAttributes(f, AttributeChange.ofOwner(5, 5))));
        assertEquals("c", moved(volume, f, () -> volume.setAttributes(f, AttributeChange.NONE)));
        byte[] xattr = name("user.x");
        assertEquals(
                "c",
                moved(
                        volume,
                        f,
                        () -> volume.setXattr(f, xattr, xattr, XattrMode.CREATE_OR_REPLACE)));
        assertEquals("c", moved(volume, f, () -> volume.removeXattr(f, xattr)));
        assertEquals("c", moved(volume, f, () -> volume.link(f, ROOT, name("g"))));
        assertEquals("c", moved(volume, f, () -> volume.unlink(ROOT, name("g"))));
        assertEquals(
                "c",
                moved(
                        volume,
                        f,
                        () -> volume.rename(ROOT, name("f"), ROOT, name("h"), RenameMode.REPLACE)));
    }

    @Test
    default void changesOfEntriesMoveTheDirectorysTimes() throws IOException {
        Volume volume = volume();
        long d = directory(volume, ROOT, "d");
        long e = directory(volume, ROOT, "e");
        assertEquals("mc", moved(volume, d, () -> file(volume, d, "f")));
        long f = volume.lookup(d, name("f")).inode();
        assertEquals("mc", moved(volume, d, () -> volume.link(f, d, name("g"))));
        assertEquals("mc", moved(volume, d, () -> volume.unlink(d, name("g"))));
        assertEquals("mc", moved(volume, d, () -> directory(volume, d, "sub")));
        assertEquals("mc", moved(volume, d, () -> volume.removeDirectory(d, name("sub"))));
        assertEquals("", moved(volume, d, () -> write(volume, f, 0, pattern(1, 10))));
        assertEquals("", moved(volume, d, () -> VolumeFixture.names(volume, d)));
        Action move = () -> volume.rename(d, name("f"), e, name("f"), RenameMode.REPLACE);
        Action back = () -> volume.rename(e, name("f"), d, name("f"), RenameMode.REPLACE);
        assertEquals("mc", moved(volume, d, move));
        assertEquals("mc", moved(volume, e, back));
        assertEquals("mc", moved(volume, e, move));
    }

    @Test
    default void blockCountFollowsTheBlocksInUse() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 1 << 20));
        long full = volume.getAttributes(f).blockCount();
        assertEquals((1 << 20) / 512, full);
        write(volume, f, 100, pattern(2, 500_000));
        assertEquals(full, volume.getAttributes(f).blockCount());
        volume.allocate(f, AllocateMode.PUNCH_HOLE, 0, 1 << 19);
        assertEquals(full / 2, volume.getAttributes(f).blockCount());
        assertEquals(full / 2, reopen().getAttributes(f).blockCount());
        assertTrue(volume().status().freeBlockCount() > 0);
    }

    @Test
    default void newContentTakesCapabilitiesAndSetIdBitsAway() throws IOException {
        Volume volume = volume();
        byte[] name = ModelTree.bytes("security.capability");
        long f = file(volume, "f");
        List<PrivilegeLoss> ways =
                List.of(
                        bits -> volume.write(f, 0, ByteBuffer.wrap(new byte[9]), bits),
                        bits -> volume.allocate(f, AllocateMode.ALLOCATE, 0, 9000, bits),
                        bits -> volume.allocate(f, AllocateMode.PUNCH_HOLE, 0, 4096, bits),
                        bits -> volume.allocate(f, AllocateMode.ZERO_RANGE, 0, 10, bits),
                        bits -> volume.setAttributes(f, AttributeChange.ofSize(77).with(bits)),
                        bits -> volume.setAttributes(f, AttributeChange.ofOwner(7, 8).with(bits)));
        for (PrivilegeLoss way : ways) {
            for (SetIdBits bits : SetIdBits.values()) {
                for (int mode : new int[] {06755, 06745}) {
                    volume.setAttributes(f, AttributeChange.ofMode(mode));
                    volume.setXattr(f, name, new byte[20], XattrMode.CREATE);
                    way.run(bits);
                    int wanted = bits == SetIdBits.KEEP ? mode : mode == 06755 ? 0755 : 02745;
                    assertEquals(wanted, volume.getAttributes(f).mode() & 07777, "mode");
                    assertFails(ErrorKind.NO_ATTRIBUTE, () -> volume.getXattr(f, name));
                }
            }
        }
        volume.setXattr(f, name, new byte[20], XattrMode.CREATE);
        volume.setAttributes(f, AttributeChange.ofMode(0644).with(SetIdBits.CLEAR));
        assertEquals(20, volume.getXattr(f, name).length, "a new mode takes nothing");
    }

    /// Something that a file must not keep its privileges over.
    @FunctionalInterface
    interface PrivilegeLoss {
        void run(SetIdBits bits) throws IOException;
    }

    @Test
    default void aDirectoryKeepsItsBitsUnderANewOwner() throws IOException {
        Volume volume = volume();
        long d = directory(volume, Volume.ROOT_INODE, "d");
        volume.setAttributes(d, AttributeChange.ofMode(06775));
        volume.setAttributes(d, AttributeChange.ofOwner(5, 5).with(SetIdBits.CLEAR));
        assertEquals(06775, volume.getAttributes(d).mode() & 07777);
    }
}
