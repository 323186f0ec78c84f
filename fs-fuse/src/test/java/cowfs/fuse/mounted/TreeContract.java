package cowfs.fuse.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Real trees and the programs that people run on them.
public interface TreeContract extends MountContract {
    /// Everything about a tree that `cp -a` keeps; the sizes of directories are each filesystem's
    /// own.
    String METADATA =
            "find . -printf '%P|%y|%m|%U|%G|%l|%T@|' \\( -type f -printf '%s|%n\\n' -o -printf '\\n' \\) | sort";

    /// A folder of the system with thousands of files: the first of several that is large enough.
    private static Path systemFolder() throws IOException {
        for (String candidate :
                new String[] {"/usr/share/doc", "/usr/share/perl", "/usr/lib", "/usr/share"}) {
            Path folder = Path.of(candidate);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> all = Files.walk(folder)) {
                    if (all.limit(2000).count() == 2000) {
                        return folder;
                    }
                }
            }
        }
        throw new AssertionError("no folder of the system has 2000 files");
    }

    @Test
    default void aSystemFolderIsCopiedWithAllThatBelongsToIt() throws Exception {
        Path source = systemFolder();
        Shell shell = Shell.in(mounted().root());
        shell.run("cp -a " + source + " copy");
        shell.run("diff -r --no-dereference " + source + " copy");
        String expected = Shell.in(source).run(METADATA);
        assertTrue(expected.lines().count() >= 2000, "files in " + source);
        assertEquals(expected, Shell.in(at("copy")).run(METADATA));
        Files.createDirectory(mounted().snapshot("full"));
        mounted().remount();
        assertEquals(expected, Shell.in(at("copy")).run(METADATA));
        shell.run("diff -r --no-dereference " + source + " copy && rm -r copy");
        shell.run("diff -r --no-dereference " + source + " .snapshots/full/copy");
        assertEquals("", shell.run("ls -A"));
    }

    @Test
    default void aGitRepositoryStaysSound() throws Exception {
        Shell shell = Shell.in(mounted().root());
        String git = "git -c user.name=t -c user.email=t@example.org -c init.defaultBranch=main ";
        shell.run(git + "init -q one && cp -a /etc/. one/ 2>/dev/null || true");
        shell.run(
                "cd one && find . -type s -delete; find . -depth -type d -empty -not -path './.git/*' -delete; "
                        + git
                        + "add -f . && "
                        + git
                        + "commit -q -m first");
        shell.run(
                "cd one && "
                        + git
                        + "gc -q && "
                        + git
                        + "fsck --full && [ -z \"$(git status --porcelain)\" ]");
        shell.run(git + "clone -q one two && cd two && " + git + "fsck --full");
        shell.run("diff -r --no-dereference -x .git one two");
    }

    @Test
    default void aDatabaseKeepsItsTables() throws Exception {
        Shell shell = Shell.in(mounted().root());
        for (String mode : new String[] {"delete", "wal"}) {
            shell.run(
                    "sqlite3 "
                            + mode
                            + ".db 'pragma journal_mode="
                            + mode
                            + "; create table t(a integer primary key, b text);'");
            for (int i = 0; i < 5; i++) {
                shell.run(
                        "sqlite3 "
                                + mode
                                + ".db \"with recursive n(i) as (select 1 union all select i+1 from n where i<2000)"
                                + " insert into t(b) select hex(randomblob(50)) from n;\"");
            }
            shell.run("sqlite3 " + mode + ".db 'delete from t where a % 3 = 0; vacuum;'");
            assertEquals(
                    "ok\n6667",
                    shell.run(
                            "sqlite3 "
                                    + mode
                                    + ".db 'pragma integrity_check; select count(*) from t;'"));
        }
    }

    @Test
    default void tarRestoresWhatItPacked() throws Exception {
        Shell shell = Shell.in(mounted().root());
        shell.run(
                "mkdir src; cd src; mkdir -p a/b; echo 1 > a/b/f; ln a/b/f a/g; ln -s b/f a/l; mkfifo p; truncate -s 1M sparse");
        shell.run("tar -C src --format=posix -cSf t.tar . && mkdir dst && tar -C dst -xpf t.tar");
        assertEquals(Shell.in(at("src")).run(METADATA), Shell.in(at("dst")).run(METADATA));
    }
}
