package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What stands in `docs/fstab.md` works with mount(8): in a mount namespace of its own, where
/// `/usr` has what the package installs, `/etc/fstab` is the one of the page, and `/srv` and `/mnt`
/// are directories of the test. (`scripts/test-package` tries the package itself.)
@Timeout(120)
final class FstabIT {
    private static final Path PACKAGING = Path.of("..", "scripts", "packaging");
    private static final Pattern UNIT = Pattern.compile("systemctl enable --now (cowfs-\\w+@).*");

    @RegisterExtension private final MountedImages images = new MountedImages();

    @Test
    void thePageWorksWithMount() throws IOException {
        List<String> fstab = fenced("/");
        List<String> commands = fenced("mount ", "umount ");
        assertFalse(fstab.isEmpty());
        assertFalse(commands.isEmpty());
        Path work = images.path("mnt").getParent();
        Path script = images.path("fstab.sh");
        Files.writeString(script, setUp(work, fstab) + use(commands));
        Run run = Command.run(List.of("unshare", "--mount", "bash", script.toString()));
        assertEquals(0, run.exitCode(), () -> run.out() + run.err());
    }

    @Test
    void theUnitsAreInThePackage() throws IOException {
        List<String> lines = fenced("systemctl ");
        assertFalse(lines.isEmpty());
        for (String line : lines) {
            Matcher unit = UNIT.matcher(line);
            assertTrue(unit.matches(), line);
            assertTrue(Files.exists(PACKAGING.resolve(unit.group(1) + ".timer")), line);
            assertTrue(Files.exists(PACKAGING.resolve(unit.group(1) + ".service")), line);
        }
    }

    private static String setUp(Path work, List<String> fstab) throws IOException {
        Path helper = PACKAGING.toRealPath().resolve("mount.fuse.cowfs");
        return """
        set -euo pipefail
        W=%s
        mount --make-rprivate /
        mkdir $W/over $W/data $W/old $W/other
        mount -t tmpfs tmpfs $W/over
        mkdir -p $W/over/up/bin $W/over/up/sbin $W/over/work
        install -m 755 %s $W/over/up/sbin/
        printf '%%s\\n' '#!/bin/sh' "exec %s \\"\\$@\\"" >$W/over/up/bin/cowfs
        chmod 755 $W/over/up/bin/cowfs
        mount -t overlay overlay -o lowerdir=/usr,upperdir=$W/over/up,workdir=$W/over/work /usr
        cat >$W/fstab <<END
        %s
        END
        mount --bind $W/fstab /etc/fstab
        mount --bind $W /srv
        mount --bind $W/other /mnt
        cowfs mkfs --size 64M /srv/disk.img
        cowfs mount /srv/disk.img /srv/data
        trap 'cowfs umount --all /srv/disk.img' EXIT
        echo before >/srv/data/file
        cowfs snapshot /srv/data main@monday
        cowfs clone /srv/data main experiment
        echo after >/srv/data/file
        cowfs umount /srv/data
        """
                .formatted(work, helper, Command.shell(), String.join("\n", fstab));
    }

    /// The commands of the page, and then all that is in its `/etc/fstab`.
    private static String use(List<String> commands) {
        StringBuilder script = new StringBuilder();
        for (String command : commands) {
            script.append("echo '$ ").append(command).append("'\n").append(command).append('\n');
            if (command.endsWith(" /mnt") && command.startsWith("mount")) {
                script.append("[ \"$(cat /mnt/file)\" = before ]\n");
                script.append(refused("touch /mnt/x"));
            }
        }
        script.append("[ -z \"$(ls /mnt)\" ]\n");
        script.append("mount -a -t fuse.cowfs\n");
        script.append("[ \"$(cat /srv/data/file /srv/old/file)\" = $'after\\nbefore' ]\n");
        script.append(refused("touch /srv/old/x"));
        script.append("[ \"$(cowfs info --json /srv/data | grep -c '\"pid\"')\" = 1 ]\n");
        return script.toString();
    }

    /// A line that ends the script when a command succeeds.
    private static String refused(String command) {
        return "if " + command + " 2>/dev/null; then exit 1; fi\n";
    }

    /// The lines between fences that begin with one of these.
    private static List<String> fenced(String... beginnings) throws IOException {
        List<String> found = new ArrayList<>();
        boolean fenced = false;
        for (String line : Files.readAllLines(Path.of("..", "docs", "fstab.md"))) {
            fenced ^= line.startsWith("```");
            if (fenced && List.of(beginnings).stream().anyMatch(line::startsWith)) {
                found.add(line);
            }
        }
        return found;
    }
}
