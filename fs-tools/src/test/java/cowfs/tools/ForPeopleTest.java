package cowfs.tools;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Wrong words, output that is no terminal, and Ctrl-C.
final class ForPeopleTest {
    @TempDir private Path folder;

    @Test
    void aWrongWordIsToldWithWhatItMayHaveMeant() {
        Run.inProcess("snapshto", "x").failed(2, "did you mean snapshot?");
        Run.inProcess("subvolume", "craete", "x").failed(2, "did you mean create?");
        Run.inProcess("list", "--jsn", "x").failed(2, "did you mean --json?");
        Run.inProcess("help", "lisst").failed(2, "did you mean list?");
        Run.inProcess("mkfs", "--sise=1G", "x").failed(2, "did you mean --size?");
    }

    @Test
    void aWordThatIsNearNothingIsNotGuessedAt() {
        Run run = Run.inProcess("xyzzyplugh");
        assertEquals(2, run.exitCode());
        assertFalse(run.err().contains("did you mean"), run.err());
    }

    @Test
    void aWrongNameIsToldWithThoseThatAreNear() {
        Path image = folder.resolve("disk.img");
        Run.inProcess("mkfs", "--size", "64M", image).succeeded();
        Run.inProcess("snapshot", image, "main@monday").succeeded();
        Run.inProcess("delete", image, "main@mondya").failed(1, "near: main@monday");
    }

    @Test
    void oneThingIsNotSeveral() {
        Path image = folder.resolve("disk.img");
        Run.inProcess("mkfs", "--size", "64M", image).succeeded();
        String info = Run.inProcess("info", image).succeeded().out();
        assertTrue(info.contains("1 subvolume, 0 snapshots\n"), info);
        String check = Run.inProcess("check", image).succeeded().out();
        assertTrue(check.endsWith(" 1 inode in 1 subvolume or snapshot\n"), check);
        Run.inProcess("snapshot", image, "main@x").succeeded();
        info = Run.inProcess("info", image).succeeded().out();
        assertTrue(info.contains("1 subvolume, 1 snapshot\n"), info);
        String tree = Run.inProcess("tree", image, "main:/").succeeded().out();
        assertTrue(tree.endsWith("0 directories, 0 others, 0\n"), tree);
    }

    @Test
    void whatIsNoTerminalGetsNeitherColoursNorACutTable() throws IOException {
        Path image = folder.resolve("disk.img");
        String name = "main@" + "long-".repeat(40);
        Command.run("mkfs", "--size", "64M", image).succeeded();
        Command.run("snapshot", image, name).succeeded();
        Run list = Command.run("list", image).succeeded();
        assertTrue(list.out().contains(name), list.out());
        for (Run run : List.of(list, Command.run("help"), Command.run("info", image))) {
            assertFalse(run.out().contains("\u001b"), run.out());
            assertFalse(run.err().contains("\u001b"), run.err());
        }
    }

    @Test
    void ctrlCLeavesAnImageOrNothing() throws Exception {
        for (int round = 0; round < 4; round++) {
            Path image = folder.resolve("disk" + round + ".img");
            Process mkfs =
                    new ProcessBuilder(Command.interruptible("mkfs", "--size", "1T", image))
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("out").toFile())
                            .start();
            await().pollInterval(Duration.ofMillis(1 + round))
                    .until(() -> Files.exists(image) || !mkfs.isAlive());
            Command.run(List.of("kill", "-INT", Long.toString(mkfs.pid())));
            assertTrue(mkfs.waitFor(60, TimeUnit.SECONDS));
            if (Files.exists(image)) {
                Run.inProcess("check", image).succeeded();
            }
        }
    }
}
