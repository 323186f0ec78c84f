package cowfs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// overlayfs with the lower and the upper directory on one mount, as container engines have it. It
/// asks more of a filesystem than programs do: `trusted.` attributes, whiteouts, renames that leave
/// one, files without a name, types in listings, file handles.
final class OverlayIT {
    private static final String MOUNT =
            "mount -t overlay overlay merged -o lowerdir=lower,upperdir=upper,workdir=work,";

    private MountedDirectory mounted;
    private Shell shell;
    private boolean overlaid;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        mounted = new MountedDirectory();
        shell = Shell.in(mounted.root());
        shell.run("mkdir lower upper work merged");
        shell.run(
                "cd lower; mkdir -p d/sub e; echo a > d/a; echo b > d/b; echo c > d/sub/c; echo k > e/keep");
        shell.run(
                "cd lower; ln d/a hard; ln -s d/a link; mkfifo fifo; chmod 4711 d/b; setfattr -n user.x -v 1 d/b");
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        try {
            if (overlaid) {
                shell.run("umount merged");
            }
        } finally {
            mounted.close();
        }
    }

    private void overlay(String options) throws IOException, InterruptedException {
        shell.run(MOUNT + options);
        overlaid = true;
    }

    private void takeAway() throws IOException, InterruptedException {
        shell.run("umount merged");
        overlaid = false;
    }

    private Path merged(String relative) {
        return mounted.path("merged").resolve(relative);
    }

    @Test
    void theUpperLayerCanBeWritten() throws Exception {
        overlay("index=off");
        assertTrue(
                shell.run("grep ' overlay ' /proc/mounts | grep merged").contains("rw,"),
                "overlayfs makes it read-only when the upper directory lacks something");
        shell.run("cd merged; echo more >> d/a; echo new > e/new; mkdir f; chmod 600 e/keep");
        assertEquals("a\nmore", Files.readString(merged("d/a")).strip());
        assertEquals("a", shell.run("cat lower/d/a"));
        assertEquals(
                "4711 1",
                shell.run(
                        "cd merged; chgrp 5 d/b; chmod 4711 d/b; echo $(stat -c %a d/b) $(getfattr --only-values -n user.x d/b)"));
    }

    @Test
    void whatIsDeletedAboveStaysBelow() throws Exception {
        overlay("index=off");
        shell.run("cd merged; rm d/a; rm -r e; mkdir e");
        assertEquals("b sub", shell.run("echo $(ls merged/d)"));
        assertEquals("", shell.run("ls merged/e"));
        takeAway();
        assertEquals("character special file 0 0", shell.run("stat -c '%F %t %T' upper/d/a"));
        assertEquals("y", shell.run("getfattr --only-values -n trusted.overlay.opaque upper/e"));
        assertEquals("k", shell.run("cat lower/e/keep"));
        mounted.remount();
        overlay("index=off");
        assertEquals("b sub", shell.run("echo $(ls merged/d)"));
        assertEquals("", shell.run("ls merged/e"));
    }

    @Test
    void filesAndDirectoriesOfTheLowerLayerAreRenamed() throws Exception {
        overlay("redirect_dir=on,metacopy=on,index=on,xino=on");
        shell.run(
                "cd merged; mv d/sub e/sub; mv d/b e; mv d moved; mv link e/link; chmod 640 moved/a");
        String names = "cd merged; echo $(find . | sort)";
        String expected =
                ". ./e ./e/b ./e/keep ./e/link ./e/sub ./e/sub/c ./fifo ./hard ./moved ./moved/a";
        assertEquals(expected, shell.run(names));
        assertEquals("c", shell.run("cat merged/e/sub/c"));
        assertEquals("2 640", shell.run("stat -c '%h %a' merged/hard"), "one file by two names");
        takeAway();
        mounted.remount();
        overlay("redirect_dir=on,metacopy=on,index=on,xino=on");
        assertEquals(expected, shell.run(names));
        assertEquals("b", shell.run("cat merged/e/b"));
        assertEquals("c", shell.run("cat merged/e/sub/c"));
        assertEquals("d/sub", shell.run("find lower/d -mindepth 1 -type d -printf 'd/%P'"));
    }

    @Test
    void aTreeCanBeCopiedInAndDeleted() throws Exception {
        overlay("index=off");
        shell.run("mkdir merged/copy; cp -a lower/d lower/e merged/copy");
        shell.run("diff -r lower/d merged/copy/d; diff -r lower/e merged/copy/e");
        shell.run("rm -r merged/copy merged/d");
        assertEquals("e fifo hard link", shell.run("echo $(ls merged)"));
    }
}
