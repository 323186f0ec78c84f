package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Ref;
import cowfs.tools.control.Endpoint;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Commands on the names, the space and the daemon of an image that a daemon serves.
@Timeout(60)
final class ServedPoolCommandsTest {
    @RegisterExtension private final ServedImage served = new ServedImage();

    @Test
    void whatTheDaemonHasDoneIsShownToPeopleScriptsAndPrometheus() throws IOException {
        String table = Run.inProcess("iostat", served.image()).succeeded().out();
        assertTrue(table.contains("READ           4  16.0K  0.090ms"), table);
        assertTrue(table.contains("commits   3, 2.000ms on average, 4.000ms at most"), table);
        assertTrue(table.contains("100 asked for, 75% in the cache"), table);
        JsonObject json = Run.inProcess("iostat", "--json", served.image()).succeeded().json();
        assertEquals(8192, json.number("dirty"));
        assertEquals(
                200,
                json.objects("mounts")
                        .getFirst()
                        .object("requests")
                        .object("READ")
                        .number("p99_micros"));
        String text = Run.inProcess("iostat", "--prometheus", served.image()).succeeded().out();
        assertTrue(text.contains("\ncowfs_commits_total 3\n"), text);
        assertTrue(text.contains("operation=\"READ\",quantile=\"0.99\"} 0.000200000\n"), text);
    }

    @Test
    void theLogTellsMoreOrLessWhileItIsMounted() throws IOException {
        try {
            assertEquals("info\n", Run.inProcess("log-level", served.image()).succeeded().out());
            assertEquals("", Run.inProcess("log-level", served.image(), "debug").succeeded().out());
            assertEquals(
                    "debug",
                    Run.inProcess("log-level", "--json", served.image())
                            .succeeded()
                            .json()
                            .text("level"));
            Run.inProcess("log-level", served.image(), "loud")
                    .failed(1, "no log level 'loud'", "warning");
        } finally {
            Run.inProcess("log-level", served.image(), "info").succeeded();
        }
    }

    @Test
    void aSnapshotACloneAndADeleteGoThroughTheDaemon() throws IOException {
        assertEquals("", Run.inProcess("snapshot", served.image(), "main@1").succeeded().out());
        JsonObject clone =
                Run.inProcess("clone", "--json", served.image(), "main@1", "c").succeeded().json();
        assertEquals("main@1", clone.text("origin"));
        assertEquals(false, clone.flag("read_only"));
        assertEquals(
                List.of("main@1", "c"),
                Run.inProcess("delete", "--json", served.image(), "main@1", "c")
                        .succeeded()
                        .json()
                        .texts("deleted"));
        Run.inProcess("sync", served.image()).succeeded();
        assertEquals(
                List.of("snapshot main@1", "clone main@1 c", "delete [main@1, c]", "sync"),
                served.pool().calls(),
                "deleting does not wait in a mounted pool");
    }

    @Test
    void snapshotsOfSeveralSubvolumesAreAskedForTogether() throws IOException {
        Run.inProcess("subvolume", "create", served.image(), "a").succeeded();
        Run.inProcess("subvolume", "create", served.image(), "b").succeeded();
        assertEquals(
                "", Run.inProcess("snapshot", served.image(), "main@1", "a@1").succeeded().out());
        assertEquals(
                "main@2\nb@2\n",
                Run.inProcess("snapshot", served.image(), "--all", "2", "--exclude", "a")
                        .succeeded()
                        .out());
        assertEquals(
                3,
                Run.inProcess("snapshot", "--json", served.image(), "--all", "3")
                        .succeeded()
                        .json()
                        .objects("snapshots")
                        .size());
        Run.inProcess("snapshot", served.image()).failed(2, "SUBVOL@SNAP", "--all SNAP");
        Run.inProcess("snapshot", served.image(), "--all", "4", "main@4").failed(2, "stands alone");
        Run.inProcess("snapshot", served.image(), "--exclude", "a", "main@4")
                .failed(2, "--all SNAP");
        Run.inProcess("snapshot", served.image(), "--all", "x@y").failed(2, "x@y");
        Run.inProcess("snapshot", served.image(), "--all", "4", "--exclude", "none")
                .failed(1, "none");
    }

    @Test
    void subvolumesAreMadeRenamedAndDeleted() throws IOException {
        Run.inProcess("subvolume", "create", served.image(), "a").succeeded();
        assertEquals(
                "b",
                Run.inProcess("subvolume", "rename", served.image(), "a", "b", "--json")
                        .succeeded()
                        .json()
                        .text("ref"));
        Run.inProcess("subvolume", "delete", "--wait", served.image(), "b").succeeded();
        assertEquals(
                List.of("create a", "rename a b", "delete [b]", "awaitReclaim"),
                served.pool().calls());
    }

    @Test
    void theListIsATableForPeople() throws IOException {
        served.pool().snapshot(Ref.parse("main@monday"));
        served.pool().cloneSubvolume(Ref.parse("main@monday"), "clone");
        List<String> lines =
                Run.inProcess("list", served.image()).succeeded().out().lines().toList();
        assertEquals(4, lines.size());
        assertTrue(lines.get(0).matches("NAME +CREATED +REFERENCED +ORIGIN"), lines.get(0));
        assertTrue(
                lines.get(2).matches("main@monday  2023-11-1\\d \\d\\d:13:20 +1.0G  -"),
                lines.get(2));
        assertTrue(lines.get(3).endsWith("  main@monday"), lines.get(3));
    }

    @Test
    void jsonHasStableKeys() throws IOException {
        JsonObject item =
                Run.inProcess("list", served.image(), "--json")
                        .succeeded()
                        .json()
                        .objects("items")
                        .getFirst();
        assertEquals("main", item.text("ref"));
        assertEquals(1L << 30, item.number("referenced"));
        JsonObject usage =
                Run.inProcess("du", "--json", served.image(), "main")
                        .succeeded()
                        .json()
                        .objects("items")
                        .getFirst();
        assertEquals(
                List.of("ref", "referenced", "exclusive", "shared", "metadata", "cow"),
                List.copyOf(usage.members().keySet()));
        JsonObject info = Run.inProcess("info", "--json", served.image()).succeeded().json();
        assertEquals(10L << 30, info.number("size"));
        assertEquals(3L << 20, info.number("used"));
        assertEquals(9L << 30, info.number("free"));
        assertEquals("/mnt/a", info.objects("mounts").getFirst().text("dir"));
        assertEquals(ProcessHandle.current().pid(), info.number("pid"));
    }

    @Test
    void duTellsWhatDeletingASetWouldFree() throws IOException {
        Run.inProcess("snapshot", served.image(), "main@x").succeeded();
        JsonObject freed =
                Run.inProcess("du", "--json", "--if-deleted", served.image(), "main", "main@x")
                        .succeeded()
                        .json();
        assertEquals(List.of("freed", "data", "metadata"), List.copyOf(freed.members().keySet()));
        assertEquals(1024 + 8192, freed.number("freed"));
        assertEquals(
                "8.5K (8704 bytes): 512 of data, 8.0K of metadata\n",
                Run.inProcess("du", "--if-deleted", served.image(), "main").succeeded().out());
        Run.inProcess("du", "--if-deleted", served.image()).failed(2, "--if-deleted needs a REF");
        Run.inProcess("du", "--if-deleted", served.image(), "main@y")
                .failed(1, "no snapshot 'main@y'");
    }

    @Test
    void duTakesPathsAndNeverMixesThemWithOtherNames() throws IOException {
        JsonObject usage =
                Run.inProcess("du", "--json", served.image(), "main:/a")
                        .succeeded()
                        .json()
                        .objects("items")
                        .getFirst();
        assertEquals(
                List.of(
                        "ref",
                        "path",
                        "files",
                        "directories",
                        "referenced",
                        "exclusive",
                        "shared",
                        "inline",
                        "written",
                        "stored"),
                List.copyOf(usage.members().keySet()));
        assertEquals("/a", usage.text("path"));
        Run.inProcess("du", served.image(), "main", "main:/a").failed(2, "either name files");
        Run.inProcess("du", "--if-deleted", served.image(), "main:/a")
                .failed(2, "--if-deleted takes no paths");
        Run.inProcess("du", served.image(), "main:/a/../b").failed(2, "without . and ..");
        Run.inProcess("du", served.image(), ":/a").failed(2, "names no file");
        Run.inProcess("du", served.image(), "mian:/a").failed(1, "'mian'", "near: main");
    }

    @Test
    void propertiesAndHoldsAreSetShownAndTakenAway() throws IOException {
        Run.inProcess("snapshot", served.image(), "main@x").succeeded();
        assertEquals(
                "",
                Run.inProcess("set", served.image(), "main@x", "comment=a b", "a:b=c=d")
                        .succeeded()
                        .out());
        Run.inProcess("hold", served.image(), "audit", "main@x").succeeded();
        assertEquals(
                """
                NAME    PROPERTY    VALUE
                main@x  a:b         c=d
                main@x  comment     a b
                main@x  hold:audit  2026-01-01T00:00:00Z
                """,
                Run.inProcess("get", served.image()).succeeded().out());
        Run.inProcess("release", served.image(), "audit", "main@x").succeeded();
        JsonObject left =
                Run.inProcess("set", "--json", served.image(), "main@x", "a:b=").succeeded().json();
        assertEquals(Set.of("comment"), left.object("properties").members().keySet());
        JsonObject got =
                Run.inProcess("get", "--json", served.image(), "main@x").succeeded().json();
        assertEquals("a b", got.objects("items").getFirst().object("properties").text("comment"));
        Run.inProcess("set", served.image(), "main@x", "comment").failed(2, "has no '='");
        Run.inProcess("set", served.image(), "main@x", "colour=red")
                .failed(2, "no property 'colour'");
        Run.inProcess("set", served.image(), "main@y", "comment=x")
                .failed(1, "no snapshot 'main@y'");
        Run.inProcess("set", served.image(), "main@x", "comment=x", "quota=1G")
                .failed(2, "'quota' has no effect on a snapshot", "set it on a subvolume");
        Run.inProcess("set", served.image(), "main@x", "quota=").succeeded();
    }

    @Test
    void bookmarksAreMadeListedAndDeleted() throws IOException {
        Run.inProcess("snapshot", served.image(), "main@x").succeeded();
        JsonObject made =
                Run.inProcess("bookmark", "create", "--json", served.image(), "main@x")
                        .succeeded()
                        .json();
        assertEquals("main#x", made.text("bookmark"));
        assertEquals(
                "",
                Run.inProcess("bookmark", "create", served.image(), "main@x", "y")
                        .succeeded()
                        .out());
        String listed = Run.inProcess("bookmark", "list", served.image()).succeeded().out();
        assertEquals(3, listed.lines().count(), listed);
        assertEquals(2, listed.split("main#[xy] ").length - 1, listed);
        Run.inProcess("bookmark", "delete", served.image(), "main#x", "main#y").succeeded();
        Run.inProcess("bookmark", "delete", served.image(), "main#x")
                .failed(1, "no bookmark 'main#x'");
        Run.inProcess("bookmark", "delete", served.image(), "main").failed(2, "names no bookmark");
        Run.inProcess("bookmark", "create", served.image(), "main").failed(2, "names no snapshot");
        Run.inProcess("bookmark", "create", served.image(), "main@x", "a#b").failed(2, "holds '#'");
    }

    @Test
    void aPolicyIsSetShownRunAndTakenAway() throws IOException {
        Run.inProcess("policy", "set", served.image(), "main", "15m:4", "1h:24").succeeded();
        assertEquals(
                """
                SUBVOLUME  POLICY
                main       15m:4 1h:24
                """,
                Run.inProcess("policy", "show", served.image()).succeeded().out());
        // the daemon may have come first
        Run.inProcess("policy", "run", served.image()).succeeded();
        assertTrue(
                Run.inProcess("list", served.image()).succeeded().out().contains("main@auto-"),
                "a snapshot was taken");
        JsonObject again =
                Run.inProcess("policy", "run", "--json", served.image()).succeeded().json();
        assertEquals(List.of("taken", "deleted", "held"), List.copyOf(again.members().keySet()));
        Run.inProcess("policy", "remove", served.image(), "main").succeeded();
        assertEquals(
                "SUBVOLUME  POLICY\n",
                Run.inProcess("policy", "show", served.image()).succeeded().out());
        Run.inProcess("policy", "set", served.image(), "main", "often")
                .failed(2, "'often' is no rule");
        Run.inProcess("set", served.image(), "main", "policy=1h").failed(2, "'1h' is no rule");
    }

    @Test
    void aRateThatWouldNeverEndAndANameThatIsNoUtf8AreRefused() throws IOException {
        Run.inProcess("scrub", "--rate", "0", served.image()).failed(2, "--rate 0 would never end");
        Run.inProcess("snapshot", served.image(), "main@\uFFFD").failed(2, "is no UTF-8");
    }

    @Test
    void duIsATableForPeople() {
        Run.inProcess("snapshot", served.image(), "main@x").succeeded();
        assertEquals(
                """
                NAME    REFERENCED  EXCLUSIVE  SHARED  METADATA  COW
                main          1.5K        512    1.0K      8.0K    -
                main@x        1.5K        512    1.0K      8.0K  640
                """,
                Run.inProcess("du", served.image()).succeeded().out());
        assertEquals(
                """
                NAME       FILES  REFERENCED  EXCLUSIVE  SHARED  INLINE  RATIO
                main:/a/b      7        1.5K        512    1.0K     100   2.00
                main@x:/       7        1.5K        512    1.0K     100   2.00
                """,
                Run.inProcess("du", served.image(), "main:/a//b/", "main@x:/").succeeded().out());
    }

    @Test
    void infoNamesTheMountsAndTheLog() throws IOException {
        String info = Run.inProcess("info", served.image()).succeeded().out();
        assertTrue(info.contains("main on /mnt/a"), info);
        assertTrue(info.contains(Endpoint.of(served.image()).log().toString()), info);
        assertTrue(info.contains("3.0M (2.0M data, 1.0M metadata)"), info);
    }

    @Test
    void anUnknownSubvolumeIsNamedWithWhatIsNear() {
        Run.inProcess("snapshot", served.image(), "mian@1").failed(1, "'mian'", "near: main");
        Run.inProcess("du", served.image(), "main@x").failed(1, "no snapshot 'main@x'");
        Run.inProcess("clone", served.image(), "man", "c").failed(1, "'man'", "near: main");
        Run.inProcess("delete", served.image(), "maln").failed(1, "'maln'", "near: main");
        assertEquals(1, served.pool().list().size());
    }

    @Test
    void whatIsMountedIsNotFormattedOrChecked() {
        Run.inProcess("mkfs", "--force", served.image())
                .failed(1, "mounted on /mnt/a", "umount it first");
        Run.inProcess("check", served.image()).failed(1, "mounted on /mnt/a", "umount it first");
        assertFalse(served.pool().isClosed());
    }

    @Test
    void aMountOfASecondSubvolumeGoesToTheDaemonThatRuns() throws IOException {
        Path other = Files.createDirectory(served.directory().resolve("other"));
        served.pool().snapshot(Ref.parse("main@1"));
        Run.inProcess("mount", "--subvol", "main@1", served.image(), other).succeeded();
        assertEquals(2, served.daemon().status().mounts().size());
    }

    @Test
    void settingsOfARunningDaemonAreNotChangedSilently() throws IOException {
        served.pool().snapshot(Ref.parse("main@1"));
        Path other = Files.createDirectory(served.directory().resolve("other"));
        Run run = Run.inProcess("mount", "--cache=1G", "--subvol=main@1", served.image(), other);
        assertEquals(0, run.exitCode());
        assertTrue(run.err().contains("--cache and --commit have no effect"), run.err());
    }
}
