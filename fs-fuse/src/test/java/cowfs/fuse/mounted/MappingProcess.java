package cowfs.fuse.mounted;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/// Another process that has a file mapped for writing.
///
/// It must be another one: a thread that waits in a page fault keeps its virtual machine from
/// collecting garbage, which the threads that serve the mount may be about to do.
public final class MappingProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter orders;

    private MappingProcess(Process process) {
        this.process = process;
        answers =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        orders = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    }

    /// Maps all of a file, shared. The file itself is closed again.
    public static MappingProcess start(Path file) throws IOException {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process process =
                new ProcessBuilder(
                                java,
                                "-Xshare:auto",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                MappingProcess.class.getName(),
                                file.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        MappingProcess mapping = new MappingProcess(process);
        mapping.expect("mapped");
        return mapping;
    }

    public void write(long offset, int value) throws IOException {
        orders.println("write " + offset + " " + value);
        expect("written");
    }

    public int read(long offset) throws IOException {
        orders.println("read " + offset + " 0");
        return Integer.parseInt(String.valueOf(answers.readLine()));
    }

    /// Unmaps, without a flush.
    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("the mapping process still runs");
        }
    }

    private void expect(String answer) throws IOException {
        String line = answers.readLine();
        if (!answer.equals(line)) {
            throw new IOException("the mapping process said " + line);
        }
    }

    /// The process itself.
    public static void main(String[] arguments) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory;
            try (FileChannel file =
                    FileChannel.open(
                            Path.of(arguments[0]),
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE)) {
                memory = file.map(FileChannel.MapMode.READ_WRITE, 0, file.size(), arena);
            }
            System.out.println("mapped");
            BufferedReader orders =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = orders.readLine(); line != null; line = orders.readLine()) {
                String[] words = line.split(" ", -1);
                long offset = Long.parseLong(words[1]);
                if (words[0].equals("read")) {
                    System.out.println(memory.get(ValueLayout.JAVA_BYTE, offset));
                } else {
                    memory.set(ValueLayout.JAVA_BYTE, offset, (byte) Integer.parseInt(words[2]));
                    System.out.println("written");
                }
            }
        }
    }
}
