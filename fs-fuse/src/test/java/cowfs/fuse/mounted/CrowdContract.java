package cowfs.fuse.mounted;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Ref;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Many of everything.
public interface CrowdContract extends MountContract {
    @Test
    default void thousandsOfFilesAreOpenAtOnce() throws IOException {
        int count = 3000;
        Deque<FileChannel> open = new ArrayDeque<>();
        try {
            for (int i = 0; i < count; i++) {
                open.add(FileChannel.open(at("f" + i), CREATE_NEW, READ, WRITE));
                open.getLast().write(ByteBuffer.allocate(Integer.BYTES).putInt(i).flip());
            }
            for (int i = 0; i < count; i += 2) {
                Files.delete(at("f" + i));
            }
            int number = 0;
            for (FileChannel file : open) {
                ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES);
                file.read(bytes, 0);
                assertEquals(number++, bytes.getInt(0));
            }
        } finally {
            while (!open.isEmpty()) {
                open.poll().close();
            }
        }
        try (var names = Files.list(mounted().root())) {
            assertEquals(count / 2, names.count());
        }
    }

    @Test
    default void aThousandSnapshotsShow() throws Exception {
        Files.writeString(at("f"), "text");
        int count = 1000;
        for (int i = 0; i < count; i++) {
            mounted().operations().snapshot(Ref.parse("main@s" + i));
        }
        Shell shell = Shell.in(mounted().root());
        assertEquals(Integer.toString(count), shell.run("ls .snapshots | wc -l"));
        assertEquals("texttext", shell.run("cat .snapshots/s0/f .snapshots/s999/f"));
        List<Ref> half =
                IntStream.range(0, count / 2).mapToObj(i -> new Ref("main", "s" + i)).toList();
        mounted().operations().delete(half);
        assertEquals(Integer.toString(count / 2), shell.run("ls .snapshots | wc -l"));
    }

    /// What the kernel is told of, and forgets again, leaves nothing behind.
    @Test
    default void nodesThatTheKernelForgetsAreForgotten() throws Exception {
        Shell shell = Shell.in(mounted().root());
        shell.run("mkdir d");
        int before = mounted().mount().knownNodeCount();
        for (int round = 0; round < 5; round++) {
            shell.run("cd d; touch $(seq 500); mv 1 2; ln 3 x; ls -l > /dev/null; rm *");
        }
        await().until(() -> mounted().mount().knownNodeCount() <= before + 1);
        assertTrue(mounted().mount().requestCounts().get("CREATE") >= 2500);
    }
}
