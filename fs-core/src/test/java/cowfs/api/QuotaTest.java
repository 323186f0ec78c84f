package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.VolumeStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a subvolume may become: quotas on bytes and inodes, and read-only for a while. The image is
/// checked at the end, counts included.
@Timeout(120)
final class QuotaTest {
    private static final long ROOT = Volume.ROOT_INODE;
    private static final Ref OLD = new Ref("main", "old");

    private static final OpenOptions OPTIONS = OpenOptions.DEFAULTS;

    private MemoryDevice device = new MemoryDevice(256L << 20);
    private Pool pool;

    @BeforeEach
    void open() throws IOException {
        Images.format(device, new FormatOptions(256L << 20, 8192, 2, "quota"));
        reopen();
    }

    @AfterEach
    void close() throws IOException {
        pool.close();
        assertEquals(List.of(), Images.check(device.copy(), (done, total) -> {}).findings());
    }

    private void reopen() throws IOException {
        if (pool != null) {
            pool.close();
        }
        device = device.copy();
        pool = Images.open(device, OPTIONS);
    }

    private Volume main() throws IOException {
        return pool.volume(Ref.MAIN);
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static long file(Volume volume, String name) throws IOException {
        return volume.create(ROOT, name(name), NewInode.regular(0644, 1, 2)).inode();
    }

    private static ByteBuffer bytes(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return ByteBuffer.wrap(content);
    }

    private static void assertFails(ErrorKind kind, Executable call) {
        assertEquals(kind, assertThrows(CowException.class, call).kind());
    }

    private long referenced(Ref ref) throws IOException {
        return pool.spaceUsage(List.of(ref)).getFirst().referencedBytes();
    }

    /// Appends 64 KiB at a time until it is refused.
    private static long fill(Volume volume, long file) {
        long at = 0;
        try {
            while (true) {
                volume.write(file, at, bytes(65_536));
                at += 65_536;
            }
        } catch (CowException full) {
            assertEquals(ErrorKind.QUOTA, full.kind());
            return at;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void writesStopAtTheQuotaAndGoOnWhenFilesAreGone() throws IOException {
        pool.setProperty(Ref.MAIN, Property.QUOTA, Long.toString(8 << 20));
        long file = file(main(), "f");
        long written = fill(main(), file);
        assertTrue(referenced(Ref.MAIN) <= 8 << 20);
        assertTrue(written > (8 << 20) - (1 << 20), "written " + written);

        assertEquals(written, main().getAttributes(file).sizeBytes());
        main().write(file, 0, bytes(4096)); // in place of another block
        main().setAttributes(file, AttributeChange.ofSize(4 << 20));
        assertTrue(fill(main(), file(main(), "g")) >= 3 << 20);
        main().unlink(ROOT, name("f"));
        main().unlink(ROOT, name("g"));
        assertTrue(referenced(Ref.MAIN) < 1 << 20);
        assertEquals((double) written, fill(main(), file(main(), "h")), 1 << 20);
    }

    @Test
    void snapshotsDoNotCountAndNorDoesTheirDeletion() throws IOException {
        pool.setProperty(Ref.MAIN, Property.QUOTA, Long.toString(8 << 20));
        long file = file(main(), "f");
        main().write(file, 0, bytes(6 << 20));
        pool.snapshot(OLD);
        for (int round = 0; round < 4; round++) {
            main().write(file, 0, bytes((6 << 20) - round)); // all new blocks, none more
        }
        main().unlink(ROOT, name("f"));
        main().write(file(main(), "g"), 0, bytes(6 << 20));
        pool.delete(List.of(OLD));
        assertFails(ErrorKind.QUOTA, () -> main().write(file(main(), "h"), 0, bytes(4 << 20)));
        pool.awaitReclaim();
        assertTrue(referenced(Ref.MAIN) <= 8 << 20);
    }

    @Test
    void whatIsRefusedHasChangedNothing() throws IOException {
        long before = pool.info().usedBytes();
        long file = file(main(), "f");
        pool.setProperty(Ref.MAIN, Property.QUOTA, Long.toString(1 << 20));
        for (int i = 0; i < 50; i++) {
            assertFails(
                    ErrorKind.QUOTA,
                    () -> main().allocate(file, Volume.AllocateMode.ALLOCATE, 0, 2 << 20));
            assertFails(ErrorKind.QUOTA, () -> main().write(file, 900 << 10, bytes(1 << 20)));
        }
        assertEquals(0, main().getAttributes(file).sizeBytes());
        pool.sync();
        pool.sync();
        assertTrue(pool.info().usedBytes() - before < 1 << 20);
    }

    @Test
    void inodesAreCountedAlsoThoseWithoutAName() throws IOException {
        pool.setProperty(Ref.MAIN, Property.INODE_QUOTA, "10");
        for (int i = 1; i < 10; i++) {
            file(main(), "f" + i);
        }
        assertFails(ErrorKind.QUOTA, () -> file(main(), "g"));
        assertFails(
                ErrorKind.QUOTA,
                () -> main().create(ROOT, name("d"), NewInode.directory(0755, 0, 0)));
        assertFails(
                ErrorKind.QUOTA,
                () -> main().symlink(ROOT, name("s"), name("t"), NewInode.regular(0, 0, 0)));
        assertFails(
                ErrorKind.QUOTA, () -> main().createUnlinked(ROOT, NewInode.regular(0644, 0, 0)));
        long first = main().lookup(ROOT, name("f1")).inode();
        main().link(first, ROOT, name("another name"));
        main().hold(first);
        main().unlink(ROOT, name("f1"));
        main().unlink(ROOT, name("another name"));
        assertFails(ErrorKind.QUOTA, () -> file(main(), "g"));
        main().release(first, 1);
        file(main(), "g");
        VolumeStatus status = main().status();
        assertEquals(10, status.usedInodeCount());
        assertEquals(0, status.freeInodeCount());
    }

    @Test
    void whatStatfsCallsFreeIsWhatTheQuotaLeaves() throws IOException {
        pool.setProperty(Ref.MAIN, Property.QUOTA, Long.toString(16 << 20));
        main().write(file(main(), "f"), 0, bytes(5 << 20));
        VolumeStatus status = main().status();
        assertEquals((16 << 20) / 4096, status.blockCount());
        assertEquals((11 << 20) / 4096.0, status.freeBlockCount(), 20);
        assertEquals(status.freeBlockCount(), status.unusedBlockCount());
        pool.setProperty(Ref.MAIN, Property.QUOTA, null);
        assertTrue(main().status().blockCount() > (200 << 20) / 4096);
    }

    @Test
    void aQuotaBelowUseIsRefusedAndLeavesTheOldOne() throws IOException {
        main().write(file(main(), "f"), 0, bytes(2 << 20));
        pool.setProperty(Ref.MAIN, Property.QUOTA, Long.toString(4 << 20));
        String text =
                assertThrows(
                                CowException.class,
                                () -> pool.setProperty(Ref.MAIN, Property.QUOTA, "1048576"))
                        .getMessage();
        assertTrue(text.contains("'main' has 2") && text.contains("larger"), text);
        assertFails(ErrorKind.INVALID, () -> pool.setProperty(Ref.MAIN, Property.INODE_QUOTA, "1"));
        assertEquals(Long.toString(4 << 20), pool.properties(Ref.MAIN).get(Property.QUOTA));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1",
                "1.5",
                "10G",
                "",
                " 5",
                "4611686018427387905",
                "99999999999999999999"
            })
    void whatIsNoNumberCanBeNoQuota(String value) {
        assertFails(ErrorKind.INVALID, () -> pool.setProperty(Ref.MAIN, Property.QUOTA, value));
    }

    @Test
    void quotasOutliveTheImageBeingClosedAndGoOnToClones() throws IOException {
        pool.setProperty(Ref.MAIN, Property.QUOTA, Long.toString(4 << 20));
        pool.setProperty(Ref.MAIN, Property.INODE_QUOTA, "3");
        main().write(file(main(), "f"), 0, bytes(2 << 20));
        pool.snapshot(OLD);
        reopen();
        assertFails(ErrorKind.QUOTA, () -> main().write(file(main(), "g"), 0, bytes(3 << 20)));
        assertFails(ErrorKind.QUOTA, () -> file(main(), "h"));
        pool.cloneSubvolume(OLD, "clone");
        Volume clone = pool.volume(new Ref("clone", null));
        file(clone, "g");
        assertFails(ErrorKind.QUOTA, () -> file(clone, "h"));
        pool.rollback(OLD, null);
        file(main(), "g");
        assertFails(ErrorKind.QUOTA, () -> file(main(), "h"));
    }

    @Test
    void aReadOnlySubvolumeTakesNoChanges() throws IOException {
        long file = file(main(), "f");
        main().write(file, 0, bytes(5000));
        pool.setProperty(Ref.MAIN, Property.READ_ONLY, "on");
        assertFails(ErrorKind.READ_ONLY, () -> main().write(file, 0, bytes(1)));
        assertFails(ErrorKind.READ_ONLY, () -> main().unlink(ROOT, name("f")));
        assertFails(
                ErrorKind.READ_ONLY,
                () -> main().setAttributes(file, AttributeChange.ofMode(0600)));
        reopen();
        assertFails(ErrorKind.READ_ONLY, () -> file(main(), "g"));
        assertEquals(5000, main().getAttributes(file).sizeBytes());
        pool.snapshot(OLD);
        assertFails(ErrorKind.INVALID, () -> pool.setProperty(Ref.MAIN, Property.READ_ONLY, "no"));
        pool.setProperty(Ref.MAIN, Property.READ_ONLY, "off");
        file(main(), "g");
    }

    @Test
    void whatWasUnlinkedWhileOpenGoesWhenReadOnlyEnds() throws IOException {
        long file = file(main(), "f");
        main().write(file, 0, bytes(1 << 20));
        main().hold(file);
        main().unlink(ROOT, name("f"));
        pool.setProperty(Ref.MAIN, Property.READ_ONLY, "on");
        main().release(file, 1);
        reopen();
        main().getAttributes(ROOT);
        pool.setProperty(Ref.MAIN, Property.READ_ONLY, "off");
        reopen();
        assertTrue(main().status().usedInodeCount() == 1, "only the root is left");
    }
}
