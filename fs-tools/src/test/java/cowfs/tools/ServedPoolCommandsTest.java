package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.fuse.operation.RequestTime;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.Log;
import cowfs.tools.daemon.Daemon;
import cowfs.tools.daemon.Mounter;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Commands on an image that a daemon serves. The daemon is in this process, with a fake pool.
@Timeout(60)
final class ServedPoolCommandsTest {
    @TempDir Path directory;

    private final FakePool pool = new FakePool();
    private Path image;
    private Daemon daemon;
    private CompletableFuture<Void> serving;

    @BeforeEach
    void start() throws IOException {
        image = Files.writeString(directory.resolve("an image"), "x").toRealPath();
        daemon =
                Daemon.start(
                        image,
                        Endpoint.of(image),
                        pool,
                        new FakeMounter(),
                        new Daemon.FirstMount(Ref.MAIN, Path.of("/mnt/a"), List.of()),
                        new Log(new PrintStream(OutputStream.nullOutputStream())));
        serving =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                daemon.serve();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }

    @AfterEach
    void stop() {
        daemon.stop();
        serving.join();
        assertTrue(pool.isClosed());
    }

    @Test
    void whatTheDaemonHasDoneIsShownToPeopleScriptsAndPrometheus() throws IOException {
        String table = Run.inProcess("iostat", image).succeeded().out();
        assertTrue(table.contains("READ           4  16.0K  0.090ms"), table);
        assertTrue(table.contains("commits   3, 2.000ms on average, 4.000ms at most"), table);
        assertTrue(table.contains("100 asked for, 75% in the cache"), table);
        JsonObject json = Run.inProcess("iostat", "--json", image).succeeded().json();
        assertEquals(8192, json.number("dirty"));
        assertEquals(
                200,
                json.objects("mounts")
                        .getFirst()
                        .object("requests")
                        .object("READ")
                        .number("p99_micros"));
        String text = Run.inProcess("iostat", "--prometheus", image).succeeded().out();
        assertTrue(text.contains("\ncowfs_commits_total 3\n"), text);
        assertTrue(text.contains("operation=\"READ\",quantile=\"0.99\"} 0.000200000\n"), text);
    }

    @Test
    void theLogTellsMoreOrLessWhileItIsMounted() throws IOException {
        try {
            assertEquals("info\n", Run.inProcess("log-level", image).succeeded().out());
            assertEquals("", Run.inProcess("log-level", image, "debug").succeeded().out());
            assertEquals(
                    "debug",
                    Run.inProcess("log-level", "--json", image).succeeded().json().text("level"));
            Run.inProcess("log-level", image, "loud").failed(1, "no log level 'loud'", "warning");
        } finally {
            Run.inProcess("log-level", image, "info").succeeded();
        }
    }

    @Test
    void aSnapshotACloneAndADeleteGoThroughTheDaemon() throws IOException {
        assertEquals("", Run.inProcess("snapshot", image, "main@1").succeeded().out());
        JsonObject clone =
                Run.inProcess("clone", "--json", image, "main@1", "c").succeeded().json();
        assertEquals("main@1", clone.text("origin"));
        assertEquals(false, clone.flag("read_only"));
        assertEquals(
                List.of("main@1", "c"),
                Run.inProcess("delete", "--json", image, "main@1", "c")
                        .succeeded()
                        .json()
                        .texts("deleted"));
        Run.inProcess("sync", image).succeeded();
        assertEquals(
                List.of("snapshot main@1", "clone main@1 c", "delete [main@1, c]", "sync"),
                pool.calls(),
                "deleting does not wait in a mounted pool");
    }

    @Test
    void snapshotsOfSeveralSubvolumesAreAskedForTogether() throws IOException {
        Run.inProcess("subvolume", "create", image, "a").succeeded();
        Run.inProcess("subvolume", "create", image, "b").succeeded();
        assertEquals("", Run.inProcess("snapshot", image, "main@1", "a@1").succeeded().out());
        assertEquals(
                "main@2\nb@2\n",
                Run.inProcess("snapshot", image, "--all", "2", "--exclude", "a").succeeded().out());
        assertEquals(
                3,
                Run.inProcess("snapshot", "--json", image, "--all", "3")
                        .succeeded()
                        .json()
                        .objects("snapshots")
                        .size());
        Run.inProcess("snapshot", image).failed(2, "SUBVOL@SNAP", "--all SNAP");
        Run.inProcess("snapshot", image, "--all", "4", "main@4").failed(2, "stands alone");
        Run.inProcess("snapshot", image, "--exclude", "a", "main@4").failed(2, "--all SNAP");
        Run.inProcess("snapshot", image, "--all", "x@y").failed(2, "x@y");
        Run.inProcess("snapshot", image, "--all", "4", "--exclude", "none").failed(1, "none");
    }

    @Test
    void subvolumesAreMadeRenamedAndDeleted() throws IOException {
        Run.inProcess("subvolume", "create", image, "a").succeeded();
        assertEquals(
                "b",
                Run.inProcess("subvolume", "rename", image, "a", "b", "--json")
                        .succeeded()
                        .json()
                        .text("ref"));
        Run.inProcess("subvolume", "delete", "--wait", image, "b").succeeded();
        assertEquals(List.of("create a", "rename a b", "delete [b]", "awaitReclaim"), pool.calls());
    }

    @Test
    void aRollbackSaysWhereTheStateBeforeIs() throws IOException {
        String out = Run.inProcess("rollback", image, "main@1").succeeded().out();
        assertTrue(out.matches("the state before is main@before-rollback-\\d{8}-\\d{6}\n"), out);
        assertEquals(
                "the state before is main@mine\n",
                Run.inProcess("rollback", image, "main@1", "--keep-as=main@mine")
                        .succeeded()
                        .out());
        JsonObject json =
                Run.inProcess("rollback", "--discard", "--json", image, "main@1")
                        .succeeded()
                        .json();
        assertEquals("main@1", json.text("snapshot"));
        assertFalse(json.has("kept"));
        assertEquals(
                List.of(
                        "rollback main@1 keeping a snapshot",
                        "rollback main@1 keeping a snapshot",
                        "rollback main@1"),
                pool.calls());
        Run.inProcess("rollback", image, "main").failed(2, "names no snapshot");
    }

    @Test
    void aFileIsFollowedBroughtBackAndPurged() throws IOException {
        String history = Run.inProcess("history", image, "main:/f").succeeded().out();
        assertTrue(history.contains("main@a:/f main@b:/g"), history);
        assertEquals(
                FileChangeSamples.VERSIONS,
                DiffJson.versions(
                        Run.inProcess("history", "--json", image, "main:f").succeeded().json()));
        assertEquals(
                "restored from main@newest\n",
                Run.inProcess("undelete", image, "main:/d/f").succeeded().out());
        Run.inProcess("purge", image, "/f", "--all-snapshots").failed(1, "--yes");
        Run.inProcess("purge", image, "/f", "--yes").failed(2, "--all-snapshots");
        assertEquals(
                "purged from main@one\n",
                Run.inProcess("purge", image, "/f", "--all-snapshots", "--yes").succeeded().out());
        assertEquals(
                List.of("main@a", "main@b"),
                Run.inProcess("purge", "--json", "--yes", image, "/f", "--from", "main@a", "main@b")
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
                pool.calls());
        Run.inProcess("undelete", image, "main").failed(2, "main:/notes.txt");
    }

    @Test
    void whatIsCopiedIsSaid() throws IOException {
        assertEquals(
                "copied 3 files and directories to main:/copy\n",
                Run.inProcess("cp", "--reflink", image, "main@x:/a b", "main:copy")
                        .succeeded()
                        .out());
        JsonObject json =
                Run.inProcess("cp", "--json", image, "main:/d", "main:/e/").succeeded().json();
        assertEquals(3, json.number("names"));
        assertEquals("/e", json.text("path"));
        assertEquals(
                List.of("copy main@x /a b to main /copy", "copy main /d to main /e"), pool.calls());
        Run.inProcess("cp", image, "main", "main:/e").failed(2, "REF:/path");
        Run.inProcess("cp", image, "main:/e").failed(2, "SUBVOL:/path");
        Run.inProcess("cp", image, "main:/e", "main:/../x")
                .failed(2, "'main:/../x': write the path from the root");
    }

    @Test
    void whatIsSharedIsSaid() throws IOException {
        assertEquals(
                "3 files with 3.0M: 1.0M of it is shared now that had blocks of its own\n"
                        + "in use: 9.0M before, 8.0M now, 1.0M less\n",
                Run.inProcess("dedup", image, "main:/", "work:/a b").succeeded().out());
        JsonObject json =
                Run.inProcess("dedup", "--json", "--unit", "4K", image, "main:/d")
                        .succeeded()
                        .json();
        assertEquals(1 << 20, json.number("shared"));
        assertEquals(
                List.of("dedup [main:/, work:/a b] 131072", "dedup [main:/d] 4096"), pool.calls());
        Run.inProcess("dedup", image, "main").failed(2, "REF:/path");
        Run.inProcess("dedup", image).failed(2, "SUBVOL:/path");
        Run.inProcess("dedup", "--unit", "3K", image, "main:/").failed(2, "power of two");
        Run.inProcess("dedup", "--unit", "2M", image, "main:/").failed(2, "from 4K to 1M");
    }

    @Test
    void aDiffIsALineForEachDifference() throws IOException {
        pool.changes(FileChangeSamples.ALL);
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
                Run.inProcess("diff", image, "main", "main@1", "a//b/").succeeded().out());
        assertEquals(List.of("diff main main@1 /a/b", "diff closed"), pool.calls());
        List<String> lines =
                Run.inProcess("diff", "--json", image, "main", "main")
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

    @Test
    void theListIsATableForPeople() throws IOException {
        pool.snapshot(Ref.parse("main@monday"));
        pool.cloneSubvolume(Ref.parse("main@monday"), "clone");
        List<String> lines = Run.inProcess("list", image).succeeded().out().lines().toList();
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
                Run.inProcess("list", image, "--json")
                        .succeeded()
                        .json()
                        .objects("items")
                        .getFirst();
        assertEquals("main", item.text("ref"));
        assertEquals(1L << 30, item.number("referenced"));
        JsonObject usage =
                Run.inProcess("du", "--json", image, "main")
                        .succeeded()
                        .json()
                        .objects("items")
                        .getFirst();
        assertEquals(
                List.of("ref", "referenced", "exclusive", "shared", "metadata"),
                List.copyOf(usage.members().keySet()));
        JsonObject info = Run.inProcess("info", "--json", image).succeeded().json();
        assertEquals(10L << 30, info.number("size"));
        assertEquals(3L << 20, info.number("used"));
        assertEquals(9L << 30, info.number("free"));
        assertEquals("/mnt/a", info.objects("mounts").getFirst().text("dir"));
        assertEquals(ProcessHandle.current().pid(), info.number("pid"));
    }

    @Test
    void duTellsWhatDeletingASetWouldFree() throws IOException {
        Run.inProcess("snapshot", image, "main@x").succeeded();
        JsonObject freed =
                Run.inProcess("du", "--json", "--if-deleted", image, "main", "main@x")
                        .succeeded()
                        .json();
        assertEquals(List.of("freed", "data", "metadata"), List.copyOf(freed.members().keySet()));
        assertEquals(1024 + 8192, freed.number("freed"));
        assertEquals(
                "8.5K (8704 bytes): 512 of data, 8.0K of metadata\n",
                Run.inProcess("du", "--if-deleted", image, "main").succeeded().out());
        Run.inProcess("du", "--if-deleted", image).failed(2, "--if-deleted needs a REF");
        Run.inProcess("du", "--if-deleted", image, "main@y").failed(1, "no snapshot 'main@y'");
    }

    @Test
    void propertiesAndHoldsAreSetShownAndTakenAway() throws IOException {
        Run.inProcess("snapshot", image, "main@x").succeeded();
        assertEquals(
                "",
                Run.inProcess("set", image, "main@x", "comment=a b", "a:b=c=d").succeeded().out());
        Run.inProcess("hold", image, "audit", "main@x").succeeded();
        assertEquals(
                """
                NAME    PROPERTY    VALUE
                main@x  a:b         c=d
                main@x  comment     a b
                main@x  hold:audit  2026-01-01T00:00:00Z
                """,
                Run.inProcess("get", image).succeeded().out());
        Run.inProcess("release", image, "audit", "main@x").succeeded();
        JsonObject left =
                Run.inProcess("set", "--json", image, "main@x", "a:b=").succeeded().json();
        assertEquals(Set.of("comment"), left.object("properties").members().keySet());
        JsonObject got = Run.inProcess("get", "--json", image, "main@x").succeeded().json();
        assertEquals("a b", got.objects("items").getFirst().object("properties").text("comment"));
        Run.inProcess("set", image, "main@x", "comment").failed(2, "has no '='");
        Run.inProcess("set", image, "main@x", "colour=red").failed(2, "no property 'colour'");
        Run.inProcess("set", image, "main@y", "comment=x").failed(1, "no snapshot 'main@y'");
        Run.inProcess("set", image, "main@x", "comment=x", "quota=1G")
                .failed(2, "'quota' has no effect on a snapshot", "set it on a subvolume");
        Run.inProcess("set", image, "main@x", "quota=").succeeded();
    }

    @Test
    void bookmarksAreMadeListedAndDeleted() throws IOException {
        Run.inProcess("snapshot", image, "main@x").succeeded();
        JsonObject made =
                Run.inProcess("bookmark", "create", "--json", image, "main@x").succeeded().json();
        assertEquals("main#x", made.text("bookmark"));
        assertEquals(
                "", Run.inProcess("bookmark", "create", image, "main@x", "y").succeeded().out());
        String listed = Run.inProcess("bookmark", "list", image).succeeded().out();
        assertEquals(3, listed.lines().count(), listed);
        assertEquals(2, listed.split("main#[xy] ").length - 1, listed);
        Run.inProcess("bookmark", "delete", image, "main#x", "main#y").succeeded();
        Run.inProcess("bookmark", "delete", image, "main#x").failed(1, "no bookmark 'main#x'");
        Run.inProcess("bookmark", "delete", image, "main").failed(2, "names no bookmark");
        Run.inProcess("bookmark", "create", image, "main").failed(2, "names no snapshot");
        Run.inProcess("bookmark", "create", image, "main@x", "a#b").failed(2, "holds '#'");
    }

    @Test
    void aPolicyIsSetShownRunAndTakenAway() throws IOException {
        Run.inProcess("policy", "set", image, "main", "15m:4", "1h:24").succeeded();
        assertEquals(
                """
                SUBVOLUME  POLICY
                main       15m:4 1h:24
                """,
                Run.inProcess("policy", "show", image).succeeded().out());
        // the daemon may have come first
        Run.inProcess("policy", "run", image).succeeded();
        assertTrue(
                Run.inProcess("list", image).succeeded().out().contains("main@auto-"),
                "a snapshot was taken");
        JsonObject again = Run.inProcess("policy", "run", "--json", image).succeeded().json();
        assertEquals(List.of("taken", "deleted", "held"), List.copyOf(again.members().keySet()));
        Run.inProcess("policy", "remove", image, "main").succeeded();
        assertEquals(
                "SUBVOLUME  POLICY\n", Run.inProcess("policy", "show", image).succeeded().out());
        Run.inProcess("policy", "set", image, "main", "often").failed(2, "'often' is no rule");
        Run.inProcess("set", image, "main", "policy=1h").failed(2, "'1h' is no rule");
    }

    @Test
    void aRateThatWouldNeverEndAndANameThatIsNoUtf8AreRefused() throws IOException {
        Run.inProcess("scrub", "--rate", "0", image).failed(2, "--rate 0 would never end");
        Run.inProcess("snapshot", image, "main@\uFFFD").failed(2, "is no UTF-8");
    }

    @Test
    void duIsATableForPeople() {
        assertEquals(
                """
                NAME  REFERENCED  EXCLUSIVE  SHARED  METADATA
                main        1.5K        512    1.0K      8.0K
                """,
                Run.inProcess("du", image).succeeded().out());
    }

    @Test
    void infoNamesTheMountsAndTheLog() throws IOException {
        String info = Run.inProcess("info", image).succeeded().out();
        assertTrue(info.contains("main on /mnt/a"), info);
        assertTrue(info.contains(Endpoint.of(image).log().toString()), info);
        assertTrue(info.contains("3.0M (2.0M data, 1.0M metadata)"), info);
    }

    @Test
    void anUnknownSubvolumeIsNamedWithWhatIsNear() {
        Run.inProcess("snapshot", image, "mian@1").failed(1, "'mian'", "near: main");
        Run.inProcess("du", image, "main@x").failed(1, "no snapshot 'main@x'");
        Run.inProcess("clone", image, "man", "c").failed(1, "'man'", "near: main");
        Run.inProcess("delete", image, "maln").failed(1, "'maln'", "near: main");
        assertEquals(1, pool.list().size());
    }

    @Test
    void whatIsMountedIsNotFormattedOrChecked() {
        Run.inProcess("mkfs", "--force", image).failed(1, "mounted on /mnt/a", "umount it first");
        Run.inProcess("check", image).failed(1, "mounted on /mnt/a", "umount it first");
        assertFalse(pool.isClosed());
    }

    @Test
    void aMountOfASecondSubvolumeGoesToTheDaemonThatRuns() throws IOException {
        Path other = Files.createDirectory(directory.resolve("other"));
        pool.snapshot(Ref.parse("main@1"));
        Run.inProcess("mount", "--subvol", "main@1", image, other).succeeded();
        assertEquals(2, daemon.status().mounts().size());
    }

    @Test
    void settingsOfARunningDaemonAreNotChangedSilently() throws IOException {
        pool.snapshot(Ref.parse("main@1"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Run run = Run.inProcess("mount", "--cache=1G", "--subvol=main@1", image, other);
        assertEquals(0, run.exitCode());
        assertTrue(run.err().contains("--cache and --commit have no effect"), run.err());
    }

    /// Mounts on paper.
    private static final class FakeMounter implements Mounter {
        @Override
        public Handle mount(Pool pool, Ref ref, Path directory, List<String> options) {
            CountDownLatch up = new CountDownLatch(1);
            return new Handle() {
                @Override
                public boolean readOnly() {
                    return ref.isSnapshot();
                }

                @Override
                public String transport() {
                    return "none";
                }

                @Override
                public Map<String, RequestTime> requestTimes() {
                    return Map.of("READ", new RequestTime(4, 16384, 400, 90, 150, 200, 210));
                }

                @Override
                public Map<String, Long> requestCounts() {
                    return Map.of();
                }

                @Override
                public void awaitUnmounted() throws InterruptedException {
                    up.await();
                }

                @Override
                public void unmount() {
                    up.countDown();
                }
            };
        }

        @Override
        public PoolOperations operations(Pool pool) {
            return pool;
        }
    }
}
