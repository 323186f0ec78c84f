package cowfs.device;

import static cowfs.device.BlockDeviceContract.bytes;
import static cowfs.device.BlockDeviceContract.read;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileDeviceTest implements BlockDeviceContract {
    @TempDir private Path folder;
    private int fileCount;

    @Override
    public BlockDevice newDevice(long sizeBytes) throws IOException {
        return FileDevice.create(newPath(), sizeBytes);
    }

    @Test
    void contentOutlivesTheDevice() throws IOException {
        Path file = newPath();
        try (FileDevice device = FileDevice.create(file, 65536)) {
            device.write(5000, ByteBuffer.wrap(bytes(1, 9000)));
            device.flush();
        }
        try (FileDevice device = FileDevice.open(file, false)) {
            assertEquals(65536, device.sizeBytes());
            assertArrayEquals(bytes(1, 9000), read(device, 5000, 9000));
        }
    }

    @Test
    void aFileIsResizedAlsoUnderAnotherName() throws IOException {
        Path file = newPath();
        try (FileDevice device = FileDevice.create(file, 65536)) {
            device.write(60_000, ByteBuffer.wrap(bytes(1, 5536)));
            Path renamed = Files.move(file, newPath());
            device.resizeTo(100_000);
            assertEquals(100_000, device.sizeBytes());
            assertEquals(100_000, Files.size(renamed));
            assertArrayEquals(bytes(1, 5536), read(device, 60_000, 5536));
            assertArrayEquals(new byte[34_464], read(device, 65_536, 34_464));
            device.write(99_000, ByteBuffer.wrap(bytes(2, 1000)));
            device.resizeTo(61_000);
            assertEquals(61_000, Files.size(renamed));
            assertThrows(IOException.class, () -> read(device, 60_000, 1001));
            device.resizeTo(65_536);
            assertArrayEquals(new byte[4536], read(device, 61_000, 4536));
            Thread.currentThread().interrupt();
            device.resizeTo(70_000);
            assertTrue(Thread.interrupted());
            assertEquals(70_000, Files.size(renamed));
        }
    }

    @Test
    void aFileNameOutsideAsciiIsOpened() throws IOException {
        Path file = folder.resolve("größe 雪.img");
        FileDevice.create(file, 4096).close();
        try (FileDevice device = FileDevice.open(file, true)) {
            assertEquals(4096, device.sizeBytes());
        }
    }

    @Test
    void aNewFileIsSparse() throws Exception {
        Path file = newPath();
        try (FileDevice device = FileDevice.create(file, 1L << 40)) {
            assertEquals(1L << 40, device.sizeBytes());
            device.write((1L << 40) - 4096, ByteBuffer.wrap(bytes(2, 4096)));
            device.flush();
            assertTrue(hostBytes(file) <= 65536, "takes " + hostBytes(file));
        }
    }

    @Test
    void createRefusesANameThatIsTakenAndLeavesTheFileAlone() throws IOException {
        Path file = newPath();
        Files.write(file, bytes(3, 10));
        assertThrows(FileAlreadyExistsException.class, () -> FileDevice.create(file, 4096));
        assertArrayEquals(bytes(3, 10), Files.readAllBytes(file));
    }

    @Test
    void createLeavesNoFileBehindWhenTheHostRefusesTheSize() {
        Path file = newPath();
        assertThrows(IOException.class, () -> FileDevice.create(file, Long.MAX_VALUE));
        assertFalse(Files.exists(file));
    }

    @Test
    void openRefusesWhatIsNoFileOrBlockDevice() throws Exception {
        assertThrows(NoSuchFileException.class, () -> FileDevice.open(newPath(), true));
        assertThrows(FileSystemException.class, () -> FileDevice.open(folder, true));
        assertThrows(FileSystemException.class, () -> FileDevice.open(folder, false));
        assertThrows(FileSystemException.class, () -> FileDevice.open(Path.of("/dev/null"), true));
        Path pipe = newPath();
        run("mkfifo", pipe.toString());
        assertThrows(FileSystemException.class, () -> FileDevice.open(pipe, false));
    }

    @Test
    void aReadOnlyDeviceRefusesToWriteAndDiscard() throws IOException {
        Path file = newPath();
        Files.write(file, bytes(4, 8192));
        try (FileDevice device = FileDevice.open(file, false)) {
            assertThrows(IOException.class, () -> device.write(0, ByteBuffer.allocate(1)));
            assertThrows(IOException.class, () -> device.discard(0, 4096));
            device.flush();
            assertArrayEquals(bytes(4, 8192), read(device, 0, 8192));
        }
    }

    @Test
    void discardGivesSpaceBackToTheHostAndKeepsTheSize() throws Exception {
        Path file = newPath();
        try (FileDevice device = FileDevice.create(file, 4 << 20)) {
            device.write(0, ByteBuffer.wrap(bytes(5, 4 << 20)));
            device.flush();
            long before = hostBytes(file);
            device.discard(4095, (3 << 20) + 1);
            device.flush();
            assertTrue(hostBytes(file) <= before - (2 << 20), "kept " + hostBytes(file));
            assertEquals(4 << 20, Files.size(file));
            assertArrayEquals(new byte[2 << 20], read(device, 4096, 2 << 20));
        }
    }

    @Test
    void afterAFailedFlushEveryLaterOneFails() throws IOException {
        Path file = newPath();
        Files.write(file, bytes(6, 4096));
        FailingFlush host = new FailingFlush(HostFile.open(file, true));
        try (FileDevice device = new FileDevice("image", host, true)) {
            device.flush();
            host.failNext = true;
            assertThrows(IOException.class, device::flush);
            IOException later = assertThrows(IOException.class, device::flush);
            assertTrue(later.getMessage().contains("an earlier flush failed"), later.getMessage());
            assertTrue(later.getMessage().contains("lost"), later.getMessage());
            assertEquals(3, host.flushCount, "one at open, two asked of the host");
        }
    }

    @Test
    void openForWritingFlushesFirstAndFailsWhenThatFails() throws IOException {
        Path file = newPath();
        Files.write(file, bytes(7, 4096));
        FailingFlush host = new FailingFlush(HostFile.open(file, true));
        host.failNext = true;
        assertThrows(IOException.class, () -> new FileDevice("image", host, true));
        FileDevice.open(file, true).close(); // the lock was let go
    }

    @Test
    void aHostThatCannotPunchIsAskedOnce() throws IOException {
        Path file = newPath();
        Files.write(file, bytes(8, 65536));
        FailingFlush host = new FailingFlush(HostFile.open(file, true));
        try (FileDevice device = new FileDevice("image", host, true)) {
            device.discard(4096, 8192);
            device.discard(4096, 8192);
            assertEquals(1, host.punchCount);
            assertArrayEquals(bytes(8, 65536), read(device, 0, 65536));
        }
    }

    @Test
    void aFileThatShrinksUnderTheDeviceIsAnErrorAndNotAnEndlessRead() throws IOException {
        Path file = newPath();
        try (FileDevice device = FileDevice.create(file, 65536);
                RandomAccessFile other = new RandomAccessFile(file.toFile(), "rw")) {
            other.setLength(10_000);
            IOException error = assertThrows(IOException.class, () -> read(device, 8192, 4096));
            assertTrue(error.getMessage().startsWith(file + ": read at 8192"), error.getMessage());
        }
    }

    @Test
    void interruptsInTheMiddleOfTransfersHarmNobody() throws Exception {
        try (BlockDevice device = newDevice(8 << 20);
                ExecutorService workers = Executors.newFixedThreadPool(2)) {
            byte[] content = bytes(9, 1 << 20);
            Future<Integer> bystander =
                    workers.submit(
                            () -> {
                                for (int i = 0; i < 300; i++) {
                                    device.write(4 << 20, ByteBuffer.wrap(content));
                                    assertArrayEquals(content, read(device, 4 << 20, 1 << 20));
                                }
                                return 300;
                            });
            Thread[] target = new Thread[1];
            Future<Integer> interrupted =
                    workers.submit(
                            () -> {
                                synchronized (target) {
                                    target[0] = Thread.currentThread();
                                    target.notifyAll();
                                }
                                int interrupts = 0;
                                while (!bystander.isDone()) {
                                    device.write(0, ByteBuffer.wrap(content));
                                    assertArrayEquals(content, read(device, 0, 1 << 20));
                                    interrupts += Thread.interrupted() ? 1 : 0;
                                }
                                return interrupts;
                            });
            synchronized (target) {
                while (target[0] == null) {
                    target.wait(60_000);
                }
            }
            while (!bystander.isDone()) {
                if (!target[0].isInterrupted()) {
                    target[0].interrupt();
                }
                Thread.onSpinWait();
            }
            assertEquals(300, bystander.get());
            assertTrue(interrupted.get() > 0);
        }
    }

    @Test
    void afterAnInterruptTheSameFileIsOpenedAgainWhateverItsNameMeansByThen() throws IOException {
        Path file = newPath();
        Files.write(file, bytes(10, 4096));
        try (HostFile host = HostFile.open(file, true)) {
            Files.move(file, newPath());
            Files.write(file, bytes(11, 4096));
            try (FileChannel again = host.openChannel()) {
                ByteBuffer content = ByteBuffer.allocate(4096);
                again.read(content, 0);
                assertArrayEquals(bytes(10, 4096), content.array());
            }
        }
    }

    private Path newPath() {
        return folder.resolve("image" + fileCount++);
    }

    private static long hostBytes(Path file) throws Exception {
        return Long.parseLong(run("stat", "-c", "%b", file.toString())) * 512;
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertEquals(0, process.waitFor());
        return output;
    }

    /// A host whose next flush fails when asked to, and that can't punch.
    private static final class FailingFlush implements HostFile {
        private final HostFile host;
        private boolean failNext;
        private int flushCount;
        private int punchCount;

        FailingFlush(HostFile host) {
            this.host = host;
        }

        @Override
        public FileChannel openChannel() throws IOException {
            return host.openChannel();
        }

        @Override
        public boolean isFixed() {
            return host.isFixed();
        }

        @Override
        public void flush() throws IOException {
            flushCount++;
            if (failNext) {
                failNext = false;
                throw new IOException("the disk has lost a write");
            }
            host.flush();
        }

        @Override
        public void startWriteback() throws IOException {
            host.startWriteback();
        }

        @Override
        public void flushName() throws IOException {
            host.flushName();
        }

        @Override
        public void dropCache(long position, long lengthBytes) throws IOException {
            host.dropCache(position, lengthBytes);
        }

        @Override
        public boolean isSparse(long position, long lengthBytes) throws IOException {
            return host.isSparse(position, lengthBytes);
        }

        @Override
        public boolean punch(long position, long lengthBytes) {
            punchCount++;
            return false;
        }

        @Override
        public void close() throws IOException {
            host.close();
        }
    }

    @Test
    void anOverwrittenFileIsTheSameFileAndHoldsNothing() throws Exception {
        Path file = newPath();
        Files.write(file, bytes(4, 100_000));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Path other = Files.createLink(newPath(), file);
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        List<Long> seen = new ArrayList<>();
        try (FileDevice device =
                FileDevice.overwrite(file, 1 << 20, old -> seen.add(old.sizeBytes()))) {
            assertEquals(List.of(100_000L), seen);
            assertArrayEquals(new byte[1 << 20], read(device, 0, 1 << 20));
            assertThrows(DeviceBusyException.class, () -> FileDevice.open(other, true));
            device.write(0, ByteBuffer.wrap(bytes(5, 4096)));
        }
        assertEquals(key, Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        assertEquals(
                "rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (FileDevice device = FileDevice.open(other, true)) {
            assertArrayEquals(bytes(5, 4096), read(device, 0, 4096));
        }
    }

    @Test
    void aFileThatIsInUseIsNotOverwritten() throws Exception {
        Path file = newPath();
        Files.write(file, bytes(6, 5000));
        try (FileDevice device = FileDevice.open(file, true)) {
            assertEquals(5000, device.sizeBytes());
            assertThrows(
                    DeviceBusyException.class,
                    () -> FileDevice.overwrite(file, 1 << 20, old -> {}));
        }
        assertArrayEquals(bytes(6, 5000), Files.readAllBytes(file));
    }
}
