package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.ReadableVolume;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A pinned state is read whole whatever comes after it, and costs nobody a failure.
final class PinnedStateTest {
    private static final int MIB = 1 << 20;
    private static final OpenOptions OPTIONS = new OpenOptions(false, 1 << 20, Duration.ZERO);

    private final MemoryDevice device = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
    private Pool pool;
    private Volume main;

    @BeforeEach
    void open() throws IOException {
        Images.format(device, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, 2, "pin"));
        pool = Images.open(device, OPTIONS);
        main = pool.volume(Ref.MAIN);
    }

    @AfterEach
    void close() throws IOException {
        pool.close();
        assertEquals(List.of(), Images.check(device.copy(), (done, total) -> {}).findings());
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] content(long seed, int bytes) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return content;
    }

    private long write(String file, byte[] content) throws IOException {
        long inode =
                main.create(Volume.ROOT_INODE, name(file), NewInode.regular(0600, 0, 0)).inode();
        main.write(inode, 0, ByteBuffer.wrap(content));
        return inode;
    }

    private static byte[] read(ReadableVolume volume, String file, int bytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(bytes);
        volume.read(volume.lookup(Volume.ROOT_INODE, name(file)).inode(), 0, target);
        return target.array();
    }

    private static List<String> names(ReadableVolume volume) throws IOException {
        List<String> names = new ArrayList<>();
        volume.readDirectory(
                Volume.ROOT_INODE,
                2,
                (name, inode, type, cookie) ->
                        names.add(new String(name, StandardCharsets.US_ASCII)));
        names.sort(null);
        return names;
    }

    /// Writes until there is no space, in pieces that force blocks to be used again.
    private int fillUp(long seed) throws IOException {
        int files = 0;
        try {
            while (true) {
                write("fill" + seed + "." + files, content(seed + files, 256 << 10));
                files++;
            }
        } catch (CowException full) {
            assertEquals(ErrorKind.NO_SPACE, full.kind());
        }
        return files;
    }

    private void removeFilled(long seed) throws IOException {
        for (int i = 0; ; i++) {
            try {
                main.unlink(Volume.ROOT_INODE, name("fill" + seed + "." + i));
            } catch (CowException none) {
                assertEquals(ErrorKind.NOT_FOUND, none.kind());
                return;
            }
        }
    }

    @Test
    void whatWasWrittenBeforeIsInItAndWhatCameLaterIsNot() throws IOException {
        write("before", content(1, 5000));
        try (PinnedState pinned = pool.pin()) {
            write("after", content(2, 5000));
            main.unlink(Volume.ROOT_INODE, name("before"));
            pool.sync();
            ReadableVolume volume = pinned.volume(Ref.MAIN);
            assertEquals(List.of("before"), names(volume));
            assertArrayEquals(content(1, 5000), read(volume, "before", 5000));
            assertEquals(List.of("after"), names(main));
            assertEquals(pool.info().txg() - 1, pinned.txg());
        }
    }

    @Test
    void deletedSubvolumesAndSnapshotsStayReadable() throws IOException {
        write("file", content(3, MIB));
        pool.snapshot(Ref.parse("main@s"));
        pool.createSubvolume("other");
        try (PinnedState pinned = pool.pin()) {
            ReadableVolume early = pinned.volume(Ref.parse("main@s"));
            pool.delete(List.of(Ref.parse("main@s"), Ref.parse("other")));
            main.unlink(Volume.ROOT_INODE, name("file"));
            pool.awaitReclaim();
            pool.sync();
            fillUp(100);
            removeFilled(100);
            assertEquals(
                    List.of("main", "main@s", "other"),
                    pinned.list().stream().map(each -> each.ref().toString()).toList());
            assertThrows(CowException.class, () -> pool.volume(Ref.parse("main@s")));
            CowException given = assertThrows(CowException.class, () -> read(early, "file", MIB));
            assertEquals(ErrorKind.BUSY, given.kind());
        }
    }

    @Test
    void manyRoundsOfRewritingLeaveItAsItWas() throws IOException {
        for (int i = 0; i < 20; i++) {
            write("keep" + i, content(i, 40_000));
        }
        try (PinnedState pinned = pool.pin()) {
            ReadableVolume volume = pinned.volume(Ref.MAIN);
            for (int round = 1; round <= 40; round++) {
                for (int i = 0; i < 20; i++) {
                    long inode = main.lookup(Volume.ROOT_INODE, name("keep" + i)).inode();
                    main.write(inode, 0, ByteBuffer.wrap(content(1000L * round + i, 40_000)));
                }
                write("new" + round, content(round, 100_000));
                pool.sync();
            }
            for (int i = 0; i < 20; i++) {
                assertArrayEquals(content(i, 40_000), read(volume, "keep" + i, 40_000), "keep" + i);
            }
            assertEquals(20, names(volume).size());
        }
    }

    @Test
    void severalPinsEachKeepTheirOwnStateInWhateverOrderTheyEnd() throws IOException {
        Random random = new Random(7);
        List<PinnedState> pins = new ArrayList<>();
        List<Integer> versions = new ArrayList<>();
        long inode = write("file", content(0, 300_000));
        for (int version = 1; version < 60; version++) {
            pins.add(pool.pin());
            versions.add(version - 1);
            main.write(inode, 0, ByteBuffer.wrap(content(version, 300_000)));
            pool.sync();
            while (pins.size() > 5) {
                int place = random.nextInt(pins.size());
                for (int i = 0; i < pins.size(); i++) {
                    assertArrayEquals(
                            content(versions.get(i), 300_000),
                            read(pins.get(i).volume(Ref.MAIN), "file", 300_000),
                            "version " + versions.get(i));
                }
                pins.remove(place).close();
                versions.remove(place);
            }
        }
        for (PinnedState pin : pins) {
            pin.close();
        }
    }

    @Test
    void whatItKeepsComesBackWhenItEnds() throws IOException {
        long inode = write("file", content(1, 8 * MIB));
        pool.sync();
        long before = pool.info().freeBytes();
        PinnedState pinned = pool.pin();
        main.unlink(Volume.ROOT_INODE, name("file"));
        pool.sync();
        assertEquals(
                content(1, 8 * MIB)[77],
                read(pinned.volume(Ref.MAIN), "file", 8 * MIB)[77],
                "of inode " + inode);
        pinned.close();
        pool.sync();
        assertTrue(pool.info().freeBytes() >= before + 7 * MIB, "the file's space is free");
        assertTrue(fillUp(1) * 256L << 10 >= 8 * MIB, "and can be taken");
    }

    @Test
    void whoNeedsTheSpaceGetsItAndReadersAreTold() throws IOException {
        int files = fillUp(1);
        pool.sync();
        PinnedState pinned = pool.pin();
        ReadableVolume volume = pinned.volume(Ref.MAIN);
        removeFilled(1);
        pool.sync();
        int again = fillUp(2);
        assertTrue(again >= files - 2, again + " of " + files + " files");
        CowException gone =
                assertThrows(CowException.class, () -> read(volume, "fill1.0", 256 << 10));
        assertEquals(ErrorKind.BUSY, gone.kind());
        pinned.close();
    }

    @Test
    void itsExtentsAreNotSharedWithTheLiveTree() throws IOException {
        long inode = write("file", content(1, 100_000));
        try (PinnedState pinned = pool.pin()) {
            Volume source = (Volume) pinned.volume(Ref.MAIN);
            main.unlink(Volume.ROOT_INODE, name("file"));
            pool.sync();
            long copy = write("copy", new byte[0]);
            CowException refused =
                    assertThrows(
                            CowException.class,
                            () -> main.cloneFile(source, inode, copy, SetIdBits.KEEP));
            assertEquals(ErrorKind.UNSUPPORTED, refused.kind());
            assertThrows(
                    CowException.class,
                    () ->
                            source.create(
                                    Volume.ROOT_INODE, name("x"), NewInode.regular(0600, 0, 0)));
        }
    }

    @Test
    void aClosedPinFailsAndThereIsABound() throws IOException {
        PinnedState closed = pool.pin();
        closed.close();
        CowException failure = assertThrows(CowException.class, () -> closed.volume(Ref.MAIN));
        assertEquals(ErrorKind.BUSY, failure.kind());
        List<PinnedState> pins = new ArrayList<>();
        CowException refused =
                assertThrows(
                        CowException.class,
                        () -> {
                            while (pins.size() < 1000) {
                                pins.add(pool.pin());
                            }
                        });
        assertEquals(ErrorKind.BUSY, refused.kind());
        assertEquals(64, pins.size());
        for (PinnedState pin : pins) {
            pin.close();
        }
        pool.pin().close();
    }

    @Test
    void anImageThatIsOnlyReadCanBePinned() throws IOException {
        write("file", content(1, 5000));
        pool.sync();
        try (Pool reader = Images.open(device.copy(), OpenOptions.READ_ONLY);
                PinnedState pinned = reader.pin()) {
            assertArrayEquals(content(1, 5000), read(pinned.volume(Ref.MAIN), "file", 5000));
        }
    }
}
