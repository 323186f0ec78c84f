package cowfs.tools.place;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MountTableTest {
    private static final MountTable TABLE =
            MountTable.parse(
                    List.of(
                            "22 1 254:0 / / rw,relatime - ext4 /dev/root rw",
                            "23 22 0:5 / /mnt rw shared:1 master:2 - tmpfs tmpfs rw",
                            "24 23 0:44 / /mnt/my\\040disk rw,nosuid - fuse.cowfs /img/a\\134b\\040"
                                    + bytes("ö")
                                    + " rw,user_id=0",
                            "25 24 0:45 / /mnt/my\\040disk rw,nosuid - fuse.cowfs /img/top rw",
                            "26 22 0:46 / /mnt2 rw - fuse.sshfs host: rw",
                            "garbage"));

    @Test
    void quotedCharactersAndBytesOfUtf8AreRead() {
        MountTable.Entry below = TABLE.all().get(2);
        assertEquals(Path.of("/img/a\\b ö"), below.image());
        assertEquals(Path.of("/mnt/my disk"), below.directory());
        assertEquals(5, TABLE.all().size(), "what is no mount is left out");
    }

    @Test
    void theTopmostOfSeveralMountsCounts() {
        assertEquals("/img/top", TABLE.at(Path.of("/mnt/my disk")).orElseThrow().source());
        assertEquals("/img/top", TABLE.around(Path.of("/mnt/my disk/a/b")).orElseThrow().source());
    }

    @Test
    void theDeepestMountAroundAPathCounts() {
        assertEquals("tmpfs", TABLE.around(Path.of("/mnt/other")).orElseThrow().type());
        assertEquals("ext4", TABLE.around(Path.of("/mnt22")).orElseThrow().type());
        assertTrue(TABLE.at(Path.of("/mnt/other")).isEmpty());
    }

    @Test
    void onlyMountsOfCowfsAreImages() {
        assertTrue(TABLE.at(Path.of("/mnt2")).filter(MountTable.Entry::isCowfs).isEmpty());
    }

    @Test
    void theKernelsOwnTableHasARoot() throws IOException {
        assertTrue(MountTable.read().at(Path.of("/")).isPresent());
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @Test
    void whoMountedAndWhichFilesystemItIsAreRead() {
        MountTable.Entry mount =
                MountTable.parse(
                                List.of(
                                        "24 23 0:44 / /m rw,nosuid - fuse.cowfs /i rw,user_id=70000,group_id=1"))
                        .all()
                        .getFirst();
        assertEquals("0:44", mount.device());
        assertEquals(70000, mount.userId());
        assertEquals("the user with number 70000", mount.user());
        assertEquals("root", TABLE.all().get(2).user());
    }
}
