package cowfs.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/// Many files of 1 KiB in 100 directories: created, listed, looked at, read, renamed, deleted.
///
/// What follows a remount finds nothing in the kernel's caches.
///
/// @param fileCount a multiple of 100
record SmallFileLoad(int fileCount) implements Load {
    private static final int DIRECTORIES = 100;
    private static final int FILE_BYTES = 1024;

    @Override
    public List<Figure> run(Peer peer) throws IOException {
        Path top = peer.mountPoint().resolve("small");
        List<Figure> figures = new ArrayList<>();
        figures.add(figure("create 1 KiB files", () -> create(top)));
        figures.add(figure("stat, cached", () -> stat(top)));
        peer.remount();
        figures.add(figure("stat", () -> stat(top)));
        peer.remount();
        figures.add(figure("list and stat", () -> listAndStat(top)));
        peer.remount();
        figures.add(figure("list", () -> list(top)));
        peer.remount();
        figures.add(figure("open, read, close", () -> read(top)));
        figures.add(figure("rename", () -> rename(top)));
        figures.add(figure("delete", () -> delete(top)));
        peer.run("rm", "-r", top.toString());
        return figures;
    }

    private interface Step {
        void run() throws IOException;
    }

    private Figure figure(String name, Step step) throws IOException {
        long start = System.nanoTime();
        step.run();
        return Figure.rate(name, "files/s", fileCount, System.nanoTime() - start);
    }

    private static Path directory(Path top, int i) {
        return top.resolve("d" + i % DIRECTORIES);
    }

    private static Path file(Path top, int i) {
        return directory(top, i).resolve("f" + i);
    }

    private static Path renamed(Path top, int i) {
        return directory(top, i + 1).resolve("r" + i);
    }

    private void create(Path top) throws IOException {
        ByteBuffer content = ByteBuffer.allocateDirect(FILE_BYTES);
        Files.createDirectory(top);
        for (int i = 0; i < DIRECTORIES; i++) {
            Files.createDirectory(directory(top, i));
        }
        for (int i = 0; i < fileCount; i++) {
            try (FileChannel channel =
                    FileChannel.open(
                            file(top, i),
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE)) {
                channel.write(content.clear());
            }
        }
    }

    private void stat(Path top) throws IOException {
        for (int i = 0; i < fileCount; i++) {
            requireSize(file(top, i));
        }
    }

    private void listAndStat(Path top) throws IOException {
        for (int i = 0; i < DIRECTORIES; i++) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(top, i))) {
                for (Path each : files) {
                    requireSize(each);
                }
            }
        }
    }

    private void list(Path top) throws IOException {
        int seen = 0;
        for (int i = 0; i < DIRECTORIES; i++) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(top, i))) {
                for (Path each : files) {
                    seen += each.getFileName().toString().startsWith("f") ? 1 : 0;
                }
            }
        }
        if (seen != fileCount) {
            throw new IOException(top + " lists " + seen + " files, not " + fileCount);
        }
    }

    private void read(Path top) throws IOException {
        ByteBuffer content = ByteBuffer.allocateDirect(FILE_BYTES);
        for (int i = 0; i < fileCount; i++) {
            try (FileChannel channel = FileChannel.open(file(top, i), StandardOpenOption.READ)) {
                if (channel.read(content.clear()) != FILE_BYTES) {
                    throw new IOException(file(top, i) + " is short");
                }
            }
        }
    }

    private void rename(Path top) throws IOException {
        for (int i = 0; i < fileCount; i++) {
            Files.move(file(top, i), renamed(top, i), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void delete(Path top) throws IOException {
        for (int i = 0; i < fileCount; i++) {
            Files.delete(renamed(top, i));
        }
    }

    private static void requireSize(Path file) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.size() != FILE_BYTES) {
            throw new IOException(file + " has " + attributes.size() + " bytes");
        }
    }
}
