package cowfs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Golden images that were made to mislead, under the programs that would be misled.
final class HostileImageIT {
    private static final Path IMAGES = Path.of("..", "images");

    @TempDir private Path scratch;

    private interface Body {
        void run(Shell shell) throws IOException, InterruptedException;
    }

    private void onMountOf(String name, Body body) throws IOException, InterruptedException {
        Path image = scratch.resolve("test.img");
        try (InputStream packed =
                new GZIPInputStream(Files.newInputStream(IMAGES.resolve(name + ".img.gz")))) {
            Files.copy(packed, image);
        }
        Path root = Files.createDirectory(scratch.resolve("mnt"));
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Mount mount = Mounts.mount(pool, Ref.MAIN, root, MountOptions.of("test.img"));
            try {
                body.run(Shell.in(root));
            } finally {
                MountedDirectory.unmount(mount);
            }
        }
    }

    @Test
    void aNameWithASlashAndADirectoryBelowItselfAreErrors()
            throws IOException, InterruptedException {
        onMountOf(
                "v1-damaged-records",
                shell -> {
                    shell.run("ls");
                    shell.fails("ls directory", "Input/output error");
                    shell.fails("ls directory/deep", "Input/output error");
                    shell.fails("cat directory/ho/es", "");
                    shell.fails("find . -type f", "Input/output error");
                    shell.fails("cp -r . ../copy", "Input/output error");
                    shell.run("cat linked directory/plain > /dev/null");
                });
        assertFalse(Files.exists(scratch.resolve("copy/directory/deep")));
    }

    @Test
    void filesWithBadCopiesReadWell() throws IOException, InterruptedException {
        // diff can't compare special files
        onMountOf(
                "v1-damaged-copies",
                shell ->
                        shell.run(
                                "rm fifo device && cp -a . ../copy"
                                        + " && diff -r --no-dereference . ../copy"));
    }

    @Test
    void theLargestFileCanBeReadAtItsEnds() throws IOException, InterruptedException {
        onMountOf(
                "v1-empty",
                shell -> {
                    long largest = Long.MAX_VALUE - 4095;
                    shell.run("truncate -s " + largest + " large");
                    assertEquals("" + largest, shell.run("stat -c %s large"));
                    assertEquals("10", shell.run("head -c 10 large | wc -c"));
                    assertEquals("10", shell.run("tail -c 10 large | wc -c"));
                    shell.run("printf end | dd of=large bs=1 seek=" + (largest - 3));
                    assertEquals("end", shell.run("tail -c 3 large"));
                });
    }
}
