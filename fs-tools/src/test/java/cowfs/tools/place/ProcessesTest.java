package cowfs.tools.place;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.control.FileIdentity;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessesTest {
    @TempDir Path directory;

    @Test
    void theHolderOfALockIsNamed() throws IOException {
        Path file = Files.createFile(directory.resolve("image"));
        assertEquals("another process", Processes.lockHolder(file));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.lock();
            String holder = Processes.lockHolder(file);
            assertTrue(
                    holder.startsWith("process " + ProcessHandle.current().pid() + " ("), holder);
        }
    }

    @Test
    void whoHasAFileOpenUsesItsDirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("open"));
        long self = ProcessHandle.current().pid();
        assertEquals("", Processes.usersOf(directory.toRealPath(), 0));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            assertTrue(channel.isOpen());
            String users = Processes.usersOf(directory.toRealPath(), 0);
            assertTrue(users.contains("process " + self), users);
            assertEquals("", Processes.usersOf(directory.toRealPath(), self));
        }
    }

    @Test
    void deviceNumbersAreSplitAsTheKernelWritesThem() {
        assertEquals("fe:00:12", new FileIdentity(0xfe00, 12).lockPlace());
        assertEquals("103:105:7", new FileIdentity(0x100000L | 0x10305, 7).lockPlace());
    }
}
