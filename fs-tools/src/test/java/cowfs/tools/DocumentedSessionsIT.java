package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What stands between fences in the manual is what the commands do: each is run on an image that
/// fits it, and prints the lines that stand there, but for numbers, sizes and times.
///
/// A block with `$ ` in front of its commands shows what they print; in one without there are only
/// commands. What asks is told yes, and what goes to another machine goes to this one.
@Timeout(300)
final class DocumentedSessionsIT {
    private static final List<String> PAGES =
            List.of(
                    "README.md",
                    "docs/manual.md",
                    "docs/snapshots.md",
                    "docs/space.md",
                    "docs/backup.md");

    private static final Pattern COMMAND = Pattern.compile("(?:\\$ )?cowfs ([a-z]+) .*");

    /// Numbers, sizes, times, and how wide a column is for them.
    private static final Pattern FIGURE = Pattern.compile("\\d[\\d.:-]*[KMGTZ]?");

    /// An image with something of all that the pages name, not mounted.
    private static final String WORLD =
            """
            cowfs mkfs --size 1G disk.img >/dev/null
            cowfs mount disk.img mnt
            cd mnt
            mkdir notes drafts archive docs a
            for each in notes/gone drafts/plan docs/one docs/two a/file notes.txt secrets.txt run.sh; do
                echo $each >$each
            done
            chmod 644 run.sh
            head -c 16M /dev/urandom >mail.db
            cp mail.db mail.copy
            cd ..
            cowfs snapshot mnt main@monday
            """;

    /// What happens on the image before a command, by the name of the command.
    private static final Map<String, String> BEFORE =
            Map.ofEntries(
                    Map.entry(
                            "diff",
                            """
                            cd mnt
                            rm notes/gone
                            mv drafts archive/drafts
                            for block in 256 2304 2305; do
                                head -c 4096 /dev/zero | dd of=mail.db bs=4096 seek=$block conv=notrunc
                            done
                            chmod 755 run.sh
                            echo new >notes/new
                            cd ..
                            """),
                    Map.entry(
                            "history",
                            """
                            cowfs snapshot mnt main@tuesday
                            cowfs clone mnt main@monday work
                            cowfs mount --subvol work disk.img mnt2
                            mv mnt2/notes.txt mnt2/old-notes.txt
                            cowfs umount mnt2
                            echo more >>mnt/notes.txt
                            """),
                    Map.entry("undelete", "cowfs snapshot mnt main@tuesday\nrm mnt/notes.txt\n"),
                    Map.entry("cp", ""),
                    Map.entry("dedup", "cowfs delete mnt main@monday\n"),
                    Map.entry("purge", "cowfs snapshot mnt main@tuesday\n"),
                    Map.entry("rollback", ""),
                    Map.entry(
                            "send",
                            """
                            cowfs mkfs --size 256M backup.img
                            cowfs snapshot mnt main@mon
                            cowfs snapshot mnt main@tue
                            """),
                    Map.entry("snapshot", "cowfs mkfs --size 256M backup.img\n"),
                    Map.entry("inspect", ""),
                    Map.entry(
                            "reclaim",
                            """
                            cowfs delete mnt main@monday
                            for hour in 07 08; do
                                head -c 4M /dev/urandom >mnt/mail.db
                                cowfs snapshot mnt main@auto-20260301T${hour}0500Z
                            done
                            rm mnt/mail.db
                            """),
                    Map.entry(
                            "replicate",
                            """
                            cowfs mkfs --size 256M backup.img
                            for minute in 00 10; do
                                cowfs snapshot mnt main@auto-20250101T00${minute}00Z
                            done
                            cowfs replicate mnt main backup.img --as laptop
                            cowfs delete mnt main@auto-20250101T000000Z main@auto-20250101T001000Z
                            """));

    @RegisterExtension private final MountedImages images = new MountedImages();

    /// Commands, and the lines that stand below each.
    private record Session(String page, String command, Map<String, List<String>> steps) {}

    @Test
    void everySessionPrintsWhatStandsThere() throws IOException {
        Path world = Files.createDirectory(images.path("world"));
        run(world, WORLD + "cowfs umount mnt\n");
        TreeSet<String> seen = new TreeSet<>();
        for (String page : PAGES) {
            for (Session session : sessions(page)) {
                seen.add(session.command());
                check(world, session);
            }
        }
        assertEquals(new TreeSet<>(BEFORE.keySet()), seen, "sessions that no page has");
    }

    private void check(Path world, Session session) throws IOException {
        String name = session.page() + ": cowfs " + session.command();
        String before = BEFORE.get(session.command());
        assertNotNull(before, name + " needs an image to be run on");
        Path work = Files.createDirectory(images.path("work"));
        Command.run(
                        List.of(
                                "cp",
                                "--sparse=always",
                                world.resolve("disk.img").toString(),
                                work.toString()))
                .succeeded();
        List<String> expected = new ArrayList<>();
        StringBuilder script = new StringBuilder();
        boolean mounted = !session.command().equals("inspect");
        script.append("{ :\n").append(mounted ? "cowfs mount disk.img mnt\n" : "").append(before);
        script.append("} >/dev/null 2>&1\n");
        session.steps()
                .forEach(
                        (command, lines) -> {
                            script.append(runnable(command)).append(" 2>&1\n");
                            expected.addAll(lines);
                        });
        List<String> printed = run(work, script.toString()).lines().toList();
        if (!expected.isEmpty()) {
            assertEquals(general(expected), general(printed), name);
        }
        run(work, "for m in mnt2 mnt; do ! mountpoint -q $m || cowfs umount $m; done\n");
        Command.run("check", work.resolve("disk.img")).succeeded();
        Command.run(List.of("rm", "-r", work.toString())).succeeded();
    }

    /// A documented command, with places and numbers of the test.
    private static String runnable(String command) {
        return command.replace("ssh backup cowfs", "$COWFS")
                .replaceAll("(?<=\\| )\\$COWFS", "cowfs")
                .replaceAll("(?<= )/mnt\\b", "mnt")
                .replace("/srv/backup.img", "backup.img")
                .replace("--free 20G", "--free 6M")
                .replaceAll("\\btxg disk.img \\d+", "txg disk.img 1")
                .replaceAll("^(cowfs purge .*)$", "$1 --yes");
    }

    private static List<String> general(List<String> lines) {
        return lines.stream()
                .map(line -> FIGURE.matcher(line).replaceAll("#").replaceAll(" +", " ").strip())
                .toList();
    }

    private static String run(Path work, String commands) throws IOException {
        Path script = Files.createTempFile(work, "session", ".sh");
        Files.writeString(
                script,
                "set -euo pipefail\ncd "
                        + work
                        + "\nmkdir -p mnt mnt2\nCOWFS=\""
                        + Command.shell()
                        + "\"\ncowfs() { "
                        + Command.shell()
                        + " \"$@\"; }\n"
                        + commands);
        Run run = Command.run(List.of("bash", script.toString()));
        assertEquals(0, run.exitCode(), () -> commands + run.out() + run.err());
        return run.out();
    }

    private static List<Session> sessions(String page) throws IOException {
        List<Session> sessions = new ArrayList<>();
        Map<String, List<String>> steps = new LinkedHashMap<>();
        boolean fenced = false;
        List<String> output = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("..", page))) {
            if (line.startsWith("```")) {
                if (fenced && !steps.isEmpty()) {
                    String first = steps.keySet().iterator().next();
                    Matcher command = COMMAND.matcher(first);
                    assertTrue(command.matches(), first);
                    sessions.add(new Session(page, command.group(1), steps));
                }
                fenced = !fenced;
                steps = new LinkedHashMap<>();
            } else if (fenced && COMMAND.matcher(line).matches()) {
                output = new ArrayList<>();
                steps.put(line.replaceFirst("^\\$ ", "").replaceFirst(" +#.*", ""), output);
            } else if (fenced && !line.contains("[y/N]")) {
                output.add(line);
            }
        }
        return sessions;
    }
}
