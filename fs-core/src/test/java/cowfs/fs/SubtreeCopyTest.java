package cowfs.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/// What a copy of a directory remembers.
final class SubtreeCopyTest {
    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void filesAreForgottenOnceAllTheirNamesAreMade() throws IOException {
        try (TreeFixture fixture = new TreeFixture(4096, 1, 64 << 20)) {
            Volume volume = fixture.volume();
            long directory =
                    volume.create(Volume.ROOT_INODE, name("d"), NewInode.directory(0755, 0, 0))
                            .inode();
            for (int i = 0; i < 500; i++) {
                long file =
                        volume.create(directory, name("a" + i), NewInode.regular(0644, 0, 0))
                                .inode();
                volume.link(file, directory, name("b" + i));
                if (i % 100 == 0) {
                    volume.link(file, Volume.ROOT_INODE, name("elsewhere" + i));
                }
            }
            SubtreeCopy copy =
                    new SubtreeCopy(fixture.snapshot(), fixture.tree(), Clock.systemUTC());
            copy.copy(directory, Volume.ROOT_INODE);
            copy.publish(Volume.ROOT_INODE, name("e"));
            assertEquals(1 + 1000, copy.count());
            assertEquals(5, copy.waitingFileCount(), "those with a name elsewhere");
        }
    }
}
