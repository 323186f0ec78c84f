package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/// A snapshot of a database that was being written to: record after record, each when the one
/// before was acknowledged.
///
/// @param before records that had been acknowledged when it was asked for
/// @param after records that had been acknowledged when it was there
record LiveSnapshot(String name, long before, long after) {
    /// Waits for some writes, and takes one.
    private static LiveSnapshot take(AcknowledgedWriter writer, Path source, String name)
            throws IOException {
        long at = writer.acknowledged();
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> writer.acknowledged() > at + 200);
        long before = writer.acknowledged();
        Command.run("snapshot", source, "main@" + name).succeeded();
        return new LiveSnapshot(name, before, writer.acknowledged());
    }

    /// Takes two snapshots while a writer goes on, and sends both, the second as an increment.
    static List<LiveSnapshot> sendTwo(AcknowledgedWriter writer, Path source, Path target)
            throws IOException {
        LiveSnapshot first = take(writer, source, "first");
        long before = writer.acknowledged();
        send(source, target, "main@first");
        assertTrue(writer.acknowledged() > before, "writes went on while it was sent");
        LiveSnapshot second = take(writer, source, "second");
        send(source, target, "main@second", "--from", "main@first");
        return List.of(first, second);
    }

    /// Checks how many records a copy has: the one that was on its way may be among them.
    void assertHas(long count) {
        assertTrue(
                count >= before && count <= after + 1,
                () -> "the copy has " + count + " records, the snapshot was " + this);
    }

    /// Sends from one pool to the subvolume `copy` of another.
    private static void send(Path source, Path target, String... what) throws IOException {
        List<String> send = Command.words("send", source);
        send.addAll(List.of(what));
        Process sender =
                new ProcessBuilder(send).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Process receiver =
                new ProcessBuilder(Command.words("receive", target, "copy"))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (OutputStream pipe = receiver.getOutputStream()) {
            sender.getInputStream().transferTo(pipe);
        }
        assertEquals(0, sender.onExit().join().exitValue());
        assertEquals(0, receiver.onExit().join().exitValue());
    }
}
