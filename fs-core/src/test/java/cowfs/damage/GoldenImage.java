package cowfs.damage;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.device.MemoryDevice;
import cowfs.format.Blocks;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// An image that is kept for good, with a manifest of all that must be found in it: `NAME.img.gz`
/// and `NAME.manifest.gz`.
///
/// A manifest is text. It tells whether recovery had something to announce, the findings of the
/// checker (code, record and place, not their wording), and everything that {@link VolumeDump}
/// sees, with the kind of the error where there must be one.
record GoldenImage(Path directory, String name) {
    /// Where the images are, seen from the module.
    static final Path DIRECTORY = Path.of("..", "images");

    static List<GoldenImage> all() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".img.gz"))
                    .map(file -> new GoldenImage(DIRECTORY, file.replace(".img.gz", "")))
                    .sorted((a, b) -> a.name.compareTo(b.name))
                    .toList();
        }
    }

    /// What a manifest says of an image.
    static List<String> describe(Trial trial) {
        List<String> lines = new ArrayList<>();
        lines.add("refused " + (trial.refused() != null));
        lines.add("recovered " + !trial.note().isEmpty());
        // their order is the checker's own business
        trial.findings().stream()
                .map(finding -> "finding " + finding.substring(0, finding.indexOf(", ")))
                .sorted()
                .forEach(lines::add);
        if (trial.dump() != null) {
            trial.dump().lines().forEach((key, value) -> lines.add(key + " = " + value));
        }
        return lines;
    }

    MemoryDevice image() throws IOException {
        MemoryDevice device = new MemoryDevice(0);
        byte[] block = new byte[Blocks.SIZE];
        byte[] zeros = new byte[Blocks.SIZE];
        try (InputStream in = new GZIPInputStream(Files.newInputStream(path(".img.gz")), 1 << 16)) {
            for (long at = 0; in.readNBytes(block, 0, block.length) == block.length; at += 4096) {
                device.resizeTo(at + block.length);
                if (!Arrays.equals(block, zeros)) {
                    device.write(at, ByteBuffer.wrap(block.clone()));
                }
            }
        }
        return device;
    }

    List<String> manifest() throws IOException {
        byte[] packed = Files.readAllBytes(path(".manifest.gz"));
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }

    /// Writes an image and the manifest of what is found in it now.
    void write(MemoryDevice image) throws IOException {
        try (OutputStream out = packed(path(".img.gz"))) {
            byte[] block = new byte[1 << 20];
            for (long at = 0; at < image.sizeBytes(); at += block.length) {
                image.copy().read(at, ByteBuffer.wrap(block));
                out.write(block);
            }
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (String line : describe(Trial.of(image))) {
            text.write((line + "\n").getBytes(UTF_8));
        }
        try (OutputStream out = packed(path(".manifest.gz"))) {
            text.writeTo(out);
        }
    }

    private static OutputStream packed(Path file) throws IOException {
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        return new GZIPOutputStream(out, 1 << 16) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        };
    }

    private Path path(String suffix) {
        return directory.resolve(name + suffix);
    }

    @Override
    public String toString() {
        return name;
    }
}
