package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.text.DiffJson;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Commands on the files of an image that a daemon serves.
@Timeout(60)
final class ServedFileCommandsTest {
    @RegisterExtension private final ServedImage served = new ServedImage();

    @Test
    void aRollbackSaysWhereTheStateBeforeIs() throws IOException {
        String out = Run.inProcess("rollback", served.image(), "main@1").succeeded().out();
        assertTrue(out.matches("the state before is main@before-rollback-\\d{8}-\\d{6}\n"), out);
        assertEquals(
                "the state before is main@mine\n",
                Run.inProcess("rollback", served.image(), "main@1", "--keep-as=main@mine")
                        .succeeded()
                        .out());
        JsonObject json =
                Run.inProcess("rollback", "--discard", "--json", served.image(), "main@1")
                        .succeeded()
                        .json();
        assertEquals("main@1", json.text("snapshot"));
        assertFalse(json.has("kept"));
        assertEquals(
                List.of(
                        "rollback main@1 keeping a snapshot",
                        "rollback main@1 keeping a snapshot",
                        "rollback main@1"),
                served.pool().calls());
        Run.inProcess("rollback", served.image(), "main").failed(2, "names no snapshot");
    }

    @Test
    void aFileIsFollowedBroughtBackAndPurged() throws IOException {
        String history = Run.inProcess("history", served.image(), "main:/f").succeeded().out();
        assertTrue(history.contains("main@a:/f main@b:/g"), history);
        assertEquals(
                FileChangeSamples.VERSIONS,
                DiffJson.versions(
                        Run.inProcess("history", "--json", served.image(), "main:f")
                                .succeeded()
                                .json()));
        assertEquals(
                "restored from main@newest\n",
                Run.inProcess("undelete", served.image(), "main:/d/f").succeeded().out());
        Run.inProcess("purge", served.image(), "/f", "--all-snapshots").failed(1, "--yes");
        Run.inProcess("purge", served.image(), "/f", "--yes").failed(2, "--all-snapshots");
        assertEquals(
                "purged from main@one\n",
                Run.inProcess("purge", served.image(), "/f", "--all-snapshots", "--yes")
                        .succeeded()
                        .out());
        assertEquals(
                List.of("main@a", "main@b"),
                Run.inProcess(
                                "purge",
                                "--json",
                                "--yes",
                                served.image(),
                                "/f",
                                "--from",
                                "main@a",
                                "main@b")
                        .succeeded()
                        .json()
                        .texts("purged"));
        assertEquals(
                List.of(
                        "history main /f",
                        "history main /f",
                        "undelete main /d/f",
                        "purge /f []",
                        "purge /f [main@a, main@b]"),
                served.pool().calls());
        Run.inProcess("undelete", served.image(), "main").failed(2, "main:/notes.txt");
    }

    @Test
    void whatIsCopiedIsSaid() throws IOException {
        assertEquals(
                "copied 3 files and directories to main:/copy\n",
                Run.inProcess("cp", "--reflink", served.image(), "main@x:/a b", "main:copy")
                        .succeeded()
                        .out());
        JsonObject json =
                Run.inProcess("cp", "--json", served.image(), "main:/d", "main:/e/")
                        .succeeded()
                        .json();
        assertEquals(3, json.number("names"));
        assertEquals("/e", json.text("path"));
        assertEquals(
                List.of("copy main@x /a b to main /copy", "copy main /d to main /e"),
                served.pool().calls());
        Run.inProcess("cp", served.image(), "main", "main:/e").failed(2, "REF:/path");
        Run.inProcess("cp", served.image(), "main:/e").failed(2, "SUBVOL:/path");
        Run.inProcess("cp", served.image(), "main:/e", "main:/../x")
                .failed(2, "'main:/../x': write the path from the root");
    }

    @Test
    void whatIsSharedIsSaid() throws IOException {
        assertEquals(
                "3 files with 3.0M: 1.0M of it is shared now that had blocks of its own\n"
                        + "in use: 9.0M before, 8.0M now, 1.0M less\n",
                Run.inProcess("dedup", served.image(), "main:/", "work:/a b").succeeded().out());
        JsonObject json =
                Run.inProcess("dedup", "--json", "--unit", "4K", served.image(), "main:/d")
                        .succeeded()
                        .json();
        assertEquals(1 << 20, json.number("shared"));
        assertEquals(
                List.of("dedup [main:/, work:/a b] 131072", "dedup [main:/d] 4096"),
                served.pool().calls());
        Run.inProcess("dedup", served.image(), "main").failed(2, "REF:/path");
        Run.inProcess("dedup", served.image()).failed(2, "SUBVOL:/path");
        Run.inProcess("dedup", "--unit", "3K", served.image(), "main:/").failed(2, "power of two");
        Run.inProcess("dedup", "--unit", "2M", served.image(), "main:/").failed(2, "from 4K to 1M");
    }

    @Test
    void aDiffIsALineForEachDifference() throws IOException {
        served.pool().changes(FileChangeSamples.ALL);
        assertEquals(
                """
                + /new/
                - /gone
                R /old\\x20->\\x20name\\x0a -> /n\\xffw
                + /twice (hard link)
                - /once (hard link)
                M /content [0+4096 8192+1 1152921504606846976+4095] 8.0K, size 10 -> 12 (mode 644 -> 600)
                m /attributes (owner 0:0 -> 1:4294967295, times, flags, xattrs)
                """,
                Run.inProcess("diff", served.image(), "main", "main@1", "a//b/").succeeded().out());
        assertEquals(List.of("diff main main@1 /a/b", "diff closed"), served.pool().calls());
        List<String> lines =
                Run.inProcess("diff", "--json", served.image(), "main", "main")
                        .succeeded()
                        .out()
                        .lines()
                        .toList();
        assertEquals(FileChangeSamples.ALL.size(), lines.size());
        for (int i = 0; i < lines.size(); i++) {
            assertEquals(
                    FileChangeSamples.ALL.get(i),
                    DiffJson.fileChange(JsonObject.parse(lines.get(i))));
        }
    }
}
