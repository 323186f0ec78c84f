package cowfs.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class LinuxReaderTest {
    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void writeFile() throws IOException {
        file = folder.resolve("image");
        Files.write(file, BlockDeviceContract.bytes(1, 8192));
    }

    @Test
    void aNewChannelIsOfTheSameFileWhateverItsNameMeansByNow() throws IOException {
        try (LinuxReader reader = LinuxReader.open(file)) {
            Files.move(file, folder.resolve("renamed"));
            assertFirstBlock(reader);
            Files.write(file, new byte[8192]);
            assertFirstBlock(reader);
            Files.delete(folder.resolve("renamed"));
            assertFirstBlock(reader);
        }
    }

    @Test
    void anInterruptHarmsNoReaderOfARenamedFile() throws IOException {
        try (FileDevice device = FileDevice.open(file, false)) {
            Files.move(file, folder.resolve("renamed"));
            Thread.currentThread().interrupt();
            assertArrayEquals(
                    BlockDeviceContract.bytes(1, 8192), BlockDeviceContract.read(device, 0, 8192));
            assertTrue(Thread.interrupted(), "the flag was kept");
        }
    }

    @Test
    void takesNoLockAndCannotChangeTheFile() throws IOException {
        try (FileDevice writer = FileDevice.open(file, true);
                LinuxReader reader = LinuxReader.open(file)) {
            assertFirstBlock(reader);
            assertThrows(FileSystemException.class, () -> reader.punch(0, 4096));
            assertThrows(FileSystemException.class, reader::flushName);
            reader.dropCache(0, 8192);
            assertFirstBlock(reader);
            writer.flush();
        }
    }

    @Test
    void leavesNoDescriptorOpen() throws IOException {
        LinuxReader reader = LinuxReader.open(file);
        assertTrue(isOpen(file));
        reader.dropCache(0, 8192);
        reader.close();
        assertFalse(isOpen(file));
        Files.delete(file);
        assertThrows(FileSystemException.class, reader::openChannel);
    }

    /// Listing must not need what only the foreign function API can do: it would take longer than
    /// the command itself.
    @Test
    void readingLinksNothingOfTheCLibrary() throws Exception {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-verbose:class", "-cp", System.getProperty("java.class.path")));
        words.addAll(List.of(Reading.class.getName(), file.toString()));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String loaded = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), loaded);
        assertTrue(loaded.contains(LinuxReader.class.getName()), loaded);
        assertFalse(loaded.contains(LinuxCalls.class.getName() + " "), loaded);
    }

    static final class Reading {
        private Reading() {}

        public static void main(String[] arguments) throws IOException {
            try (FileDevice device = FileDevice.open(Path.of(arguments[0]), false)) {
                device.read(0, ByteBuffer.allocate(4096));
            }
        }
    }

    private static void assertFirstBlock(LinuxReader reader) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(8192);
        try (var channel = reader.openChannel()) {
            assertEquals(8192, channel.read(block, 0));
        }
        assertArrayEquals(BlockDeviceContract.bytes(1, 8192), block.array());
    }

    private static boolean isOpen(Path file) throws IOException {
        Object key = Files.getAttribute(file, "unix:ino");
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.exists(descriptor)
                        && key.equals(Files.getAttribute(descriptor, "unix:ino"))) {
                    return true;
                }
            }
        }
        return false;
    }
}
