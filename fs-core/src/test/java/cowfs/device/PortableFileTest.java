package cowfs.device;

import static cowfs.device.BlockDeviceContract.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PortableFileTest implements BlockDeviceContract {
    @TempDir private Path folder;
    private int fileCount;

    @Override
    public BlockDevice newDevice(long sizeBytes) throws IOException {
        Path file = folder.resolve("image" + fileCount++);
        FileDevice.create(file, sizeBytes).close();
        return open(file, true);
    }

    @Test
    void aSecondWriterIsRefused() throws IOException {
        Path file = folder.resolve("image");
        Files.write(file, bytes(1, 4096));
        try (FileDevice device = open(file, true)) {
            assertEquals(4096, device.sizeBytes());
            assertThrows(DeviceBusyException.class, () -> open(file, true));
        }
        open(file, true).close();
    }

    @Test
    void aReplacedFileIsNotOpenedAgain() throws IOException {
        Path file = folder.resolve("image");
        Files.write(file, bytes(2, 4096));
        try (HostFile host = PortableFile.open(file, true)) {
            host.openChannel().close();
            Files.move(file, folder.resolve("moved"));
            Files.write(file, bytes(3, 4096));
            assertThrows(FileSystemException.class, host::openChannel);
        }
    }

    @Test
    void discardDoesNothing() throws IOException {
        Path file = folder.resolve("image");
        Files.write(file, bytes(4, 8192));
        try (FileDevice device = open(file, true)) {
            device.discard(0, 8192);
            ByteBuffer content = ByteBuffer.allocate(8192);
            device.read(0, content);
            assertArrayEquals(bytes(4, 8192), content.array());
        }
    }

    @Test
    void aFolderIsRefused() {
        assertThrows(FileSystemException.class, () -> open(folder, false));
    }

    private static FileDevice open(Path file, boolean writable) throws IOException {
        return new FileDevice(file.toString(), PortableFile.open(file, writable), writable);
    }
}
